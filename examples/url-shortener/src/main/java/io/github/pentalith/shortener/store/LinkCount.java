// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.Gauge;
import io.github.pentalith.metrics.MetricRegistry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the links in each database from time to time, for operators. Counting is cheap in H2 and a scan in PostgreSQL:
 * so the pause after it is at least twenty times as long as it took, and it gives up after a second.
 */
public final class LinkCount implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(2);
    private static final int PAUSES = 20;
    private static final int LONGEST_SECONDS = 1;
    private static final String CANCELLED = "57014"; // SQLSTATE: the statement took too long

    private static final Logger LOG = LoggerFactory.getLogger(LinkCount.class);

    private final Shards shards;
    private final ScheduledExecutorService scheduler;
    private final Family<Gauge> links;
    private final Set<String> counted = new HashSet<>(); // by one count at a time
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable ScheduledFuture<?> next;
    private boolean closed;

    private LinkCount(Shards shards, ScheduledExecutorService scheduler, MetricRegistry metrics) {
        this.shards = shards;
        this.scheduler = scheduler;
        this.links = metrics.gauge("shard_links", "Links stored per database").labels("shard");
    }

    /** Starts to count, on a thread of that scheduler, which stays open. */
    public static LinkCount start(Shards shards, ScheduledExecutorService scheduler, MetricRegistry metrics) {
        LinkCount count = new LinkCount(shards, scheduler, metrics);
        count.schedule(Duration.ZERO);
        return count;
    }

    private void schedule(Duration delay) {
        lock.lock();
        try {
            if (!closed) {
                next = scheduler.schedule(this::countAll, delay.toNanos(), TimeUnit.NANOSECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    private void countAll() {
        long start = System.nanoTime();
        Map<String, Database> databases = shards.all();
        counted.removeIf(id -> {
            boolean isGone = !databases.containsKey(id);
            if (isGone) {
                links.remove(id);
            }
            return isGone;
        });
        for (Map.Entry<String, Database> entry : databases.entrySet()) {
            try {
                long found = entry.getValue().once(connection -> count(connection, "SELECT COUNT(*) FROM link"));
                if (found >= 0) {
                    links.with(entry.getKey()).set((double) found);
                    counted.add(entry.getKey());
                }
            } catch (SQLException | RejectedExecutionException e) {
                LOG.debug("{} could not be counted", entry.getKey(), e); // its breaker logs the outage
            } catch (RuntimeException e) {
                LOG.warn("{} could not be counted", entry.getKey(), e);
            }
        }
        Duration pause = Duration.ofNanos(System.nanoTime() - start).multipliedBy(PAUSES);
        schedule(pause.compareTo(PERIOD) > 0 ? pause : PERIOD);
    }

    /** {@return the number that a query gives; -1 if that takes too long, which is no failure of the database} */
    static long count(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(LONGEST_SECONDS);
            try (ResultSet rows = statement.executeQuery(sql)) {
                rows.next();
                return rows.getLong(1);
            }
        } catch (SQLException e) {
            if (CANCELLED.equals(e.getSQLState())) {
                connection.rollback();
                return -1;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (next != null) {
                next.cancel(false);
            }
        } finally {
            lock.unlock();
        }
    }
}
