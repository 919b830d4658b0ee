// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Places keys by where they belong, such as the country of a customer: every region has a map of its own, and keys of
 * other regions go to the first region of the fallback order that has a map.
 *
 * <p><b>Thread-safety:</b> immutable; the function that names the region must be safe for many threads.
 *
 * <p><b>Time and memory:</b> the function, one look-up in a hash table, and one in the region's map.
 *
 * <p><b>Failure:</b> a key of a region that has no map, without any fallback, throws {@link IllegalArgumentException}: it
 * is never put somewhere silently.
 *
 * <p><b>Example:</b>
 *
 * <pre>{@code
 * RegionShardMap<Customer> customers = RegionShardMap.builder(Customer::country)
 *         .region("de", ShardMap.builder(byName).node(Node.of("fra-1")).node(Node.of("fra-2")).build())
 *         .region("us", ShardMap.builder(byName).node(Node.of("iad-1")).build())
 *         .fallback("us")
 *         .build();
 * }</pre>
 *
 * @param <K> type of the keys
 */
public final class RegionShardMap<K> implements ShardMap<K> {
    private final Function<? super K, String> regionOf;
    private final Map<String, ShardMap<K>> regions;
    private final List<String> fallback;
    private final List<Node> nodes;
    private final long epoch;

    private RegionShardMap(
            Function<? super K, String> regionOf, Map<String, ShardMap<K>> regions, List<String> fallback, long epoch) {
        this.regionOf = regionOf;
        this.regions = regions;
        this.fallback = fallback;
        List<Node> all = new ArrayList<>();
        regions.values().forEach(map -> all.addAll(map.nodes()));
        this.nodes = RangeShardMap.distinct(all);
        this.epoch = epoch;
    }

    /**
     * {@return a builder}
     *
     * @param <K> type of the keys
     * @param regionOf names the region of a key
     */
    public static <K> Builder<K> builder(Function<? super K, String> regionOf) {
        return new Builder<>(regionOf);
    }

    @Override
    public Node locate(K key) {
        String region = regionOf.apply(Objects.requireNonNull(key, "key"));
        ShardMap<K> map = regions.get(region);
        return (map != null ? map : elsewhere(region)).locate(key);
    }

    private ShardMap<K> elsewhere(String region) {
        for (String other : fallback) {
            ShardMap<K> map = regions.get(other);
            if (map != null) {
                return map;
            }
        }
        throw new IllegalArgumentException(
                "region must have a map: region=" + region + " (expected: one of " + regions.keySet() + ")");
    }

    @Override
    public List<Node> nodes() {
        return nodes;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    /** {@return the regions with their maps, in the order in which they were added} */
    public Map<String, ShardMap<K>> regions() {
        return regions;
    }

    /**
     * {@return the next epoch of this map, with a region added, or with another map of it}
     *
     * @param region name of the region
     * @param map the map of its keys
     * @throws IllegalArgumentException if another region has a different node with the id of one of its nodes
     */
    public RegionShardMap<K> with(String region, ShardMap<K> map) {
        Map<String, ShardMap<K>> changed = new LinkedHashMap<>(regions);
        changed.put(Names.check("region", region), Objects.requireNonNull(map, "map"));
        return new RegionShardMap<>(regionOf, Collections.unmodifiableMap(changed), fallback, epoch + 1);
    }

    /**
     * {@return the next epoch of this map, without a region; its keys go to the fallback}
     *
     * @param region name of a region that has a map
     * @throws IllegalArgumentException if it has none, or it is the only one
     */
    public RegionShardMap<K> without(String region) {
        if (!regions.containsKey(region) || regions.size() == 1) {
            throw new IllegalArgumentException("region must have a map and not be the only one: region=" + region
                    + " (expected: one of " + regions.keySet() + ", of several)");
        }
        Map<String, ShardMap<K>> changed = new LinkedHashMap<>(regions);
        changed.remove(region);
        return new RegionShardMap<>(regionOf, Collections.unmodifiableMap(changed), fallback, epoch + 1);
    }

    @Override
    public String toString() {
        return "RegionShardMap[epoch=" + epoch + ", regions=" + regions + ", fallback=" + fallback + "]";
    }

    /**
     * Builds a {@link RegionShardMap}; not safe for several threads.
     *
     * @param <K> type of the keys
     */
    public static final class Builder<K> {
        private final Function<? super K, String> regionOf;
        private final Map<String, ShardMap<K>> regions = new LinkedHashMap<>();
        private List<String> fallback = List.of();

        private Builder(Function<? super K, String> regionOf) {
            this.regionOf = Objects.requireNonNull(regionOf, "regionOf");
        }

        /**
         * {@return this builder, with the map of a region}
         *
         * @param region name of the region, not yet given
         * @param map the map of its keys
         * @throws IllegalArgumentException if the region has a map already
         */
        public Builder<K> region(String region, ShardMap<K> map) {
            Objects.requireNonNull(map, "map");
            if (regions.putIfAbsent(Names.check("region", region), map) != null) {
                throw new IllegalArgumentException("region must be given once: region=" + region
                        + " (expected: none of " + regions.keySet() + ")");
            }
            return this;
        }

        /**
         * {@return this builder, with the regions that take the keys of regions without a map: the first that has one}
         *
         * @param order names of regions
         */
        public Builder<K> fallback(String... order) {
            fallback = List.of(order);
            return this;
        }

        /**
         * {@return the map, at epoch 1}
         *
         * @throws IllegalArgumentException if it has no region, a fallback has no map, or one id stands for different
         *     nodes
         */
        public RegionShardMap<K> build() {
            if (regions.isEmpty()) {
                throw new IllegalArgumentException("regions must not be empty: regions=[] (expected: at least 1)");
            }
            for (String region : fallback) {
                if (!regions.containsKey(region)) {
                    throw new IllegalArgumentException("fallback must be a region with a map: fallback=" + region
                            + " (expected: one of " + regions.keySet() + ")");
                }
            }
            return new RegionShardMap<>(
                    regionOf, Collections.unmodifiableMap(new LinkedHashMap<>(regions)), fallback, 1);
        }
    }
}
