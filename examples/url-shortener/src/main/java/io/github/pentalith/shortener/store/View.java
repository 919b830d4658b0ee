// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.migrate.Resharding;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A routing as this node follows it, with the number of calls that are under way under it. */
final class View {
    private final Routing routing;
    private final Map<String, Database> databases;
    private final AtomicLong underWay = new AtomicLong();

    View(Routing routing, Map<String, Database> databases) {
        this.routing = routing;
        this.databases = Map.copyOf(databases);
    }

    Routing routing() {
        return routing;
    }

    void enter() {
        underWay.incrementAndGet();
    }

    void leave() {
        underWay.decrementAndGet();
    }

    /** Returns when the last call is over; all of them have deadlines. */
    void awaitEmpty() {
        while (underWay.get() > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    Places of(String key) {
        Resharding<String> moving = routing.resharding();
        if (moving == null) {
            Database only = database(routing.map().locate(key));
            return new Places(only, only, null, only, null);
        }
        Database reads = database(moving.reads(key));
        Database writes = database(moving.writes(key));
        Node mirror = moving.mirrors(key);
        Database second = mirror == null ? null : database(mirror);
        Database before = database(moving.plan().from().locate(key));
        boolean over = moving.state() == Resharding.State.DONE;
        Database clicks = over ? reads : before; // counted in one place at any time, as an addition is no state
        return new Places(
                reads,
                second == before ? second : writes,
                second == before ? writes : second,
                clicks,
                over && before != reads ? before : null);
    }

    private Database database(Node node) {
        @Nullable Database database = databases.get(node.id());
        if (database == null) {
            throw new IllegalStateException("the shard map names a database that is not open: " + node.id());
        }
        return database;
    }
}
