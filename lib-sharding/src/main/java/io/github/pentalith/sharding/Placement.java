// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.List;

/**
 * An algorithm that places 64-bit hashes on nodes: first a bare choice, such as {@code Placement.slots()}, then, after
 * {@link #over}, the table it built over some nodes.
 *
 * <p>Call {@code over} on the <i>previous</i> table when nodes come, go or change their weight: that is what makes the
 * least keys move. {@link HashShardMap#with} and its sisters do.
 *
 * <p><b>Thread-safety:</b> immutable; look-ups take no lock.
 *
 * <p><b>Time and memory:</b> {@link Properties#cost} of each; no look-up allocates.
 *
 * <p><b>Failure:</b> a look-up in a bare choice throws {@link IllegalStateException}.
 *
 * <p><b>Example:</b>
 *
 * <pre>{@code
 * Placement table = Placement.slots().over(List.of(Node.of("a"), Node.of("b").weight(3)));
 * Node owner = table.nodes().get(table.locate(KeyHasher.strings().hash("user:42")));
 * }</pre>
 */
public sealed interface Placement permits SlotPlacement {
    /** {@return {@link #slots(int) slots} with 65,536 of them: good to 655 nodes at 1 % over the mean, at most 65,536} */
    static Placement slots() {
        return SlotPlacement.choice(SlotPlacement.DEFAULT_SLOTS);
    }

    /**
     * {@return a table that maps the upper bits of the hash to a slot, and each slot to a node}
     *
     * <p>Every node has its exact share of the slots, rounded by the method of the largest remainder but never to
     * nothing; with equal weights the fullest node has less than {@code 1 + nodes / slots} times the mean, so 100 slots
     * per node keep it below 1.01. A change moves the fewest slots that give the new shares. Built from a bare choice the
     * table depends on the nodes alone; after changes it is their history, so programs that must agree exchange {@link
     * HashShardMap#toBytes bytes} instead of each following the changes on its own.
     *
     * <p>The first owner of a slot comes from the table, the further ones by weighted rendezvous hashing of the slot, so
     * a node that comes or goes leaves the order of the others alone. Their first look-up in a slot sorts the nodes and
     * remembers the result, 16 bytes and 4 more for each owner per slot.
     *
     * @param slots number of slots, a power of two from 16 to 16,777,216, and no less than there are nodes
     * @throws IllegalArgumentException if it is not such a number
     */
    static Placement slots(int slots) {
        return SlotPlacement.choice(slots);
    }

    /**
     * {@return this algorithm over other nodes, with the least movement it can reach from this table}
     *
     * @param nodes the nodes, in any order
     * @throws IllegalArgumentException if there are none, two have the same id, or there are more than the algorithm
     *     can take
     */
    Placement over(List<Node> nodes);

    /** {@return the nodes in the order of their indices, which is that of their ids; empty for a bare choice} */
    List<Node> nodes();

    /**
     * {@return the index in {@link #nodes()} of the node that owns the hash}
     *
     * @param hash 64 well-mixed bits
     * @throws IllegalStateException if this is a bare choice
     */
    int locate(long hash);

    /**
     * Finds distinct owners, the first of them {@link #locate}, each the best by the rule of the algorithm in the zones
     * used least so far. A longer array begins with what a shorter one gets.
     *
     * @param hash 64 well-mixed bits
     * @param into receives the indices of the owners
     * @return how many were written: the length of the array, or the number of nodes if that is less
     * @throws IllegalStateException if this is a bare choice
     */
    int replicas(long hash, int[] into);

    /** {@return what this algorithm promises} */
    Properties properties();

    /** {@return the stable name of the algorithm with its parameters, such as {@code slots/65536}; travels in snapshots} */
    String id();

    /**
     * What an algorithm promises; the laws of its tests.
     *
     * @param minimalMovement keys move only to a node that gained or from a node that lost weight, never between others
     * @param arbitraryRemoval any node can leave, not only the last
     * @param weighted weights are respected; otherwise they must all be equal
     * @param historyIndependent the same nodes give the same placement, whatever came before
     * @param enumerableRanges hashes that move can be listed as ranges
     * @param cost time of a look-up and memory, in words
     */
    record Properties(
            boolean minimalMovement,
            boolean arbitraryRemoval,
            boolean weighted,
            boolean historyIndependent,
            boolean enumerableRanges,
            String cost) {}
}
