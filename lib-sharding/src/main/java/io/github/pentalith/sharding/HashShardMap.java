// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Places keys by their hash: the hasher makes 64 bits of the key, the placement finds the node of those bits.
 *
 * <p><b>Thread-safety:</b> immutable; look-ups take no lock.
 *
 * <p><b>Time and memory:</b> a look-up is the hash of the key plus the look-up of the placement, and allocates nothing.
 * A changed map costs a new table; with the default of 65,536 slots that is 512 KB and well under a millisecond.
 *
 * <p><b>Failure:</b> a look-up fails only for a null key. A change that cannot be made throws {@link
 * IllegalArgumentException} and leaves this map as it is.
 *
 * <p><b>Example:</b>
 *
 * <pre>{@code
 * HashShardMap<Long> users = ShardMap.builder(KeyHasher.longs())
 *         .node(Node.of("db-1").weight(2).zone("a"))
 *         .node(Node.of("db-2").weight(1).zone("b"))
 *         .build();
 * Node primary = users.locate(42L);
 * List<Node> copies = users.replicas(42L, 2); // begins with the primary
 * HashShardMap<Long> next = users.with(Node.of("db-3").zone("c"));
 * }</pre>
 *
 * @param <K> type of the keys
 */
public final class HashShardMap<K> implements ShardMap<K> {
    private static final long[] NO_POINTS = {};

    private final KeyHasher<K> hasher;
    private final Placement placement;
    private final Node[] nodes;
    private final long epoch;

    /**
     * The owner of each slot of a slot placement, or nothing: the usual look-up must not pay for the choice of an
     * algorithm, nor for the way from the index of a node to the node, a second access to memory.
     */
    private final Node[] slots;

    private final int shift;

    /** The points and owners of a ring, or nothing: as for slots. */
    private final long[] points;

    private final long homes;
    private final @Nullable Node[] owners;

    /** The placement must be built over the nodes, and these be in its order. */
    HashShardMap(KeyHasher<K> hasher, Placement placement, long epoch) {
        this.hasher = hasher;
        this.placement = placement;
        this.nodes = placement.nodes().toArray(new Node[0]);
        this.epoch = epoch;
        if (placement instanceof SlotPlacement slotted) {
            this.slots = slotted.ownersOfSlots();
            this.shift = slotted.shift();
        } else {
            this.slots = NodeTable.NO_NODES;
            this.shift = 0;
        }
        RingPoints ring = placement instanceof RingPlacement ringed ? ringed.ring() : null;
        this.points = ring == null ? NO_POINTS : ring.points;
        this.homes = ring == null ? 0 : ring.homes;
        this.owners = ring == null ? NodeTable.NO_NODES : ring.owners;
    }

    @Override
    public Node locate(K key) {
        return locateHash(hasher.hash(Objects.requireNonNull(key, "key")));
    }

    /**
     * {@return the node that keys of this hash live on}
     *
     * @param hash a hash by {@link #hasher()}, or by a function equal to it such as {@link KeyHasher#hashLong}
     */
    @SuppressWarnings("NullAway") // the points of a ring are of nodes that are there
    public Node locateHash(long hash) {
        Node[] table = slots;
        if (table.length > 0) {
            return table[(int) (hash >>> shift)];
        }
        long[] ring = points;
        return ring.length > 0 ? owners[RingPoints.owner(ring, homes, hash)] : nodes[placement.locate(hash)];
    }

    /**
     * {@return distinct owners of the key: first the node it lives on, then those for further copies, spread over as many
     * zones as there are}
     *
     * <p>More copies begin with the same nodes as fewer.
     *
     * @param key the key
     * @param count how many, 1 to the number of nodes
     * @throws IllegalArgumentException if the count is out of range
     * @throws NullPointerException if the key is null
     */
    public List<Node> replicas(K key, int count) {
        if (count < 1 || count > nodes.length) {
            throw new IllegalArgumentException("count must be in range: count=" + count + " (expected: 1 to "
                    + nodes.length + ", the number of nodes)");
        }
        Node[] into = new Node[count];
        replicas(key, into);
        return List.of(into);
    }

    /**
     * Finds distinct owners of the key like {@link #replicas(Object, int)}, into an array. Allocates nothing once the
     * placement remembers the owners of the slot.
     *
     * @param key the key
     * @param into receives the owners, the one the key lives on first
     * @return how many were written: the length of the array, or the number of nodes if that is less
     * @throws NullPointerException if the key is null
     */
    public int replicas(K key, Node[] into) {
        long hash = hasher.hash(Objects.requireNonNull(key, "key"));
        return ((NodeTable) placement).replicas(hash, into);
    }

    /**
     * {@return the keys by the node they live on, to ask each node once (scatter and gather)}
     *
     * <p>Nodes without keys are absent, the others in their order; keys keep their order, also those given twice. The
     * result cannot be modified.
     *
     * @param keys the keys
     * @throws NullPointerException if a key is null
     */
    public Map<Node, List<K>> partition(Collection<? extends K> keys) {
        List<List<K>> perNode = new ArrayList<>(Collections.nCopies(nodes.length, List.<K>of()));
        for (K key : keys) {
            int owner = placement.locate(hasher.hash(Objects.requireNonNull(key, "key")));
            if (perNode.get(owner).isEmpty()) {
                perNode.set(owner, new ArrayList<>());
            }
            perNode.get(owner).add(key);
        }
        Map<Node, List<K>> parts = new LinkedHashMap<>();
        for (int i = 0; i < nodes.length; i++) {
            if (!perNode.get(i).isEmpty()) {
                parts.put(nodes[i], Collections.unmodifiableList(perNode.get(i)));
            }
        }
        return Collections.unmodifiableMap(parts);
    }

    @Override
    public List<Node> nodes() {
        return placement.nodes();
    }

    @Override
    public long epoch() {
        return epoch;
    }

    /** {@return what hashes the keys} */
    public KeyHasher<K> hasher() {
        return hasher;
    }

    /** {@return what places the hashes, built over {@link #nodes()}} */
    public Placement placement() {
        return placement;
    }

    /**
     * {@return the next epoch of this map, with a node added or changed in weight or zone; this map if it has exactly
     * this node}
     *
     * @param node the node
     * @throws IllegalArgumentException if the placement cannot take it
     */
    public HashShardMap<K> with(Node node) {
        Objects.requireNonNull(node, "node");
        List<Node> changed = new ArrayList<>(nodes());
        int at = 0;
        while (at < changed.size() && !changed.get(at).id().equals(node.id())) {
            at++;
        }
        if (at < changed.size()) {
            changed.set(at, node);
        } else {
            changed.add(node);
        }
        return withNodes(changed);
    }

    /**
     * {@return the next epoch of this map, without a node}
     *
     * @param nodeId id of a node of this map
     * @throws IllegalArgumentException if there is no such node, or no other
     */
    public HashShardMap<K> without(String nodeId) {
        Objects.requireNonNull(nodeId, "nodeId");
        List<Node> changed = new ArrayList<>(nodes());
        if (!changed.removeIf(known -> known.id().equals(nodeId))) {
            throw new IllegalArgumentException("nodeId must name a node of the map: nodeId=" + nodeId
                    + " (expected: one of its " + nodes.length + " nodes)");
        }
        return withNodes(changed);
    }

    /**
     * {@return the next epoch of this map, over these nodes, with the least movement that the placement can reach; this
     * map if it has exactly these nodes}
     *
     * @param newNodes all nodes, in any order
     * @throws IllegalArgumentException if there is none, two have the same id, or the placement cannot take them
     */
    public HashShardMap<K> withNodes(Collection<Node> newNodes) {
        Placement changed = placement.over(List.copyOf(newNodes));
        return changed.nodes().equals(nodes()) ? this : new HashShardMap<>(hasher, changed, epoch + 1);
    }

    /**
     * {@return this map as bytes, with the id of the hasher and a checksum}
     *
     * <p>The same map gives the same bytes on every machine. Later versions of this library read the bytes of earlier
     * ones. The format is described in the guide.
     */
    public byte[] toBytes() {
        return ShardMapBytes.write(this);
    }

    /**
     * {@return the map that was written}
     *
     * @param <K> type of the keys
     * @param bytes made by {@link #toBytes()}
     * @param hasher a hasher with the id of that of the written map
     * @throws ShardMapFormatException if the bytes are not those of such a map
     */
    public static <K> HashShardMap<K> fromBytes(byte[] bytes, KeyHasher<K> hasher) {
        Objects.requireNonNull(bytes, "bytes");
        return ShardMapBytes.read(bytes, Objects.requireNonNull(hasher, "hasher"));
    }

    @Override
    public String toString() {
        return "HashShardMap[epoch=" + epoch + ", hasher=" + hasher.id() + ", placement=" + placement.id() + ", nodes="
                + nodes.length + "]";
    }

    /**
     * Builds a {@link HashShardMap}; not safe for several threads.
     *
     * @param <K> type of the keys
     */
    public static final class Builder<K> {
        private final KeyHasher<K> hasher;
        private final List<Node> nodes = new ArrayList<>();
        private Placement placement = Placement.slots();
        private long epoch = 1;

        Builder(KeyHasher<K> hasher) {
            this.hasher = Objects.requireNonNull(hasher, "hasher");
            Names.check("hasher id", hasher.id());
        }

        /**
         * {@return this builder, with another algorithm than {@link Placement#slots()}}
         *
         * @param newPlacement the algorithm; a table over other nodes is taken as the state before this map
         */
        public Builder<K> placement(Placement newPlacement) {
            placement = Objects.requireNonNull(newPlacement, "placement");
            return this;
        }

        /**
         * {@return this builder, with another node}
         *
         * @param node the node
         */
        public Builder<K> node(Node node) {
            nodes.add(Objects.requireNonNull(node, "node"));
            return this;
        }

        /**
         * {@return this builder, with other nodes}
         *
         * @param more the nodes
         */
        public Builder<K> nodes(Collection<Node> more) {
            nodes.addAll(List.copyOf(more));
            return this;
        }

        /**
         * {@return this builder, with an epoch other than 1, such as the version of the configuration it is built from}
         *
         * @param newEpoch at least 1
         * @throws IllegalArgumentException if it is less
         */
        public Builder<K> epoch(long newEpoch) {
            if (newEpoch < 1) {
                throw new IllegalArgumentException(
                        "epoch must be positive: epoch=" + newEpoch + " (expected: 1 or more)");
            }
            epoch = newEpoch;
            return this;
        }

        /**
         * {@return the map}
         *
         * @throws IllegalArgumentException if there are no nodes, two have the same id, or the placement cannot take them
         */
        public HashShardMap<K> build() {
            return new HashShardMap<>(hasher, placement.over(nodes), epoch);
        }
    }
}
