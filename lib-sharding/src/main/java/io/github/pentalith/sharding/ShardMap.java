// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Arrays;
import java.util.List;

/**
 * Knows where every key lives. The door of this library.
 *
 * <p>A map is one version of the truth, with an {@linkplain #epoch() epoch}; a change makes another map and leaves this
 * one as it is. Put the current one into a {@link ShardMapHolder}.
 *
 * <p><b>Thread-safety:</b> immutable; look-ups take no lock.
 *
 * <p><b>Time and memory:</b> {@link HashShardMap} looks up in a few nanoseconds plus the hash of the key, at any number
 * of nodes, and allocates nothing.
 *
 * <p><b>Failure:</b> a look-up fails only for a null key.
 *
 * <p><b>Example:</b>
 *
 * <pre>{@code
 * ShardMapHolder<HashShardMap<String>> links = ShardMapHolder.of("links", ShardMap.of("db-1", "db-2", "db-3"));
 * Node home = links.current().locate("k7Qx2");
 * links.update(map -> map.with(Node.of("db-4")));
 * }</pre>
 *
 * @param <K> type of the keys
 */
public sealed interface ShardMap<K> permits HashShardMap, RangeShardMap, DirectoryShardMap, RegionShardMap {
    /**
     * {@return a map of String keys over nodes of equal weight, with the default hasher and placement, at epoch 1}
     *
     * @param nodeIds ids of the nodes, at least one, in any order
     * @throws IllegalArgumentException if there is none, or an id is not valid or named twice
     */
    static HashShardMap<String> of(String... nodeIds) {
        return builder(KeyHasher.strings())
                .nodes(Arrays.stream(nodeIds).map(Node::of).toList())
                .build();
    }

    /**
     * {@return a builder of a map that places keys by their hash}
     *
     * @param <K> type of the keys
     * @param hasher hashes the keys
     */
    static <K> HashShardMap.Builder<K> builder(KeyHasher<K> hasher) {
        return new HashShardMap.Builder<>(hasher);
    }

    /**
     * {@return the node that the key lives on}
     *
     * @param key the key
     * @throws NullPointerException if the key is null
     */
    Node locate(K key);

    /** {@return the nodes, by id; or as listed, if the placement numbers them so} */
    List<Node> nodes();

    /** {@return the number of this version of the map, at least 1; greater than that of the map it was made from} */
    long epoch();
}
