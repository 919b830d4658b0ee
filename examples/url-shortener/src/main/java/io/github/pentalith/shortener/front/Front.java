// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.front;

import io.github.pentalith.loadbalance.Endpoint;
import io.github.pentalith.loadbalance.EndpointHolder;
import io.github.pentalith.loadbalance.HealthProbe;
import io.github.pentalith.loadbalance.Lease;
import io.github.pentalith.loadbalance.LoadBalancer;
import io.github.pentalith.loadbalance.Outcome;
import io.github.pentalith.loadbalance.OutlierDetection;
import io.github.pentalith.loadbalance.PickContext;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.bind.JvmMetrics;
import io.github.pentalith.metrics.bind.LoadBalancerMetrics;
import io.github.pentalith.metrics.bind.ResilienceMetrics;
import io.github.pentalith.metrics.health.Health;
import io.github.pentalith.metrics.health.HealthCheck;
import io.github.pentalith.metrics.health.HealthRegistry;
import io.github.pentalith.resilience.Backoff;
import io.github.pentalith.resilience.Bulkhead;
import io.github.pentalith.resilience.CallTimeoutException;
import io.github.pentalith.resilience.KeyedRateLimiter;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.resilience.Rate;
import io.github.pentalith.resilience.Retry;
import io.github.pentalith.resilience.RetryBudget;
import io.github.pentalith.shortener.dashboard.Dashboard;
import io.github.pentalith.shortener.dashboard.Events;
import io.github.pentalith.shortener.http.AccessLog;
import io.github.pentalith.shortener.http.HttpMetrics;
import io.github.pentalith.shortener.http.Operations;
import io.github.pentalith.shortener.http.Problems;
import io.github.pentalith.shortener.http.Reply;
import io.github.pentalith.shortener.http.Request;
import io.github.pentalith.shortener.http.WebServer;
import io.github.pentalith.shortener.link.Users;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reverse proxy: limits new links per client, spreads requests over the nodes and tries another node when one
 * fails.
 *
 * <p>Three pipelines share the balancer. A request that may be done twice is repeated on any failure; a POST only if it
 * never left, that is if no connection came about.
 */
public final class Front implements AutoCloseable {
    private static final int THREADS = 64; // each waits for a node: 64 by 5 ms are 12,000 requests per second
    private static final Duration DEADLINE = Duration.ofSeconds(3); // what a person waits for before trying again
    private static final Duration READ = Duration.ofSeconds(1); // then another node may do better
    private static final Duration WRITE = Duration.ofMillis(2_500); // it may have to wait until all nodes forget
    private static final Duration SLOW_START = Duration.ofSeconds(5); // for caches and code to become warm

    /**
     * Under load this finds a dead node sooner than the probes, which see to it from then on; so a rest is short. One database of four
     * away fails a quarter of what each node is asked: 20 in a row are no accident, 5 would be.
     */
    private static final OutlierDetection OUTLIERS =
            OutlierDetection.defaults().consecutiveFailures(20).ejection(Duration.ofSeconds(5), Duration.ofMinutes(1));

    // Both may wait until all nodes forget, some 0.6 s: however many there are, they leave threads for those who follow
    // links.
    private static final int DELETIONS = 16;
    private static final int CREATIONS = 40;

    private static final int CLIENTS = 100_000; // remembered by the limiter, about 100 bytes each

    private static final Logger LOG = LoggerFactory.getLogger(Front.class);

    private final WebServer server;
    private final EndpointHolder endpoints = EndpointHolder.of("nodes");
    private final MetricRegistry metrics = MetricRegistry.of("shortener");
    private final LoadBalancer<Endpoint> nodes;
    private final Pipeline reads;
    private final Pipeline deletions;
    private final Pipeline creations;
    private final KeyedRateLimiter<String> newLinks;
    private final NodeClient client = new NodeClient();
    private final HealthRegistry health = HealthRegistry.of("front");
    private final Operations operations = new Operations(metrics, health);
    private final Attempts attempts = new Attempts(metrics);
    private final HttpMetrics http = new HttpMetrics(metrics);
    private final Events events = new Events(InstantSource.system());
    private final Concurrency concurrency = new Concurrency();
    private final Dashboard dashboard;
    private volatile boolean draining;

    private Front(WebServer server, int rateLimit) {
        this.server = server;
        nodes = LoadBalancer.builder("nodes", endpoints)
                .healthProbe(HealthProbe.http("/health/ready")
                        .interval(Duration.ofMillis(500))
                        .timeout(Duration.ofSeconds(1))
                        .fall(2))
                .outlierDetection(OUTLIERS)
                .slowStart(SLOW_START)
                .panicThreshold(0.01) // only if no node at all seems well, as then trying is better than refusing
                .observer(events.and(LoadBalancerMetrics.observer(metrics)))
                .build();
        // The budget is one repetition per request on average, as many requests may meet a dead node until it is found.
        Retry retry = Retry.of(3, Backoff.exponential(Duration.ofMillis(5)).cap(Duration.ofMillis(50)))
                .budget(RetryBudget.ratio(1));
        Retry anywhere = retry.when(Front::failed).onResult(Reply.class, Front::isAway);
        reads = pipeline("reads", READ, anywhere).build();
        deletions = pipeline("deletions", WRITE, anywhere)
                .bulkhead(Bulkhead.of("deletions", DELETIONS))
                .build();
        creations = pipeline("creations", WRITE, retry.when(Front::wasNotSent))
                .bulkhead(Bulkhead.of("creations", CREATIONS))
                .build();
        newLinks = KeyedRateLimiter.of("new-links", Rate.perSecond(rateLimit).burst(2L * rateLimit), CLIENTS);
        dashboard = new Dashboard(nodes::stats, this::addresses, http, List.of(reads, deletions, creations), events);
        health.register(HealthCheck.readiness("nodes", this::nodesHealth).cacheFor(Duration.ZERO));
        JvmMetrics.bind(metrics);
        LoadBalancerMetrics.bind(metrics, nodes);
        ResilienceMetrics.bind(metrics, reads);
        ResilienceMetrics.bind(metrics, deletions);
        ResilienceMetrics.bind(metrics, creations);
        ResilienceMetrics.bind(metrics, newLinks);
    }

    /** Starts a front without nodes, which is not ready yet; port 0 for any. */
    public static Front start(int port, int rateLimit) throws IOException {
        WebServer server;
        try {
            server = WebServer.bind("front", new InetSocketAddress(port), THREADS);
        } catch (BindException e) {
            throw new IOException("port " + port + " cannot be had: " + e.getMessage(), e);
        }
        Front front = new Front(server, rateLimit);
        server.serve(front::handle, front.http.and(new AccessLog("front")));
        return front;
    }

    private Pipeline.Builder pipeline(String name, Duration attempt, Retry retry) {
        return Pipeline.builder(name)
                .deadline(DEADLINE)
                .retry(retry)
                .attemptTimeout(attempt)
                .observer(attempts);
    }

    private Pipeline pipelineFor(Request request) {
        return switch (request.method()) {
            case "POST" -> creations;
            case "DELETE" -> deletions;
            default -> reads;
        };
    }

    private static boolean failed(Exception e) {
        return e instanceof IOException; // no connection, connection lost, time out
    }

    private static boolean wasNotSent(Exception e) {
        return e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
    }

    /** A node that stops, or a database that only this node cannot reach: another node may do better. */
    private static boolean isAway(Reply reply) {
        return reply.status() == 503;
    }

    private Reply handle(Request request) throws Exception {
        return switch (request.route()) {
            case LIVE, READY, METRICS -> operations.handle(request);
            case DASHBOARD, STATUS -> dashboard.handle(request);
            case LINKS -> limited(request);
            case ADMIN_SHARDS, ADMIN_SHARD -> Problems.notFound();
            default -> forward(request);
        };
    }

    private Reply limited(Request request) throws Exception {
        String user = Users.require(request.header(Users.HEADER));
        // Two prefixes, so that nobody can use up another one's rate by calling himself by his address.
        String key = user == null ? "address " + request.peer().getHostAddress() : "user " + user;
        long wait = newLinks.tryAcquireNanos(key, 1);
        return wait == 0 ? forward(request) : Problems.tooManyRequests(Duration.ofNanos(wait));
    }

    private Reply forward(Request request) throws Exception {
        String id = UUID.randomUUID().toString();
        PickContext context = PickContext.create(); // remembers the nodes that this request has tried
        try {
            return pipelineFor(request).call(() -> nodes.call(context, lease -> attempt(lease, request, id)));
        } catch (IOException | CallTimeoutException e) {
            LOG.debug("{} {} failed on all nodes tried", request.method(), request.route(), e);
            return Problems.unavailable("no node answered");
        }
    }

    private Reply attempt(Lease<? extends Endpoint> lease, Request request, String id)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        try {
            Reply reply = client.send(lease.endpoint(), request, id);
            if (reply.status() >= 500) {
                lease.failure(Outcome.SERVER_ERROR);
            }
            return reply;
        } finally {
            concurrency.ended(System.nanoTime() - start);
        }
    }

    private Health nodesHealth() {
        long ready = readyNodes();
        return draining
                ? Health.down("stopping")
                : ready == 0 ? Health.down("no node is ready") : Health.up().with("ready", ready);
    }

    /** {@return the port it listens on} */
    public int port() {
        return server.port();
    }

    /** Sends requests to these nodes from now on. */
    public void serve(Collection<Endpoint> fleet) {
        endpoints.update(old -> old.withAll(fleet));
    }

    /** Shows on the dashboard how far the adding of a shard has come; null if none is added. */
    public void showResharding(Supplier<@Nullable Map<String, Object>> progress) {
        dashboard.showResharding(progress);
    }

    /** Shows on the dashboard how many nodes there are to be. */
    public void showScaling(Supplier<Map<String, Object>> scaling) {
        dashboard.showScaling(scaling);
    }

    /** {@return what happened to nodes, for people} */
    public Events events() {
        return events;
    }

    /** {@return how many requests were with nodes at once on average, since this was asked for last} For one caller. */
    public double concurrency() {
        return concurrency.sinceLast();
    }

    /** Sends a node no more requests, and returns when those with it have ended, or after that time. */
    public void drainNode(String node, Duration patience) {
        endpoints.update(old -> old.drain(node));
        long end = System.nanoTime() + patience.toNanos();
        while (isBusy(node) && System.nanoTime() < end) {
            LockSupport.parkNanos(5_000_000);
        }
    }

    private boolean isBusy(String node) {
        return nodes.stats().endpoints().stream().anyMatch(each -> each.id().equals(node) && each.inFlight() > 0);
    }

    private Map<String, URI> addresses() {
        Map<String, URI> addresses = new LinkedHashMap<>();
        endpoints
                .current()
                .endpoints()
                .forEach(node -> addresses.put(node.id(), URI.create("http://" + node.host() + ":" + node.port())));
        return addresses;
    }

    /** {@return whether there is a node that has said it is ready} */
    public boolean isReady() {
        return !draining && readyNodes() > 0;
    }

    private long readyNodes() {
        return nodes.stats().endpoints().stream()
                .filter(node -> node.state() == LoadBalancer.State.READY)
                .count();
    }

    /** Tells who asks for its health to send nobody any more; still answers everybody. */
    public void drain() {
        draining = true;
        server.beginClosing();
    }

    /** Lets requests under way end, for as long as that at most, and ends. */
    public void close(Duration patience) {
        server.close(patience);
        dashboard.close();
        nodes.close();
        client.close();
        health.close();
        metrics.close();
    }

    @Override
    public void close() {
        close(Duration.ZERO);
    }
}
