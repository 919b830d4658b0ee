// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.node;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.bind.JvmMetrics;
import io.github.pentalith.metrics.bind.ResilienceMetrics;
import io.github.pentalith.metrics.health.Health;
import io.github.pentalith.metrics.health.HealthCheck;
import io.github.pentalith.metrics.health.HealthRegistry;
import io.github.pentalith.shortener.click.ClickCounter;
import io.github.pentalith.shortener.code.Codes;
import io.github.pentalith.shortener.code.NodeLease;
import io.github.pentalith.shortener.code.Permutation;
import io.github.pentalith.shortener.http.AccessLog;
import io.github.pentalith.shortener.http.HttpMetrics;
import io.github.pentalith.shortener.http.Operations;
import io.github.pentalith.shortener.http.Threads;
import io.github.pentalith.shortener.http.WebServer;
import io.github.pentalith.shortener.store.Facts;
import io.github.pentalith.shortener.store.Leases;
import io.github.pentalith.shortener.store.LinkCount;
import io.github.pentalith.shortener.store.LinkTable;
import io.github.pentalith.shortener.store.Shards;
import io.github.pentalith.shortener.store.UrlIndex;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One application node: all that would be one process on a server of its own. Nodes share nothing but the
 * {@link Backends}.
 */
public final class AppNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AppNode.class);

    private static final int THREADS = 64; // as many as the front has: a node alone can serve all of it
    private static final int WAITING_CLICKS = 100_000; // different codes between two writes, some 10 MB
    private static final Duration CLICKS_PERIOD = Duration.ofSeconds(1); // what a crash may lose
    private static final Duration LEASE = Duration.ofSeconds(30); // new links survive a database away for that long
    private static final Duration LEASE_PERIOD = Duration.ofSeconds(10); // three tries per lease

    private static final InstantSource CLOCK = InstantSource.system();

    private final String name;
    private final Shards shards;
    private final WebServer server;
    private final MetricRegistry metrics;
    private final HealthRegistry health;
    private final ScheduledExecutorService timer; // a thread per task, so that a slow database delays no renewal
    private final NodeLease lease;
    private final ScheduledFuture<?> renewal;
    private final LinkCache cache;
    private final ClickCounter clicks;
    private final LinkCount count;
    private volatile boolean stopping;
    private final AtomicBoolean ended = new AtomicBoolean(); // by a kill or a close, whichever comes first

    private AppNode(String name, MetricRegistry metrics, Shards shards, WebServer server, Backends backends)
            throws SQLException {
        this.name = name;
        this.metrics = metrics;
        this.shards = shards;
        this.server = server;
        health = HealthRegistry.of(name);
        timer = Executors.newScheduledThreadPool(3, Threads.named(name + "-timer"));
        lease = NodeLease.claim(new Leases(shards.first()), LEASE, CLOCK);
        cache = new LinkCache(backends.redis(), new LinkTable(shards)::find, metrics);
        clicks = ClickCounter.start(WAITING_CLICKS, CLICKS_PERIOD, timer, new LinkTable(shards)::addClicks);
        count = LinkCount.start(shards, timer, metrics);
        renewal = timer.scheduleWithFixedDelay(
                lease::renew, LEASE_PERIOD.toMillis(), LEASE_PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        observe();
    }

    /**
     * Starts a node on a free port of the loopback interface.
     *
     * @param name in logs and names of threads
     * @param baseUrl what short URLs start with
     */
    public static AppNode start(String name, Backends backends, URI baseUrl) throws IOException, SQLException {
        MetricRegistry metrics = MetricRegistry.of("shortener"); // one per node, as if it were a process of its own
        Shards shards = Shards.open(name, backends.databases(), ResilienceMetrics.observer(metrics));
        WebServer server = null;
        AppNode node = null;
        try {
            server = WebServer.bind(name, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), THREADS);
            node = new AppNode(name, metrics, shards, server, backends);
            server.serve(node.api(baseUrl), new HttpMetrics(metrics).and(new AccessLog(name)));
            return node;
        } catch (IOException | SQLException | RuntimeException e) {
            if (node != null) {
                node.close();
            } else {
                if (server != null) {
                    server.close();
                }
                shards.close();
                metrics.close();
            }
            throw e;
        }
    }

    private NodeApi api(URI baseUrl) throws SQLException {
        byte[] key = new Facts(shards.first()).decide("code-key", Permutation::newKey);
        Codes codes = new Codes(Permutation.of(key));
        Links links =
                new Links(new LinkTable(shards), new UrlIndex(shards), cache, () -> codes.codeOf(lease.next()), CLOCK);
        return new NodeApi(baseUrl, links, clicks, new Operations(metrics, health), CLOCK);
    }

    private void observe() {
        JvmMetrics.bind(metrics);
        ClickMetrics.bind(metrics, clicks);
        cache.show(metrics, health);
        shards.show(metrics, health);
        health.register(HealthCheck.readiness("node", () -> stopping ? Health.down("stopping") : Health.up())
                .cacheFor(Duration.ZERO));
    }

    /** {@return its name} */
    public String name() {
        return name;
    }

    /** {@return the port it listens on} */
    public int port() {
        return server.port();
    }

    /** {@return the number in its ids} */
    public int number() {
        return lease.number();
    }

    /** Ends as a crash would: connections break, clicks not yet written are lost, the lease runs out by itself. */
    public void kill() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        server.close();
        clicks.abandon();
        closeRest();
    }

    /** Says that it is not ready, lets requests under way end, writes the clicks, gives its number back, ends. */
    public void close(Duration patience) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        stopping = true;
        renewal.cancel(false); // before the number is given back
        server.close(patience);
        clicks.close();
        try {
            lease.release();
        } catch (SQLException | RuntimeException e) {
            LOG.warn("{}: the node number could not be given back; it is free again after {}", name, LEASE, e);
        }
        try {
            shards.leave();
        } catch (SQLException | RuntimeException e) {
            LOG.warn("{}: could not take leave; a resharding will wait for it", name, e);
        }
        closeRest();
    }

    @Override
    public void close() {
        close(Duration.ZERO);
    }

    private void closeRest() {
        renewal.cancel(false);
        count.close();
        timer.shutdown();
        cache.close();
        shards.close();
        health.close();
        metrics.close();
    }
}
