// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Places keys by their hash.
 *
 * @param <K> type of the keys
 */
public final class HashShardMap<K> implements ShardMap<K> {
    private HashShardMap() {}

    @Override
    public Node locate(K key) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return the node that keys of this hash live on}
     *
     * @param hash a hash of {@link #hasher()}
     */
    public Node locateHash(long hash) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return distinct owners of the key, the primary first}
     *
     * @param key the key
     * @param count how many
     */
    public List<Node> replicas(K key, int count) {
        throw new UnsupportedOperationException();
    }

    /**
     * Finds distinct owners without allocating.
     *
     * @param key the key
     * @param into receives the owners, the primary first
     * @return how many were written
     */
    public int replicas(K key, Node[] into) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return the keys by the node they live on}
     *
     * @param keys the keys
     */
    public Map<Node, List<K>> partition(Collection<? extends K> keys) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Node> nodes() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long epoch() {
        throw new UnsupportedOperationException();
    }

    /** {@return what hashes the keys} */
    public KeyHasher<K> hasher() {
        throw new UnsupportedOperationException();
    }

    /** {@return the table that places the hashes} */
    public Placement placement() {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return the next epoch of this map, with a node added, or with its weight or zone changed}
     *
     * @param node the node
     */
    public HashShardMap<K> with(Node node) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return the next epoch of this map, without a node}
     *
     * @param nodeId id of the node
     */
    public HashShardMap<K> without(String nodeId) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return the next epoch of this map, over other nodes}
     *
     * @param nodes all nodes
     */
    public HashShardMap<K> withNodes(Collection<Node> nodes) {
        throw new UnsupportedOperationException();
    }

    /** {@return this map as bytes} */
    public byte[] toBytes() {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return the map that the bytes hold}
     *
     * @param <K> type of the keys
     * @param bytes made by {@link #toBytes()}
     * @param hasher the hasher of the map that was written
     * @throws ShardMapFormatException if the bytes are not such a map
     */
    public static <K> HashShardMap<K> fromBytes(byte[] bytes, KeyHasher<K> hasher) {
        throw new UnsupportedOperationException();
    }

    /**
     * Builds a {@link HashShardMap}.
     *
     * @param <K> type of the keys
     */
    public static final class Builder<K> {
        Builder() {}

        /**
         * {@return this builder, with the algorithm}
         *
         * @param placement the algorithm
         */
        public Builder<K> placement(Placement placement) {
            throw new UnsupportedOperationException();
        }

        /**
         * {@return this builder, with a node more}
         *
         * @param node the node
         */
        public Builder<K> node(Node node) {
            throw new UnsupportedOperationException();
        }

        /**
         * {@return this builder, with nodes more}
         *
         * @param nodes the nodes
         */
        public Builder<K> nodes(Collection<Node> nodes) {
            throw new UnsupportedOperationException();
        }

        /** {@return the map, at epoch 1} */
        public HashShardMap<K> build() {
            throw new UnsupportedOperationException();
        }
    }
}
