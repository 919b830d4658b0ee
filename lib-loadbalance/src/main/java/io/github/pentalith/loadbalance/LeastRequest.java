// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import org.jspecify.annotations.Nullable;

/**
 * The least busy of d nodes drawn without replacement (M. Mitzenmacher, "The power of two choices in randomized load
 * balancing", 2001, doi:10.1109/71.963420); of all, if there are no more than d. Drawing the same node twice, as several
 * proxies do, would send a quarter of the calls to the busier of two.
 *
 * <p>With unequal weights the candidates are drawn in proportion to them, and in flight / weight is compared. So an idle
 * fleet is used in proportion to the weights, and a busy one is filled in proportion to them.
 */
final class LeastRequest extends Picker {
    private final int choices;
    private final Draw draw;
    private final int @Nullable [] weights; // null: all equal
    private final @Nullable AliasTable byWeight;

    LeastRequest(Node<?>[] nodes, int[] weights, int choices, Draw draw) {
        super(nodes);
        this.choices = choices;
        this.draw = draw;
        boolean equal = equal(weights);
        this.weights = equal ? null : weights;
        this.byWeight = equal ? null : new AliasTable(weights);
    }

    @Override
    int pick(@Nullable PickContext context) {
        int n = nodes.length;
        if (n == 1) {
            return 0;
        }
        if (choices == 2) {
            return byWeight == null ? pickOfTwo(n, draw.bits()) : pickOfTwoByWeight(byWeight, n);
        }
        return pickOfMany(n);
    }

    private int pickOfTwo(int n, long bits) {
        int a = Draw.high(bits, n);
        int b = Draw.low(bits, n - 1);
        b += (a - 1 - b) >>> 31; // one more if b >= a, without a branch that nobody could predict
        return nodes[b].inFlight() < nodes[a].inFlight() ? b : a;
    }

    private int pickOfTwoByWeight(AliasTable table, int n) {
        int a = table.draw(draw.bits());
        int b = table.draw(draw.bits());
        if (b == a) {
            b = table.draw(draw.bits());
            if (b == a) {
                b = a + 1 + draw.below(n - 1); // one has nearly all the weight: anybody else
                b = b >= n ? b - n : b;
            }
        }
        return lessBusy(b, a) ? b : a;
    }

    /** One from each of d strata of nearly equal size, turned by a random angle: distinct, and each node equally often. */
    private int pickOfMany(int n) {
        int d = Math.min(choices, n);
        int turn = draw.below(n);
        int best = -1;
        for (int i = 0; i < d; i++) {
            int from = (int) ((long) i * n / d);
            int to = (int) ((long) (i + 1) * n / d);
            int at = turn + from + (to - from == 1 ? 0 : draw.below(to - from));
            at = at >= n ? at - n : at;
            if (best < 0 || lessBusy(at, best)) {
                best = at;
            }
        }
        return best;
    }

    private boolean lessBusy(int a, int b) {
        long busyA = nodes[a].inFlight();
        long busyB = nodes[b].inFlight();
        if (weights != null) {
            busyA *= weights[b];
            busyB *= weights[a];
        }
        return busyA < busyB;
    }
}
