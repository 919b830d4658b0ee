// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.admin;

import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.migrate.Resharding;
import io.github.pentalith.shortener.http.Threads;
import io.github.pentalith.shortener.store.Address;
import io.github.pentalith.shortener.store.Addresses;
import io.github.pentalith.shortener.store.Database;
import io.github.pentalith.shortener.store.MisfitException;
import io.github.pentalith.shortener.store.Mover;
import io.github.pentalith.shortener.store.Routing;
import io.github.pentalith.shortener.store.RoutingTable;
import io.github.pentalith.shortener.store.Shards;
import io.github.pentalith.shortener.store.SupersededException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds a shard while the service runs: copies, compares, cuts over.
 *
 * <p>All it knows is in the databases. It takes the state from there, does what the state asks for, waits until all nodes
 * have entered the state, and writes the next one, if nobody else did. So it goes on after a restart where it stopped,
 * in whichever process, and two of them at once disturb nobody.
 */
public final class Resharder implements AutoCloseable {
    private static final Duration IDLE = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(Resharder.class);

    private final Shards shards;
    private final RoutingTable table;
    private final Addresses addresses;
    private final ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(1, Threads.named("resharder"));
    private final Pipeline.Observer observer = new Pipeline.Observer() {};
    private final Progress progress = new Progress();
    private volatile @Nullable ScheduledFuture<?> watching;

    private Resharder(Shards shards, Addresses addresses) {
        this.shards = shards;
        this.table = shards.table();
        this.addresses = addresses;
    }

    /** Starts; goes on with what was begun, if anything. */
    public static Resharder start(Addresses addresses) throws SQLException {
        Resharder resharder = new Resharder(Shards.open("admin", addresses, new Pipeline.Observer() {}), addresses);
        resharder.watching =
                resharder.thread.scheduleWithFixedDelay(resharder::work, 0, IDLE.toMillis(), TimeUnit.MILLISECONDS);
        return resharder;
    }

    /**
     * Begins to add a shard.
     *
     * @param address where its database is, which must be empty; null for where this program keeps its own
     * @return its id
     * @throws ConflictException if a shard is being added, or the database is not empty
     * @throws IllegalArgumentException if there is no address and this program keeps no databases
     */
    public String add(@Nullable Address address) throws SQLException, ConflictException {
        Routing now = table.read();
        if (now.resharding() != null) {
            throw new ConflictException("a shard is being added: " + now.added());
        }
        String id = freeId(now);
        Address place = address != null
                ? address
                : addresses.own().of(id).orElseThrow(() -> new IllegalArgumentException("where is the database?"));
        requireEmpty(id, place);
        table.remember(id, Optional.ofNullable(address));
        HashShardMap<String> next = now.map().with(Node.of(id));
        Routing planned = new Routing(now.version() + 1, now.map(), Resharding.of("links", now.map(), next));
        if (!table.swap(now.version(), planned)) {
            throw new ConflictException("somebody else adds a shard");
        }
        LOG.info(
                "{} is being added at {}: {} moves",
                id,
                place,
                planned.copy().plan().moves().size());
        thread.execute(this::work);
        return id;
    }

    private static String freeId(Routing now) {
        for (int i = 0; ; i++) {
            String id = "s" + i;
            if (!now.ids().contains(id)) {
                return id;
            }
        }
    }

    private void requireEmpty(String id, Address place) throws ConflictException {
        try (Database database = Database.openShard("admin", id, place, observer)) {
            if (!Mover.isEmpty(database)) {
                throw new ConflictException("the database is not empty: " + place);
            }
        } catch (MisfitException e) {
            throw new ConflictException(String.valueOf(e.getMessage()));
        } catch (SQLException | RuntimeException e) { // the pool's own kind if it cannot connect
            LOG.warn("{} cannot be added at {}", id, place, e);
            throw new ConflictException("the database cannot be used, see the log: " + place);
        }
    }

    /**
     * Takes the adding of a shard back; the routing is as before when this returns, and the shard is emptied after that.
     *
     * @throws ConflictException if it is not being added, or is read already: then it is quicker to go on
     */
    public void abort(String id) throws SQLException, ConflictException {
        while (true) {
            Routing now = table.read();
            if (!id.equals(now.added())) {
                throw new ConflictException("this shard is not being added: " + id);
            }
            switch (now.copy().state()) {
                case PLANNED, DUAL_WRITE, BACKFILL, VERIFY -> {
                    if (table.swap(now.version(), now.step(false))) {
                        LOG.info("{} is not added after all", id);
                        thread.execute(this::work);
                        return;
                    }
                }
                case ROLLED_BACK -> {
                    return;
                }
                case READ_NEW, CUT_OVER, DONE ->
                    throw new ConflictException("links are read from " + id + " already; this ends in a moment");
            }
        }
    }

    /** {@return what is being moved, for people; null if nothing is} */
    public @Nullable Map<String, Object> progress() throws SQLException {
        return progress.of(table.read());
    }

    /** {@return the same as of a moment ago, without asking a database} */
    public @Nullable Map<String, Object> progressSeen() {
        return progress.of(shards.routing());
    }

    /** {@return the shards with their places, without credentials, and the number of links in each} */
    public List<Map<String, Object>> list() throws SQLException {
        List<Map<String, Object>> list = new ArrayList<>();
        Map<String, Database> databases = shards.all();
        for (Map.Entry<String, String> place : shards.places().entrySet()) {
            Map<String, Object> shard = new LinkedHashMap<>();
            shard.put("id", place.getKey());
            shard.put("database", place.getValue());
            Database database = databases.get(place.getKey());
            if (database != null) {
                long links = Mover.links(database);
                if (links >= 0) {
                    shard.put("links", links);
                }
            }
            list.add(shard);
        }
        return list;
    }

    /** {@return whether a shard can be added without an address} */
    public boolean keepsDatabases() {
        return addresses.own().of("s0").isPresent();
    }

    /** {@return the version of the routing} */
    public long version() {
        return shards.routing().version();
    }

    private void work() {
        while (!progress.isCancelled()) {
            try {
                Routing now = table.read();
                if (now.resharding() == null) {
                    return;
                }
                step(now);
                progress.failed(null);
            } catch (SupersededException e) {
                LOG.debug("Another one was faster", e);
            } catch (CancellationException e) {
                return;
            } catch (SQLException | RuntimeException e) {
                if (progress.isCancelled()) {
                    return;
                }
                progress.failed(e);
                LOG.warn("The resharding could not go on and tries again", e);
                LockSupport.parkNanos(IDLE.toNanos());
            }
        }
    }

    private void step(Routing now) throws SQLException {
        String added = now.added();
        if (added == null) {
            throw new IllegalStateException("a resharding adds a shard");
        }
        Map<String, Database> databases = new HashMap<>(shards.all());
        Database own = null; // the follower closes and opens by its own time
        try {
            own = open(added);
            databases.put(added, own);
            table.mark(own, now.version());
            RollCall all = new RollCall(table, now, databases.values(), progress);
            all.awaitEntered();
            progress.begin();
            Mover mover = new Mover(now, databases, own, progress);
            switch (now.copy().state()) {
                case PLANNED, DUAL_WRITE, CUT_OVER -> advance(now, now);
                case BACKFILL -> copy(now, mover);
                case VERIFY -> {
                    reconcile(mover, all);
                    mover.requireNothingMore();
                    advance(now, new Routing(now.version(), now.map(), mover.verified()));
                }
                case READ_NEW -> {
                    progress.mended(mover.reconcile()); // of a node that died between its two writes just before
                    advance(now, now);
                }
                case DONE -> {
                    for (String source : mover.sources()) {
                        table.mark(database(databases, source), now.version());
                    }
                    mover.carryClicks();
                    mover.clean();
                    swap(now, new Routing(now.version() + 1, now.copy().plan().to(), null));
                }
                case ROLLED_BACK -> {
                    mover.empty();
                    swap(now, new Routing(now.version() + 1, now.map(), null));
                }
            }
        } finally {
            if (own != null) {
                own.close();
            }
        }
    }

    private Database open(String added) throws SQLException {
        Address place = shards.address(added);
        return Database.openShard("resharder", added, place, observer);
    }

    private void copy(Routing now, Mover mover) throws SQLException {
        progress.beginRound(mover.rows());
        Resharding<String> resharding = now.copy();
        for (String source : mover.sources()) {
            if (resharding.missing().stream().anyMatch(move -> move.from().id().equals(source))) {
                resharding = mover.copy(source);
                // Kept without a new version: nothing changes for the nodes.
                if (!table.save(new Routing(now.version(), now.map(), resharding))) {
                    throw new SupersededException(now.version(), table.read().version());
                }
            }
        }
        advance(now, new Routing(now.version(), now.map(), resharding));
    }

    /** Compares until a whole round ends in which no node left a write half done and none came or went. */
    private void reconcile(Mover mover, RollCall all) throws SQLException {
        Map<String, Long> before;
        Map<String, Long> after = halfDone();
        do {
            before = after;
            progress.beginRound(mover.rows());
            progress.mended(mover.reconcile());
            all.awaitSignOfLife();
            after = halfDone();
        } while (!before.equals(after));
    }

    private Map<String, Long> halfDone() throws SQLException {
        Map<String, Long> counts = new HashMap<>();
        table.members().forEach(member -> counts.put(member.owner(), member.halfDone()));
        return counts;
    }

    private void advance(Routing now, Routing finished) throws SQLException {
        swap(now, finished.step(true));
    }

    private void swap(Routing now, Routing next) throws SQLException {
        if (!table.swap(now.version(), next)) {
            throw new SupersededException(now.version(), table.read().version());
        }
        LOG.info(
                "Version {} of the routing: {}",
                next.version(),
                next.resharding() == null ? next.map() : next.resharding().state());
    }

    private static Database database(Map<String, Database> databases, String id) {
        Database database = databases.get(id);
        if (database == null) {
            throw new IllegalStateException("the database is not open: " + id);
        }
        return database;
    }

    /** Begins to stop. */
    public void beginClosing() {
        progress.cancel();
    }

    /** Stops after the batch under way; what is not done is done after the next start. */
    @Override
    public void close() {
        beginClosing();
        ScheduledFuture<?> watch = watching;
        if (watch != null) {
            watch.cancel(false); // H2 closes a file under a thread that is interrupted
        }
        thread.shutdown();
        try {
            if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
                LOG.warn("The resharding is cut off; it goes on after the next start");
            }
            shards.leave();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SQLException | RuntimeException e) {
            LOG.warn("admin: could not take leave", e);
        }
        shards.close();
    }
}
