// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Arrays;

/**
 * Decides who owns which slot after a change.
 *
 * <p><b>Shares.</b> Webster's method of apportionment (Sainte-Laguë) after one slot for everybody: the next slot goes to
 * the greatest {@code weight / (share + 1/2)}, among equals to the smaller id. A small weight cannot make a node vanish.
 * The better known method of the largest remainder would keep every share within one slot of the exact one without
 * exception, but then a node that comes can <i>raise</i> the share of another: slots would move between bystanders. No
 * method has both properties (M. Balinski, H. Young, "Fair Representation", 1982), and here movement costs more than a
 * slot. All of it in whole numbers, so that the result is the same everywhere, and independent of history.
 *
 * <p><b>Movement.</b> A node above its share gives up just the difference, and only free slots are handed out; so {@code
 * sum(max(0, held - share))} slots move, and no plan that reaches these shares moves less. Time is linear in the slots
 * plus {@code n log n} for the shares.
 */
final class SlotPlanner {
    /** Instead of an owner: none. */
    static final int FREE = -1;

    private SlotPlanner() {}

    /**
     * {@return the owner of each slot among {@code next}}
     *
     * @param previous the nodes before, sorted; may be empty
     * @param table the owner of each slot among {@code previous}; empty if there are none
     */
    static int[] plan(Node[] previous, int[] table, Node[] next, int slots) {
        int[] owners = carriedOver(previous, table, next, slots);
        int[] missing = shares(next, slots);
        for (int owner : owners) {
            if (owner != FREE) {
                missing[owner]--;
            }
        }
        for (int slot = slots - 1; slot >= 0; slot--) {
            int owner = owners[slot];
            if (owner != FREE && missing[owner] < 0) {
                missing[owner]++;
                owners[slot] = FREE;
            }
        }
        int receiver = 0;
        for (int slot = 0; slot < slots; slot++) {
            if (owners[slot] == FREE) {
                while (missing[receiver] <= 0) {
                    receiver++;
                }
                owners[slot] = receiver;
                missing[receiver]--;
            }
        }
        return owners;
    }

    /** The old table in the new indices; both lists are sorted by id, so one walk pairs them. */
    private static int[] carriedOver(Node[] previous, int[] table, Node[] next, int slots) {
        int[] owners = new int[slots];
        if (previous.length == 0) {
            Arrays.fill(owners, FREE);
            return owners;
        }
        int[] renamed = renamed(previous, next);
        for (int slot = 0; slot < slots; slot++) {
            owners[slot] = renamed[table[slot]];
        }
        return owners;
    }

    private static int[] renamed(Node[] previous, Node[] next) {
        int[] renamed = new int[previous.length];
        int j = 0;
        for (int i = 0; i < previous.length; i++) {
            String id = previous[i].id();
            // Equal first: of a node that stays the id is mostly the same object.
            while (j < next.length && !next[j].id().equals(id) && next[j].id().compareTo(id) < 0) {
                j++;
            }
            renamed[i] = j < next.length && next[j].id().equals(id) ? j : FREE;
        }
        return renamed;
    }

    /**
     * {@return for each slot the node that is to keep a copy although it is not the first owner any more; empty if there
     * is none}
     *
     * <p>A first owner that gives way to a node of another zone leaves its own zone without a copy, and the next one
     * drawn there would mostly be another node: a second move where one would do. So it is remembered.
     *
     * @param previous the nodes before, sorted; may be empty
     * @param table the owner of each slot among {@code previous}
     * @param kept what this method returned for {@code previous}
     * @param owners the owner of each slot among {@code next}
     */
    static int[] kept(Node[] previous, int[] table, int[] kept, Node[] next, int[] owners) {
        int[] none = {};
        if (table.length == 0 || Arrays.stream(next).allMatch(node -> node.zone() == null)) {
            return none;
        }
        Zones zones = new Zones(next);
        int[] renamed = renamed(previous, next);
        int[] result = new int[owners.length];
        boolean any = false;
        for (int slot = 0; slot < owners.length; slot++) {
            int before = kept.length == 0 || kept[slot] == FREE ? FREE : renamed[kept[slot]];
            result[slot] = FREE;
            for (int node : new int[] {before, renamed[table[slot]]}) {
                if (result[slot] == FREE && node != FREE && zones.sharesAZoneOtherThanThatOf(node, owners[slot])) {
                    result[slot] = node;
                    any = true;
                }
            }
        }
        return any ? result : none;
    }

    /** {@return how many slots each node is to have; at least one, in all as many as there are} */
    static int[] shares(Node[] nodes, int slots) {
        int[] shares = new int[nodes.length];
        long weights = 0;
        boolean equal = true;
        for (Node node : nodes) {
            weights += node.weight();
            equal &= node.weight() == nodes[0].weight();
        }
        if (equal) {
            // What the claims below come to, without asking half the nodes for theirs.
            for (int i = 0; i < nodes.length; i++) {
                shares[i] = slots / nodes.length + (i < slots % nodes.length ? 1 : 0);
            }
            return shares;
        }
        long excess = 0;
        long target = slots;
        do {
            target = Math.max(0, target - excess);
            excess = -slots;
            for (int i = 0; i < nodes.length; i++) {
                // The target's part of this node, rounded to the nearest, halves down.
                long rounded = (2 * target * nodes[i].weight() + weights - 1) / (2 * weights);
                shares[i] = (int) Math.max(1, rounded);
                excess += shares[i];
            }
        } while (excess > 0);
        if (excess < 0) {
            new Claims(nodes, shares).grant(-excess);
        }
        return shares;
    }

    /** A binary heap of the nodes with the strongest claim to another slot on top. */
    private static final class Claims {
        private final Node[] nodes;
        private final int[] shares;
        private final int[] heap;

        Claims(Node[] nodes, int[] shares) {
            this.nodes = nodes;
            this.shares = shares;
            this.heap = new int[nodes.length];
            for (int i = 0; i < heap.length; i++) {
                heap[i] = i;
            }
            for (int i = heap.length / 2 - 1; i >= 0; i--) {
                sink(i);
            }
        }

        void grant(long count) {
            for (long i = 0; i < count; i++) {
                shares[heap[0]]++;
                sink(0);
            }
        }

        private void sink(int from) {
            int node = heap[from];
            int at = from;
            while (2 * at + 1 < heap.length) {
                int child = 2 * at + 1;
                if (child + 1 < heap.length && stronger(heap[child + 1], heap[child])) {
                    child++;
                }
                if (stronger(node, heap[child])) {
                    break;
                }
                heap[at] = heap[child];
                at = child;
            }
            heap[at] = node;
        }

        /** Compares weight / (share + 1/2), crosswise to stay with whole numbers; equal claims go by the order of ids. */
        private boolean stronger(int a, int b) {
            long claimA = nodes[a].weight() * (2L * shares[b] + 1);
            long claimB = nodes[b].weight() * (2L * shares[a] + 1);
            return claimA != claimB ? claimA > claimB : a < b;
        }
    }
}
