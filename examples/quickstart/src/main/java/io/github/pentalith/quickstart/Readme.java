// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.quickstart;

import io.github.pentalith.cache.TieredCache;
import io.github.pentalith.loadbalance.Endpoint;
import io.github.pentalith.loadbalance.LoadBalancer;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Timer;
import io.github.pentalith.metrics.export.Exposition;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.ShardMap;
import java.time.Duration;
import java.util.Map;

/** The first Java of the README: a test compares the two and runs this. */
final class Readme {
    record User(String id, String name) {}

    private final Map<String, Map<String, User>> databases;
    int selects;

    /** Databases by node id, each a table of users by id. */
    Readme(Map<String, Map<String, User>> databases) {
        this.databases = databases;
    }

    String run() {
        HashShardMap<String> shards = ShardMap.of("db-1", "db-2", "db-3"); // where does a key live?
        Pipeline database = Pipeline.standard("database", Duration.ofSeconds(2)); // what if the call fails or hangs?
        TieredCache<String, User> users = TieredCache.builder("users", String.class, User.class)
                .maximumSize(10_000) // can we avoid the call?
                .loader(id -> database.call(() -> select(shards.locate(id).id(), id)))
                .build();
        LoadBalancer<Endpoint> search = // which endpoint takes it?
                LoadBalancer.of("search", Endpoint.of("10.0.0.1", 80), Endpoint.of("10.0.0.2", 80));
        MetricRegistry metrics = MetricRegistry.of("shop"); // what is going on?
        Timer answer = metrics.timer("answer", "Time to answer.").register();

        User ada = answer.time(() -> users.get("ada"));
        String page = search.call(lease -> fetch(lease.target(), ada.name()));

        try (users;
                search;
                metrics) {
            return page + "\n" + Exposition.prometheus().text(metrics);
        }
    }

    private User select(String node, String id) {
        selects++;
        return databases.get(node).get(id);
    }

    private static String fetch(Endpoint endpoint, String query) {
        return "asked " + endpoint.host() + " for " + query;
    }
}
