// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import org.jspecify.annotations.Nullable;

/** A policy over the eligible nodes of one table. */
abstract class Picker {
    private static final int REDRAWS = 3;

    final Node<?>[] nodes;

    Picker(Node<?>[] nodes) {
        this.nodes = nodes;
    }

    /** An index into the nodes, of which there is at least one. */
    abstract int pick(@Nullable PickContext context);

    /**
     * Another index than the tried one that was just picked, if there is any untried node. Asks the policy a few times,
     * then takes the least busy untried one.
     */
    int pickUntried(PickContext context, int tried) {
        for (int i = 0; i < REDRAWS; i++) {
            int again = pick(context);
            if (!context.tried(nodes[again].id)) {
                return again;
            }
        }
        int best = -1;
        long load = Long.MAX_VALUE;
        for (int i = 1; i <= nodes.length; i++) {
            int at = (tried + i) % nodes.length;
            long next = nodes[at].inFlight();
            if (next < load && !context.tried(nodes[at].id)) {
                best = at;
                load = next;
            }
        }
        return best < 0 ? tried : best;
    }

    /** Whether {@link #limit} is one. */
    boolean bounded() {
        return false;
    }

    /** How many calls the node may have in flight for another one to be allowed: fewer than this, at this moment. */
    int limit(int at) {
        return Integer.MAX_VALUE;
    }

    /** A policy's memory, which outlives the tables; {@code over} is called by one thread at a time. */
    @FunctionalInterface
    interface Chooser {
        /** {@code warmth}: what share of its weight each may have, 1 to 100 %, or null if nobody is warming up. */
        Picker over(Node<?>[] nodes, int[] weights, int @Nullable [] warmth);

        /** The same for who needs to know all nodes that could be eligible; both sorted by id. */
        default Picker over(Node<?>[] members, Node<?>[] nodes, int[] weights, int @Nullable [] warmth) {
            return over(nodes, weights, warmth);
        }
    }

    /** Weights while some nodes warm up. */
    static int[] warm(int[] weights, int @Nullable [] warmth) {
        if (warmth == null) {
            return weights;
        }
        int[] warm = new int[weights.length];
        for (int i = 0; i < warm.length; i++) {
            warm[i] = weights[i] * warmth[i]; // up to 10^8
        }
        return warm;
    }

    static boolean equal(int[] weights) {
        for (int weight : weights) {
            if (weight != weights[0]) {
                return false;
            }
        }
        return true;
    }
}
