// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.List;

/** An algorithm that places hashes on nodes, and the table that it built over them. */
public sealed interface Placement permits SlotPlacement {
    /** {@return slots with the default count of 65,536} */
    static Placement slots() {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return slots}
     *
     * @param slots number of slots, a power of two
     */
    static Placement slots(int slots) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return this algorithm over other nodes, with the least movement it can reach from this table}
     *
     * @param nodes the nodes
     */
    Placement over(List<Node> nodes);

    /** {@return the nodes, sorted by id; empty for a bare choice} */
    List<Node> nodes();

    /**
     * {@return the index in {@link #nodes()} of the node that owns the hash}
     *
     * @param hash 64 well-mixed bits
     */
    int locate(long hash);

    /**
     * Finds distinct owners.
     *
     * @param hash 64 well-mixed bits
     * @param into receives the indices
     * @return how many were written
     */
    int replicas(long hash, int[] into);

    /** {@return what this algorithm promises} */
    Properties properties();

    /** {@return the stable name of the algorithm and its parameters} */
    String id();

    /**
     * What an algorithm promises.
     *
     * @param minimalMovement keys move only to a node that gained weight or from one that lost it
     * @param arbitraryRemoval any node can leave, not only the last
     * @param weighted weights are respected
     * @param historyIndependent the same nodes give the same placement, whatever came before
     * @param enumerableRanges what moves can be listed as exact ranges of hashes
     * @param cost of one look-up
     */
    record Properties(
            boolean minimalMovement,
            boolean arbitraryRemoval,
            boolean weighted,
            boolean historyIndependent,
            boolean enumerableRanges,
            String cost) {}
}
