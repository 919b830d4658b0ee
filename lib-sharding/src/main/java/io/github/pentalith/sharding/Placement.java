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
public sealed interface Placement permits NodeTable {
    /** {@return {@link #slots(int) slots} with 65,536 of them: good to 655 nodes at 1 % over the mean, at most 65,536} */
    static Placement slots() {
        return SlotPlacement.choice(SlotPlacement.DEFAULT_SLOTS);
    }

    /**
     * {@return a table that maps the upper bits of the hash to a slot, and each slot to a node}
     *
     * <p>Every node has its exact share of the slots, rounded, but never to nothing; with equal weights the fullest node
     * has less than {@code 1 + nodes / slots} times the mean, so 100 slots per node keep it below 1.01. A change moves the
     * fewest slots that give the new shares. Built from a bare choice the table depends on the nodes alone; after changes
     * it is their history, so programs that must agree exchange {@link HashShardMap#toBytes bytes} instead of each
     * following the changes on its own.
     *
     * <p>The first owner of a slot comes from the table. If another zone took that place, the node that gave way keeps its
     * copy; the further ones come by weighted rendezvous hashing of the slot, so a node that comes or goes leaves the order
     * of the others alone. Their first look-up in a slot sorts the nodes and remembers the result, 16 bytes and 4 more for
     * each owner per slot.
     *
     * @param slots number of slots, a power of two from 16 to 16,777,216, and no less than there are nodes
     * @throws IllegalArgumentException if it is not such a number
     */
    static Placement slots(int slots) {
        return SlotPlacement.choice(slots);
    }

    /** {@return {@link #ring(int) a ring} with 160 virtual nodes per unit of weight} */
    static Placement ring() {
        return RingPlacement.choice(RingPlacement.DEFAULT_VIRTUAL_NODES);
    }

    /**
     * {@return consistent hashing on a ring of points, each the end of an arc of hashes}
     *
     * <p>Depends on the nodes alone, so programs that know the same nodes agree without talking. The price is balance by
     * chance: a node is off its share by about {@code 1 / sqrt(virtualNodes)}, at 160 the fullest of 100 nodes has 1.2
     * times the mean.
     *
     * @param virtualNodes points of a node per unit of weight, 1 to 65,536; in all at most 16,777,216 points
     * @throws IllegalArgumentException if it is out of range
     */
    static Placement ring(int virtualNodes) {
        return RingPlacement.choice(virtualNodes);
    }

    /**
     * {@return weighted rendezvous hashing (highest random weight): each node draws a number for the hash, the best one
     * wins}
     *
     * <p>Depends on the nodes alone, has the balance of chance with no points at all, exact weights, and the keys of a
     * node that leaves spread over all others. The price is a look-up that asks every node: for some tens of nodes.
     */
    static Placement rendezvous() {
        return new RendezvousPlacement(NodeTable.NO_NODES);
    }

    /**
     * {@return JumpBackHash: no table, the balance of chance; nodes are numbered as they are listed, have equal weights,
     * and come and go only at the end of the list}
     */
    static Placement jumpBack() {
        return new JumpBackPlacement(NodeTable.NO_NODES);
    }

    /**
     * {@return Maglev's table, filled by the nodes in turn: almost exact balance from the nodes alone, but a change moves
     * some keys between bystanders too}
     *
     * @param entries number of entries, a prime from 3 to 5,000,011, at least 100 for each node; 65,537 is usual
     * @throws IllegalArgumentException if it is not such a number
     */
    static Placement maglev(int entries) {
        return MaglevPlacement.choice(entries);
    }

    /**
     * {@return the remainder of the hash by the number of nodes ({@code Math.floorMod}), as many deployments have it;
     * nodes are numbered as they are listed and have equal weights}
     *
     * <p>What to leave behind: going from 10 nodes to 11 moves 91 % of the keys, where 9 % would do.
     */
    static Placement modulo() {
        return new ModuloPlacement(NodeTable.NO_NODES);
    }

    /**
     * {@return this algorithm over other nodes, with the least movement it can reach from this table}
     *
     * @param nodes the nodes, in any order; for {@link #modulo} and {@link #jumpBack} in the order of their numbers
     * @throws IllegalArgumentException if there are none, two have the same id, or there are more than the algorithm
     *     can take
     */
    Placement over(List<Node> nodes);

    /** {@return the nodes in the order of their indices: by id, or as listed (jumpBack, modulo); empty for a bare choice} */
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

    /**
     * {@return the last hash, in unsigned order, up to which all hashes from this one on surely have the same owners}
     *
     * <p>Called from 0 on, each time with the successor of the result, it lists the ranges of the table. Of a placement
     * without {@linkplain Properties#enumerableRanges() enumerable ranges} it is the hash itself.
     *
     * @param hash where the range begins
     * @throws IllegalStateException if this is a bare choice with enumerable ranges
     */
    long rangeEnd(long hash);

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
