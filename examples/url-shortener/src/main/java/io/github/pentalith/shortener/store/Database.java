// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.bind.ResilienceMetrics;
import io.github.pentalith.metrics.health.HealthRegistry;
import io.github.pentalith.resilience.Backoff;
import io.github.pentalith.resilience.Bulkhead;
import io.github.pentalith.resilience.CircuitBreaker;
import io.github.pentalith.resilience.Deadline;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.resilience.Retry;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * One SQL database: a pool of connections behind a pipeline. All SQL of the service runs through here.
 *
 * <p>Work may be tried several times, so it must do the same twice as once; {@link #once} is for work that does not.
 */
public final class Database implements AutoCloseable {
    /** Connections per database and node: more than a database of few cores can use at once. */
    private static final int CONNECTIONS = 8;

    private final HikariDataSource source;
    private final CircuitBreaker breaker;
    private final Bulkhead bulkhead;
    private final Pipeline retrying;
    private final Pipeline once;
    private final List<Registration> shown = new CopyOnWriteArrayList<>();

    /** Something to do with a connection. */
    @FunctionalInterface
    public interface Work<T> {
        /** {@return the result} */
        T on(Connection connection) throws SQLException;
    }

    private Database(
            HikariDataSource source, CircuitBreaker breaker, Bulkhead bulkhead, Pipeline retrying, Pipeline once) {
        this.source = source;
        this.breaker = breaker;
        this.bulkhead = bulkhead;
        this.retrying = retrying;
        this.once = once;
    }

    /**
     * Opens a database.
     *
     * @param node whose connections these are, in logs and names of threads
     * @param id its name in metrics, the same on all nodes
     * @param observer hears of each call
     */
    public static Database open(String node, String id, Address address, Pipeline.Observer observer) {
        CircuitBreaker breaker = CircuitBreaker.of(id);
        // As many calls as connections, so that waiting happens here, bounded, and not in the pool.
        Bulkhead bulkhead = Bulkhead.builder(id)
                .limit(CONNECTIONS)
                .maxWait(Duration.ofMillis(500))
                .build();
        Pipeline retrying = Pipeline.builder(id)
                .deadline(Duration.ofSeconds(2)) // a client waits no longer than that for a page
                .retry(Retry.of(3, Backoff.exponential(Duration.ofMillis(20))).when(Database::mayPass))
                .breaker(breaker)
                .bulkhead(bulkhead)
                .observer(observer)
                .build();
        Pipeline once = Pipeline.builder(id + "-once")
                .deadline(Duration.ofSeconds(2))
                .breaker(breaker)
                .bulkhead(bulkhead)
                .observer(observer)
                .build();
        return new Database(new HikariDataSource(pool(node + "-" + id, address)), breaker, bulkhead, retrying, once);
    }

    /** {@return a database with its tables, which is the one that belongs to the id} */
    public static Database openShard(String node, String id, Address address, Pipeline.Observer observer)
            throws SQLException {
        Database database = open(node, id, address, observer);
        try {
            Schema.create(database);
            byte[] fact = new Facts(database).decide("shard", () -> id.getBytes(StandardCharsets.UTF_8));
            String is = new String(fact, StandardCharsets.UTF_8);
            if (!is.equals(id)) {
                throw new MisfitException("the database given for shard " + id + " is that of shard " + is);
            }
            return database;
        } catch (Throwable e) {
            database.close();
            throw e;
        }
    }

    private static HikariConfig pool(String name, Address address) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setJdbcUrl(address.jdbcUrl());
        config.setUsername(address.user());
        config.setPassword(address.password());
        if (address.jdbcUrl().startsWith("jdbc:postgresql:")) { // seconds; the network may swallow what the server says
            config.addDataSourceProperty("connectTimeout", "1");
            config.addDataSourceProperty("socketTimeout", "5");
        }
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(1_000);
        return config;
    }

    /** {@return whether the same work may succeed on another try: no connection, deadlock, serialization} */
    private static boolean mayPass(Throwable error) {
        if (error instanceof SQLTransientException || error instanceof SQLRecoverableException) {
            return true;
        }
        String state = error instanceof SQLException e ? e.getSQLState() : null;
        return state != null && (state.startsWith("08") || state.startsWith("40"));
    }

    /** Shows calls, breaker and places in use to operators. */
    public void show(MetricRegistry metrics, HealthRegistry health) {
        shown.add(ResilienceMetrics.bind(metrics, retrying));
        shown.add(ResilienceMetrics.bind(metrics, once));
        shown.add(ResilienceMetrics.bind(metrics, breaker));
        shown.add(ResilienceMetrics.bind(metrics, bulkhead));
        // Not critical: a database that is away is away for all nodes, and to take this one out would help nobody.
        shown.add(health.register(ResilienceMetrics.health(breaker).critical(false)));
    }

    /** {@return the result of work in one transaction, which may be tried several times} */
    public <T> T run(Work<T> work) throws SQLException {
        return retrying.call(() -> transaction(work));
    }

    /**
     * Inserts. That a key is taken is an answer and no failure: it must not open the breaker.
     *
     * @return whether it was inserted: false if a row with one of the keys was there already
     */
    public boolean insert(Work<?> work) throws SQLException {
        return retrying.call(() -> {
            try {
                transaction(work);
                return true;
            } catch (SQLException e) {
                if (isDuplicate(e)) {
                    return false;
                }
                throw e;
            }
        });
    }

    private static boolean isDuplicate(SQLException e) {
        return e.getSQLState() != null && e.getSQLState().startsWith("23");
    }

    /** {@return the result of work in one transaction, which is tried once} */
    public <T> T once(Work<T> work) throws SQLException {
        return once.call(() -> transaction(work));
    }

    /** {@return a statement that ends when the time of the call is over, in the database too} */
    static PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        try {
            Deadline deadline = Deadline.current();
            statement.setQueryTimeout(
                    deadline == null ? 30 : (int) deadline.remaining().toSeconds() + 1);
            return statement;
        } catch (SQLException | RuntimeException e) {
            statement.close();
            throw e;
        }
    }

    private <T> T transaction(Work<T> work) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            try {
                T result = work.on(connection);
                connection.commit();
                return result;
            } catch (Throwable e) {
                connection.rollback();
                throw e;
            }
        }
    }

    @Override
    public void close() {
        shown.forEach(Registration::close);
        source.close();
    }
}
