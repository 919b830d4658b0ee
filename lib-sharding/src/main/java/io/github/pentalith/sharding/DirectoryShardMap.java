// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Places some keys by hand, such as a tenant that needs a node of its own, and all others by another map.
 *
 * <p><b>Thread-safety:</b> immutable, if the keys are.
 *
 * <p><b>Time and memory:</b> a look-up is one in a hash table, and if the key is not in it one in the other map. A change
 * copies the table: meant for thousands of keys, not for all.
 *
 * <p><b>Failure:</b> a look-up fails for a null key, or if the other map's does.
 *
 * <p><b>Example:</b>
 *
 * <pre>{@code
 * ShardMap<String> tenants = DirectoryShardMap.over(ShardMap.of("db-1", "db-2")).assign("big", Node.of("db-big"));
 * }</pre>
 *
 * @param <K> type of the keys, with {@code equals} and {@code hashCode}
 */
public final class DirectoryShardMap<K> implements ShardMap<K> {
    private final ShardMap<K> fallback;
    private final Map<K, Node> assigned;
    private final List<Node> nodes;
    private final long epoch;

    private DirectoryShardMap(ShardMap<K> fallback, Map<K, Node> assigned, long epoch) {
        this.fallback = fallback;
        this.assigned = assigned;
        this.nodes = RangeShardMap.distinct(() -> Stream.concat(fallback.nodes().stream(), assigned.values().stream())
                .iterator());
        this.epoch = epoch;
    }

    /**
     * {@return a directory without entries, at epoch 1}
     *
     * @param <K> type of the keys
     * @param fallback the map of all keys that have no entry
     */
    public static <K> DirectoryShardMap<K> over(ShardMap<K> fallback) {
        return new DirectoryShardMap<>(Objects.requireNonNull(fallback, "fallback"), Map.of(), 1);
    }

    @Override
    public Node locate(K key) {
        Node node = assigned.get(Objects.requireNonNull(key, "key"));
        return node != null ? node : fallback.locate(key);
    }

    @Override
    public List<Node> nodes() {
        return nodes;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    /** {@return the map of all keys that have no entry} */
    public ShardMap<K> fallback() {
        return fallback;
    }

    /** {@return the keys that have an entry, with their nodes} */
    public Map<K, Node> assigned() {
        return assigned;
    }

    /**
     * {@return the next epoch of this map, in which the key lives on this node; this map if it has this entry}
     *
     * @param key the key
     * @param node the node, which the other map may know or not
     * @throws IllegalArgumentException if another node with the same id is in use
     */
    public DirectoryShardMap<K> assign(K key, Node node) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(node, "node");
        if (node.equals(assigned.get(key))) {
            return this;
        }
        Map<K, Node> changed = new HashMap<>(assigned);
        changed.put(key, node);
        return new DirectoryShardMap<>(fallback, Map.copyOf(changed), epoch + 1);
    }

    /**
     * {@return the next epoch of this map, in which the key lives where the other map says}
     *
     * @param key a key with an entry
     * @throws IllegalArgumentException if it has none
     */
    public DirectoryShardMap<K> release(K key) {
        if (!assigned.containsKey(Objects.requireNonNull(key, "key"))) {
            throw new IllegalArgumentException("key must have an entry: key=" + key + " (expected: one of the "
                    + assigned.size() + " assigned keys)");
        }
        Map<K, Node> changed = new HashMap<>(assigned);
        changed.remove(key);
        return new DirectoryShardMap<>(fallback, Map.copyOf(changed), epoch + 1);
    }

    /**
     * {@return the next epoch of this map, over another map of the keys without entry}
     *
     * @param newFallback such as {@code fallback} with a node more
     * @throws IllegalArgumentException if an entry has another node with the id of one of its nodes
     */
    public DirectoryShardMap<K> fallback(ShardMap<K> newFallback) {
        return new DirectoryShardMap<>(Objects.requireNonNull(newFallback, "fallback"), assigned, epoch + 1);
    }

    @Override
    public String toString() {
        return "DirectoryShardMap[epoch=" + epoch + ", assigned=" + assigned.size() + ", fallback=" + fallback + "]";
    }
}
