// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import io.github.pentalith.shortener.admin.AdminApi;
import io.github.pentalith.shortener.admin.Resharder;
import io.github.pentalith.shortener.demo.Demo;
import io.github.pentalith.shortener.front.Front;
import io.github.pentalith.shortener.http.WebServer;
import io.github.pentalith.testkit.RealRedis;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole service: embedded parts, nodes and front, started and stopped in order.
 *
 * <p>Thread-safe: {@link #close} may come from a signal while {@link #start} is under way; it then waits for it.
 */
public final class Shortener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Shortener.class);
    private static final Duration START = Duration.ofSeconds(30);
    private static final int ADMIN_THREADS = 4;

    // The stop must take less than 5 s: the grace, at most twice the patience, and what the databases need.
    private static final Duration GRACE = Duration.ofMillis(250); // for who asks /health/ready to notice
    private static final Duration PATIENCE = Duration.ofMillis(1_500); // for requests under way

    private final Settings settings;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable NodeFleet fleet;
    private @Nullable EmbeddedParts parts;
    private @Nullable Front front;
    private @Nullable WebServer admin;
    private @Nullable Resharder resharder;
    private boolean closed;

    /** A service with these settings, not started yet. */
    public Shortener(Settings settings) {
        this.settings = settings;
    }

    /** {@return a running service with these settings} */
    public static Shortener start(Settings settings) throws IOException, SQLException {
        Shortener shortener = new Shortener(settings);
        shortener.start();
        return shortener;
    }

    /** Starts all parts and returns when the first request can be answered; if that fails, nothing is left. */
    public void start() throws IOException, SQLException {
        lock.lock();
        try {
            if (closed || front != null) {
                throw new IllegalStateException("a service starts once");
            }
            startAll();
        } catch (IOException | SQLException | RuntimeException e) {
            close();
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private void startAll() throws IOException, SQLException {
        Front proxy = Front.start(settings.port(), settings.rateLimit()); // first, as a taken port is found at once
        front = proxy;
        WebServer operators = settings.admin().port() < 0 ? null : bindAdmin();
        admin = operators;
        EmbeddedParts embedded = EmbeddedParts.start(settings);
        parts = embedded;
        NodeFleet nodes = new NodeFleet(proxy, embedded.backends(), url(), settings.scaling());
        fleet = nodes;
        nodes.start(settings.nodes());
        if (operators != null) {
            Resharder mover = Resharder.start(embedded.backends().databases());
            resharder = mover;
            proxy.showResharding(mover::progressSeen);
            operators.serve(new AdminApi(mover, settings.admin().token()), (route, status, nanos) -> {});
        }
        awaitReady(proxy);
        LOG.info("{} nodes and {} shards serve {}", settings.nodes(), settings.shards(), url());
    }

    private WebServer bindAdmin() throws IOException {
        Settings.Admin place = settings.admin();
        try {
            return WebServer.bind(
                    "admin", new InetSocketAddress(InetAddress.getByName(place.host()), place.port()), ADMIN_THREADS);
        } catch (BindException e) {
            throw new IOException("admin port " + place.port() + " cannot be had: " + e.getMessage(), e);
        }
    }

    private static void awaitReady(Front proxy) {
        long start = System.nanoTime();
        while (!proxy.isReady()) {
            if (System.nanoTime() - start > START.toNanos()) {
                throw new IllegalStateException("no node got ready within " + START.toSeconds() + " s");
            }
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    /** {@return what short URLs start with} */
    public URI url() {
        URI chosen = settings.baseUrl();
        return chosen != null ? chosen : local(started(front).port());
    }

    /** {@return where the front is reached from this machine} */
    public URI frontUrl() {
        return local(started(front).port());
    }

    /** {@return where the nodes are reached from this machine} */
    public List<URI> nodeUrls() {
        return started(fleet).nodes().stream().map(node -> local(node.port())).toList();
    }

    /** {@return where shards are added} */
    public URI adminUrl() {
        return URI.create(
                "http://" + settings.admin().host() + ":" + started(admin).port());
    }

    /** {@return the Redis, to be killed and frozen} */
    public RealRedis redis() {
        return started(parts).redis();
    }

    /** Ends a node as its death would: connections break, and clicks not yet written are lost. */
    public void killNode(int index) {
        started(fleet).nodes().get(index).kill();
    }

    /** {@return what a demonstration needs of it} */
    public Demo.Parts parts() {
        return new Demo.Parts() {
            @Override
            public URI front() {
                return frontUrl();
            }

            @Override
            public List<URI> nodes() {
                return nodeUrls();
            }

            @Override
            public void killNode(int index) {
                Shortener.this.killNode(index);
            }

            @Override
            public RealRedis redis() {
                return Shortener.this.redis();
            }
        };
    }

    private static URI local(int port) {
        return URI.create("http://localhost:" + port);
    }

    private static <T> T started(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("the service was not started");
        }
        return part;
    }

    /** Stops in order: not ready, requests under way end, nodes, their clicks, Redis last. Idempotent, below 5 s. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            List<Runnable> steps = new ArrayList<>();
            WebServer operators = admin;
            Resharder mover = resharder;
            if (operators != null) {
                steps.add(operators::close);
            }
            if (mover != null) {
                steps.add(mover::beginClosing);
            }
            NodeFleet all = fleet;
            if (all != null) {
                steps.add(all::freeze);
            }
            Front proxy = front;
            if (proxy != null) {
                steps.add(proxy::drain);
                if (all != null && !all.nodes().isEmpty()) {
                    steps.add(() -> LockSupport.parkNanos(GRACE.toNanos()));
                }
                steps.add(() -> proxy.close(PATIENCE));
            }
            long end = System.nanoTime() + GRACE.toNanos() + 2 * PATIENCE.toNanos();
            if (all != null) {
                steps.add(() -> all.nodes()
                        .forEach(node ->
                                attempt(() -> node.close(Duration.ofNanos(Math.max(0, end - System.nanoTime()))))));
            }
            if (mover != null) {
                steps.add(mover::close);
            }
            if (parts != null) {
                steps.add(parts::close);
            }
            steps.forEach(Shortener::attempt);
        } finally {
            lock.unlock();
        }
    }

    /** One part that cannot be stopped must not keep the others running. */
    private static void attempt(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.warn("A part could not be stopped", e);
        }
    }
}
