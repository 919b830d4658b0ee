// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import io.github.pentalith.sharding.Placement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The owner of the request's affinity in a placement of lib-sharding, or the next owner who can take it.
 *
 * <p>The placement is over all members that are not drained, whether they are well or not: an endpoint that falls ill or is
 * ejected moves its own keys, to their next owners, and no others; when it comes back they come back. It is built anew only
 * when members or weights change.
 *
 * <p>While an endpoint warms up it takes a growing part of its keys, always the same ones first.
 *
 * <p><b>Bounded load</b> (V. Mirrokni, M. Thorup, M. Zadimoghaddam, "Consistent hashing with bounded loads", 2018,
 * doi:10.1137/1.9781611975031.39): nobody has more calls in flight than {@code ceil((1 + epsilon) x (all calls in flight + 1)
 * x its share of the weight)}; who is full sends a key on to its next owner. There is always room, as the bounds add up to
 * more than there is.
 */
final class ConsistentHash extends Picker {
    private static final int NEXT_OWNERS = 4; // asked for at first
    private static final int STEPS = 100; // of weight, if exact ones do not fit a placement

    /** A policy's memory: the placement over the last members. */
    static final class Memory implements Picker.Chooser {
        private final Placement choice;
        private final double epsilon; // infinite: not bounded
        private final Draw draw;
        private List<io.github.pentalith.sharding.Node> over = List.of();
        private Placement placement;

        Memory(Placement choice, double epsilon, Draw draw) {
            this.choice = choice;
            this.epsilon = epsilon;
            this.draw = draw;
            this.placement = choice;
        }

        @Override
        public Picker over(Node<?>[] nodes, int[] weights, int @Nullable [] warmth) {
            return over(nodes, nodes, weights, warmth);
        }

        @Override
        public Picker over(Node<?>[] members, Node<?>[] nodes, int[] weights, int @Nullable [] warmth) {
            int[] shares = new int[members.length];
            for (int i = 0; i < shares.length; i++) {
                shares[i] = members[i].endpoint().weight();
            }
            List<io.github.pentalith.sharding.Node> owners = owners(members, reduced(shares));
            if (!owners.equals(over)) {
                placement = build(members, shares, owners);
                over = owners;
            }
            int[] index = new int[members.length];
            int at = 0;
            for (int i = 0; i < index.length; i++) {
                boolean eligible = at < nodes.length && nodes[at].id.equals(members[i].id);
                index[i] = eligible ? at++ : -1;
            }
            return new ConsistentHash(nodes, weights, warmth, placement, index, epsilon, draw);
        }

        private Placement build(Node<?>[] members, int[] shares, List<io.github.pentalith.sharding.Node> owners) {
            try {
                return choice.over(owners);
            } catch (IllegalArgumentException tooMuchWeight) {
                try {
                    return choice.over(owners(members, scaled(shares)));
                } catch (IllegalArgumentException tooMany) {
                    return Placement.rendezvous().over(owners);
                }
            }
        }

        private static List<io.github.pentalith.sharding.Node> owners(Node<?>[] members, int[] weights) {
            List<io.github.pentalith.sharding.Node> owners = new ArrayList<>(members.length);
            for (int i = 0; i < members.length; i++) {
                owners.add(new io.github.pentalith.sharding.Node(members[i].id, weights[i], null));
            }
            return owners;
        }

        private static int[] reduced(int[] weights) {
            int divisor = 0;
            for (int weight : weights) {
                divisor = divisor(weight, divisor);
            }
            int by = Math.max(1, divisor);
            return Arrays.stream(weights).map(weight -> weight / by).toArray();
        }

        private static int divisor(int a, int b) {
            return b == 0 ? a : divisor(b, a % b);
        }

        private static int[] scaled(int[] weights) {
            double heaviest = Arrays.stream(weights).max().orElse(1);
            return Arrays.stream(weights)
                    .map(weight -> (int) Math.max(1, Math.round(STEPS * weight / heaviest)))
                    .toArray();
        }
    }

    private final int[] weights;
    private final int @Nullable [] warmth;
    private final Placement placement;
    private final int[] index; // of the placement's nodes among the eligible ones, or -1
    private final double epsilon;
    private final long sum;
    private final Draw draw;

    private ConsistentHash(
            Node<?>[] nodes,
            int[] weights,
            int @Nullable [] warmth,
            Placement placement,
            int[] index,
            double epsilon,
            Draw draw) {
        super(nodes);
        this.weights = weights;
        this.warmth = warmth;
        this.placement = placement;
        this.index = index;
        this.epsilon = epsilon;
        this.draw = draw;
        long all = 0;
        for (int weight : weights) {
            all += weight;
        }
        this.sum = all;
    }

    @Override
    int pick(@Nullable PickContext context) {
        long hash = context != null && context.sticky() ? context.hash() : draw.bits();
        long calls = calls();
        int first = index[placement.locate(hash)];
        if (first >= 0 && hasRoom(first, calls) && warm(first, hash)) {
            return first;
        }
        return next(hash, calls, null);
    }

    @Override
    int pickUntried(PickContext context, int tried) {
        return next(context.sticky() ? context.hash() : draw.bits(), calls(), context);
    }

    /** The first owner that is eligible, has room, is warm and untried; else without the last two, in that order. */
    private int next(long hash, long calls, @Nullable PickContext context) {
        int untried = -1;
        int any = -1;
        int last = -1;
        int seen = 0;
        for (int count = Math.min(NEXT_OWNERS, index.length); ; count = index.length) {
            int[] owners = new int[count];
            int found = placement.replicas(hash, owners);
            for (; seen < found; seen++) {
                int at = index[owners[seen]];
                if (at < 0) {
                    continue;
                }
                last = last < 0 ? at : last;
                if (hasRoom(at, calls)) {
                    boolean fresh = context == null || !context.tried(nodes[at].id);
                    if (fresh && warm(at, hash)) {
                        return at;
                    }
                    untried = fresh && untried < 0 ? at : untried;
                    any = any < 0 ? at : any;
                }
            }
            if (count == index.length) {
                return untried >= 0 ? untried : any >= 0 ? any : Math.max(0, last);
            }
        }
    }

    private boolean warm(int at, long hash) {
        // Another part of the hash than placements read first, so that it is not the keys of one arc.
        return warmth == null || Draw.low(Draw.mixed(hash), 100) < warmth[at];
    }

    private long calls() {
        if (epsilon == Double.POSITIVE_INFINITY) {
            return 0;
        }
        long calls = 0;
        for (Node<?> node : nodes) {
            calls += node.inFlight();
        }
        return calls;
    }

    private boolean hasRoom(int at, long calls) {
        return epsilon == Double.POSITIVE_INFINITY || nodes[at].inFlight() < bound(at, calls);
    }

    private int bound(int at, long calls) {
        double bound = Math.ceil((1 + epsilon) * (calls + 1) * weights[at] / sum - 1e-9);
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, bound));
    }

    @Override
    boolean bounded() {
        return epsilon != Double.POSITIVE_INFINITY;
    }

    @Override
    int limit(int at) {
        return epsilon == Double.POSITIVE_INFINITY ? Integer.MAX_VALUE : bound(at, calls());
    }
}
