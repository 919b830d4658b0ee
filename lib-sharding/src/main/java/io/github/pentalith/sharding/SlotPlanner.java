// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Arrays;

/**
 * Decides who owns which slot after a change.
 *
 * <p><b>Shares.</b> The method of the largest remainder: everybody gets the whole part of {@code slots * weight / total},
 * the slots left over go to the largest remainders. All of it in whole numbers ({@code slots * weight} is below 2^44),
 * so the result is the same everywhere. Among equal remainders those come first who hold that slot already, then the
 * smaller ids. Whoever would get nothing gets one slot first and takes no part in dividing the rest: a small weight must
 * not make a node vanish.
 *
 * <p><b>Movement.</b> A node above its share gives up just the difference, and only free slots are handed out; so {@code
 * sum(max(0, held - share))} slots move, and no plan that reaches these shares moves less. Time is linear in the slots,
 * plus sorting the remainders.
 */
final class SlotPlanner {
    private static final int FREE = -1;

    private SlotPlanner() {}

    /**
     * {@return the owner of each slot among {@code next}}
     *
     * @param previous the nodes before, sorted; may be empty
     * @param table the owner of each slot among {@code previous}; empty if there are none
     */
    static int[] plan(Node[] previous, int[] table, Node[] next, int slots) {
        int[] owners = carriedOver(previous, table, next, slots);
        int[] held = new int[next.length];
        for (int owner : owners) {
            if (owner != FREE) {
                held[owner]++;
            }
        }
        int[] missing = shares(next, slots, held);
        for (int i = 0; i < missing.length; i++) {
            missing[i] -= held[i];
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
        int[] renamed = new int[previous.length];
        int j = 0;
        for (int i = 0; i < previous.length; i++) {
            String id = previous[i].id();
            while (j < next.length && next[j].id().compareTo(id) < 0) {
                j++;
            }
            renamed[i] = j < next.length && next[j].id().equals(id) ? j : FREE;
        }
        for (int slot = 0; slot < slots; slot++) {
            owners[slot] = renamed[table[slot]];
        }
        return owners;
    }

    /** {@return how many slots each node is to have; at least one, in all as many as there are} */
    static int[] shares(Node[] nodes, int slots, int[] held) {
        int[] shares = new int[nodes.length];
        long weights = 0;
        for (Node node : nodes) {
            weights += node.weight();
        }
        long divided = slots;
        boolean again = true;
        while (again) {
            again = false;
            long small = 0;
            int count = 0;
            for (int i = 0; i < nodes.length; i++) {
                if (shares[i] == 0 && divided * nodes[i].weight() < weights) {
                    shares[i] = 1;
                    small += nodes[i].weight();
                    count++;
                    again = true;
                }
            }
            weights -= small;
            divided -= count;
        }
        long left = divided;
        long[] remainders = new long[nodes.length];
        for (int i = 0; i < nodes.length; i++) {
            if (shares[i] == 0) {
                long exact = divided * nodes[i].weight();
                shares[i] = (int) (exact / weights);
                remainders[i] = exact % weights;
                left -= shares[i];
            }
        }
        if (left > 0) {
            roundUp(shares, remainders, held, (int) left);
        }
        return shares;
    }

    private static void roundUp(int[] shares, long[] remainders, int[] held, int left) {
        long[] sorted = remainders.clone();
        Arrays.sort(sorted);
        long threshold = sorted[sorted.length - left];
        int above = 0;
        for (long remainder : remainders) {
            if (remainder > threshold) {
                above++;
            }
        }
        int ties = left - above;
        boolean[] up = new boolean[shares.length];
        for (int i = 0; i < shares.length; i++) {
            up[i] = remainders[i] > threshold;
            if (remainders[i] == threshold && held[i] > shares[i] && ties > 0) {
                up[i] = true;
                ties--;
            }
        }
        for (int i = 0; i < shares.length; i++) {
            if (remainders[i] == threshold && !up[i] && ties > 0) {
                up[i] = true;
                ties--;
            }
            if (up[i]) {
                shares[i]++;
            }
        }
    }
}
