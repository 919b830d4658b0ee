// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.List;

/**
 * Knows where every key lives.
 *
 * @param <K> type of the keys
 */
public sealed interface ShardMap<K> permits HashShardMap {
    /**
     * {@return a map over equal nodes with String keys}
     *
     * @param nodeIds ids of the nodes
     */
    static HashShardMap<String> of(String... nodeIds) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return a builder}
     *
     * @param <K> type of the keys
     * @param hasher hashes the keys
     */
    static <K> HashShardMap.Builder<K> builder(KeyHasher<K> hasher) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return the node that the key lives on}
     *
     * @param key the key
     */
    Node locate(K key);

    /** {@return the nodes, sorted by id} */
    List<Node> nodes();

    /** {@return the number of this version of the map, which grows with each change} */
    long epoch();
}
