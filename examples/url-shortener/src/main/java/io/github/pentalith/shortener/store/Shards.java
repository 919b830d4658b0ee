// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.bind.ShardMetrics;
import io.github.pentalith.metrics.health.HealthRegistry;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.KeyHasher;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.ShardMap;
import io.github.pentalith.sharding.ShardMapFormatException;
import io.github.pentalith.sharding.ShardMapHolder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** All databases, and the map that says which of them a key lives in. */
public final class Shards implements AutoCloseable {
    private final Map<String, Database> databases;
    private final Database first;
    private final ShardMapHolder<HashShardMap<String>> map;

    private Shards(Map<String, Database> databases, Database first, ShardMapHolder<HashShardMap<String>> map) {
        this.databases = databases;
        this.first = first;
        this.map = map;
    }

    /**
     * Opens all databases, creates missing tables, and reads the shard map from the first database, or decides it.
     *
     * @param node whose connections these are, in logs and names of threads
     * @param jdbcUrls id to address; the first one keeps what belongs to no shard
     * @throws MisfitException if the databases are not those that the map was made for
     */
    public static Shards open(String node, Map<String, String> jdbcUrls, Pipeline.Observer observer)
            throws SQLException {
        Map<String, Database> databases = new LinkedHashMap<>();
        try {
            HashShardMap<String> map = null;
            for (Map.Entry<String, String> entry : jdbcUrls.entrySet()) {
                Database database = Database.open(node, entry.getKey(), entry.getValue(), observer);
                databases.put(entry.getKey(), database);
                Schema.create(database);
                requireIdentity(entry.getKey(), database);
                if (map == null) { // before the others are touched
                    map = decideMap(jdbcUrls.keySet(), database);
                }
            }
            if (map == null) {
                throw new IllegalArgumentException("jdbcUrls must not be empty: jdbcUrls={} (expected: 1 or more)");
            }
            return new Shards(databases, databases.values().iterator().next(), ShardMapHolder.of("links", map));
        } catch (Throwable e) {
            databases.values().forEach(Database::close);
            throw e;
        }
    }

    private static void requireIdentity(String id, Database database) throws SQLException {
        byte[] fact = new Facts(database).decide("shard", () -> id.getBytes(StandardCharsets.UTF_8));
        String is = new String(fact, StandardCharsets.UTF_8);
        if (!is.equals(id)) {
            throw new MisfitException("the database given for shard " + id + " is that of shard " + is);
        }
    }

    private static HashShardMap<String> decideMap(Set<String> ids, Database first) throws SQLException {
        byte[] bytes = new Facts(first)
                .decide(
                        "shard-map",
                        () -> ShardMap.of(ids.toArray(String[]::new)).toBytes());
        HashShardMap<String> map;
        try {
            map = HashShardMap.fromBytes(bytes, KeyHasher.strings());
        } catch (ShardMapFormatException e) {
            throw new MisfitException("the stored shard map cannot be read: " + e.getMessage());
        }
        Set<String> known = new TreeSet<>();
        map.nodes().forEach(node -> known.add(node.id()));
        if (!known.equals(new TreeSet<>(ids))) {
            throw new MisfitException("the stored shard map does not fit: shards=" + new TreeSet<>(ids) + " (expected: "
                    + known + ", that is --shards " + known.size() + ")");
        }
        return map;
    }

    /** {@return the database that a key lives in} */
    public Database of(String key) {
        return database(map.current().locate(key));
    }

    /** {@return the keys, by the database that they live in} */
    public Map<Database, List<String>> partition(Collection<String> keys) {
        Map<Database, List<String>> parts = new LinkedHashMap<>();
        map.current()
                .partition(keys)
                .forEach((node, part) -> parts.computeIfAbsent(database(node), none -> new ArrayList<>())
                        .addAll(part));
        return parts;
    }

    private Database database(Node node) {
        Database database = databases.get(node.id());
        if (database == null) {
            throw new IllegalStateException("the shard map names a database that is not open: " + node.id());
        }
        return database;
    }

    /** {@return the database that keeps what belongs to no shard} */
    public Database first() {
        return first;
    }

    /** {@return all databases, by their ids} */
    Map<String, Database> all() {
        return Map.copyOf(databases);
    }

    /** Shows the map and all databases to operators. */
    public void show(MetricRegistry metrics, HealthRegistry health) {
        ShardMetrics.bind(metrics, map);
        databases.values().forEach(database -> database.show(metrics, health));
    }

    @Override
    public void close() {
        databases.values().forEach(Database::close);
    }
}
