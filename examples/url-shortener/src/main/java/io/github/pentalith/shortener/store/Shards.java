// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.bind.ShardMetrics;
import io.github.pentalith.metrics.health.HealthRegistry;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.KeyHasher;
import io.github.pentalith.sharding.ShardMap;
import io.github.pentalith.sharding.ShardMapFormatException;
import io.github.pentalith.sharding.ShardMapHolder;
import io.github.pentalith.shortener.http.Threads;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All databases, and which of them a key lives in, also while it moves from one to another.
 *
 * <p>A thread asks for the version of the {@link Routing} four times a second. It enters a new one when all calls under
 * the old one are over, and says so in the database; the mover waits for that. Who cannot ask for a while goes on, but
 * asks the database of each key whether the version is still in force there.
 */
public final class Shards implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofMillis(250);

    /** After this without news each call looks for the mark; far less than {@link #SILENCE}. */
    private static final Duration STALE = Duration.ofSeconds(3);

    /** Who gave no sign of life for that long and works on, looks for the mark before each call. */
    public static final Duration SILENCE = Duration.ofSeconds(15);

    private static final Duration BEAT = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Shards.class);

    private final String node;
    private final String member = UUID.randomUUID().toString();
    private final Databases databases;
    private final Database first;
    private final RoutingTable table;
    private final ShardMapHolder<HashShardMap<String>> map;
    private final ScheduledExecutorService follower;
    private final AtomicLong halfDone = new AtomicLong();
    private volatile View view;
    private volatile long confirmed; // when the version was last asked for and found unchanged
    private long beaten; // follower only
    private volatile @Nullable ScheduledFuture<?> following;

    /** Something to do at the places of a key. */
    @FunctionalInterface
    interface Work<T> {
        /** {@return the result} */
        T at(Places places) throws SQLException;
    }

    private Shards(String node, Databases databases, Database first, Routing routing) {
        this.node = node;
        this.databases = databases;
        this.first = first;
        this.table = new RoutingTable(first);
        this.map = ShardMapHolder.of("links", routing.map());
        this.view = new View(routing, databases.all());
        this.confirmed = System.nanoTime();
        this.follower = Executors.newSingleThreadScheduledExecutor(Threads.named(node + "-routing"));
    }

    /**
     * Opens all databases, creates missing tables, reads the routing from the first database, or decides it, and follows
     * it from then on.
     *
     * @param node whose connections these are, in logs and names of threads
     * @throws MisfitException if the databases are not those that the map was made for
     */
    public static Shards open(String node, Addresses addresses, Pipeline.Observer observer) throws SQLException {
        if (addresses.given().isEmpty()) {
            throw new IllegalArgumentException("addresses must not be empty: addresses=[] (expected: 1 or more)");
        }
        Databases databases = new Databases(node, addresses, observer);
        try {
            Database first = databases.openFirst();
            Routing routing = decide(addresses.given().keySet(), first); // before the others are touched
            databases.openAll(routing);
            Shards shards = new Shards(node, databases, first, routing);
            shards.follow();
            return shards;
        } catch (Throwable e) {
            databases.close();
            throw e;
        }
    }

    private static Routing decide(Set<String> ids, Database first) throws SQLException {
        byte[] bytes = new Facts(first)
                .decide(
                        "shard-map",
                        () -> ShardMap.of(ids.toArray(String[]::new)).toBytes());
        try {
            return new RoutingTable(first)
                    .decide(new Routing(1, HashShardMap.fromBytes(bytes, KeyHasher.strings()), null));
        } catch (ShardMapFormatException e) {
            throw new MisfitException("the stored shard map cannot be read: " + e.getMessage());
        }
    }

    private void follow() throws SQLException {
        if (view.routing().resharding() != null) {
            LOG.warn("{}: {}; it goes on where there is an --admin-port", node, text(view.routing()));
        }
        try {
            table.beat(member, node, view.routing().version(), 0);
            refresh(); // who was registered a moment too late to be waited for finds the next version now
        } catch (Throwable e) {
            follower.shutdown();
            throw e;
        }
        following = follower.scheduleWithFixedDelay(
                () -> {
                    try {
                        refresh();
                    } catch (SQLException | RuntimeException e) {
                        LOG.debug("{}: no news of the routing", node, e); // the breaker logs the outage
                    }
                },
                PERIOD.toMillis(),
                PERIOD.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void refresh() throws SQLException {
        long start = System.nanoTime();
        long version = view.routing().version();
        boolean changed = table.version() != version;
        if (changed) {
            try {
                enter(table.read());
            } catch (SQLException | RuntimeException e) {
                if (table.renew(member, version, halfDone.get())) { // the mover will not go further without this node
                    confirmed = start;
                }
                throw e;
            }
        }
        if (changed || start - beaten >= BEAT.toNanos()) {
            table.beat(member, node, view.routing().version(), halfDone.get());
            beaten = start;
        }
        confirmed = start;
    }

    private void enter(Routing routing) throws SQLException {
        databases.openAll(routing);
        View old = view;
        view = new View(routing, databases.all());
        old.awaitEmpty();
        databases.closeAllBut(routing); // one was to be added, and that was taken back
        if (routing.resharding() == null) {
            map.publish(routing.map());
        }
        LOG.info("{}: version {} of the routing: {}", node, routing.version(), text(routing));
    }

    private static String text(Routing routing) {
        return routing.resharding() == null
                ? routing.map().nodes().size() + " shards"
                : routing.added() + " is being added, " + routing.resharding().state();
    }

    /** {@return the result of work at the places of a key} All of it is done under one routing. */
    <T> T on(String key, Work<T> work) throws SQLException {
        View now = entered();
        try {
            Places places = now.of(key);
            requireInForce(now, places);
            try {
                return work.at(places);
            } catch (Throwable e) {
                if (places.second() != null) {
                    halfDone.incrementAndGet(); // perhaps in one of the places only; the mover compares once more
                }
                throw e;
            }
        } finally {
            now.leave();
        }
    }

    /** Does something for each database that counts clicks, with the keys whose clicks it counts. */
    void onClicks(Collection<String> keys, BiConsumer<Database, List<String>> work) {
        View now = entered();
        try {
            keys.stream()
                    .collect(Collectors.groupingBy(key -> now.of(key).clicks()))
                    .forEach(work);
        } finally {
            now.leave();
        }
    }

    /** {@return the current view, which stays current until it is left, or has a neighbour at most} */
    private View entered() {
        while (true) {
            View now = view;
            now.enter();
            if (now == view) { // else its emptiness may have been seen before we came
                return now;
            }
            now.leave();
        }
    }

    private void requireInForce(View now, Places places) throws SQLException {
        if (System.nanoTime() - confirmed <= STALE.toNanos()) {
            return;
        }
        for (Database database : new LinkedHashSet<>(List.of(places.reads(), places.first()))) {
            long mark = RoutingTable.mark(database);
            if (mark > now.routing().version()) {
                throw new SQLTransientException("this node has not heard of version " + mark + " of the routing");
            }
        }
    }

    /** {@return the database that keeps what belongs to no shard} */
    public Database first() {
        return first;
    }

    /** {@return all databases, by their ids} */
    public Map<String, Database> all() {
        return databases.all();
    }

    /** {@return the routing that this node follows at the moment} */
    public Routing routing() {
        return view.routing();
    }

    /** {@return the routing in the database} */
    public RoutingTable table() {
        return table;
    }

    /** {@return where a shard is that was added} */
    public Address address(String id) throws SQLException {
        return databases.address(id);
    }

    /** {@return where each shard is, without credentials} */
    public Map<String, String> places() throws SQLException {
        Map<String, String> places = new LinkedHashMap<>();
        databases.locate(routing()).forEach((id, address) -> places.put(id, address.toString()));
        return places;
    }

    /** Shows the map and all databases to operators. */
    public void show(MetricRegistry metrics, HealthRegistry health) {
        ShardMetrics.bind(metrics, map);
        databases.show(metrics, health);
    }

    /** Tells that this node is about to end, so that no mover waits for it. */
    public void leave() throws SQLException {
        stopFollowing();
        table.remove(member);
    }

    private void stopFollowing() {
        ScheduledFuture<?> polls = following;
        if (polls != null) {
            polls.cancel(false); // H2 closes a file under a thread that is interrupted
        }
        follower.shutdown();
        try {
            follower.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        follower.shutdown();
        databases.close();
    }
}
