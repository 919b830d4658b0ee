// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import org.jspecify.annotations.Nullable;

/**
 * First a group of nodes by its share of the load, then one of its nodes by the policy. Requests with an affinity choose the
 * group by its hash, so that equal keys stay together while the shares stay.
 */
final class SplitPick extends Picker {
    private final Picker[] groups;
    private final int[] starts; // of the groups among all nodes
    private final double[] upTo; // cumulative shares
    private final Draw draw;

    SplitPick(Node<?>[] nodes, Picker[] groups, double[] shares, Draw draw) {
        super(nodes);
        this.groups = groups;
        this.draw = draw;
        this.starts = new int[groups.length];
        this.upTo = new double[groups.length];
        double sum = 0;
        int start = 0;
        for (int i = 0; i < groups.length; i++) {
            starts[i] = start;
            start += groups[i].nodes.length;
            sum += shares[i];
            upTo[i] = sum;
        }
    }

    @Override
    int pick(@Nullable PickContext context) {
        double at = context != null && context.sticky() ? Draw.share(Draw.mixed(context.hash())) : draw.share();
        int group = 0;
        while (group < upTo.length - 1 && at >= upTo[group]) {
            group++;
        }
        return starts[group] + groups[group].pick(context);
    }

    /** In the group first; then anybody, also of a group that has no share: better far away than the same again. */
    @Override
    int pickUntried(PickContext context, int tried) {
        int group = group(tried);
        int again = starts[group] + groups[group].pickUntried(context, tried - starts[group]);
        return context.tried(nodes[again].id) ? super.pickUntried(context, tried) : again;
    }

    @Override
    boolean bounded() {
        return groups[0].bounded();
    }

    @Override
    int limit(int at) {
        int group = group(at);
        return groups[group].limit(at - starts[group]);
    }

    private int group(int at) {
        int group = starts.length - 1;
        while (starts[group] > at) {
            group--;
        }
        return group;
    }
}
