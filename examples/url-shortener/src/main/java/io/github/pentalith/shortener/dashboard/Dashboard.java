// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.dashboard;

import io.github.pentalith.loadbalance.LoadBalancer;
import io.github.pentalith.metrics.HistogramSnapshot;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.shortener.http.Handler;
import io.github.pentalith.shortener.http.HttpMetrics;
import io.github.pentalith.shortener.http.Problems;
import io.github.pentalith.shortener.http.Reply;
import io.github.pentalith.shortener.http.Request;
import io.github.pentalith.shortener.http.Threads;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the whole system once a second and shows the last two minutes of it: a page, and the data that the page asks
 * for. The front's own figures come from {@code stats()} of its parts, those of the nodes from their pages of metrics.
 *
 * <p>Thread-safe. The nodes are asked only while somebody looks.
 */
public final class Dashboard implements Handler, AutoCloseable {
    private static final long PERIOD_MILLIS = 1_000;
    private static final long INTEREST = TimeUnit.SECONDS.toNanos(60); // after the last request for the data

    private static final Logger LOG = LoggerFactory.getLogger(Dashboard.class);

    private final Supplier<LoadBalancer.Stats> balancer;
    private final Supplier<Map<String, URI>> nodes;
    private final HttpMetrics http;
    private final List<Pipeline> pipelines;
    private final Page page = Page.load();
    private final Fleet fleet = new Fleet();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(Threads.named("dashboard"));
    private final ScheduledFuture<?> looks;
    private final ReentrantLock lock = new ReentrantLock();
    private final History history = new History(); // guarded by lock
    private Map<String, Fleet.View> views = Map.of(); // guarded by lock
    private final Events events;
    private volatile Supplier<@Nullable Map<String, Object>> resharding = () -> null;
    private volatile Supplier<@Nullable Map<String, Object>> scaling = () -> null;
    private volatile long lastAsked = System.nanoTime() - 2 * INTEREST;

    /**
     * A dashboard that looks from now on.
     *
     * @param balancer tells of the nodes' state and share
     * @param nodes where the nodes are, by the same names
     * @param http what clients got
     * @param pipelines through which the front calls nodes
     * @param events what happened to nodes
     */
    public Dashboard(
            Supplier<LoadBalancer.Stats> balancer,
            Supplier<Map<String, URI>> nodes,
            HttpMetrics http,
            List<Pipeline> pipelines,
            Events events) {
        this.balancer = balancer;
        this.nodes = nodes;
        this.http = http;
        this.pipelines = List.copyOf(pipelines);
        this.events = events;
        looks = timer.scheduleAtFixedRate(this::lookOrLog, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Shows what that tells from now on: how far the adding of a shard has come, null if none is added. */
    public void showResharding(Supplier<@Nullable Map<String, Object>> progress) {
        resharding = progress;
    }

    /** Shows what that tells from now on: how many nodes there are to be, and why. */
    public void showScaling(Supplier<? extends @Nullable Map<String, Object>> decisions) {
        scaling = decisions::get;
    }

    @Override
    public Reply handle(Request request) {
        return switch (request.route()) {
            case DASHBOARD -> page.reply();
            case STATUS -> status();
            default -> Problems.notFound();
        };
    }

    private void lookOrLog() {
        try {
            look();
        } catch (RuntimeException e) { // or the timer would stop
            LOG.warn("The dashboard could not look at the system", e);
        }
    }

    private void look() {
        Map<String, Fleet.View> seen = System.nanoTime() - lastAsked < INTEREST ? fleet.look(nodes.get()) : null;
        LoadBalancer.Stats stats = balancer.get();
        HttpMetrics.Clients clients = http.clients();
        HistogramSnapshot durations = clients == null ? null : clients.durations();
        Map<String, Long> picks = new LinkedHashMap<>();
        stats.endpoints().forEach(endpoint -> picks.put(endpoint.id(), endpoint.acquired()));
        lock.lock();
        try {
            if (seen != null) {
                views = seen;
            }
            history.add(new History.Look(
                    System.nanoTime(),
                    System.currentTimeMillis(),
                    durations,
                    clients == null ? 0 : clients.errors(),
                    pipelines.stream()
                            .mapToLong(pipeline -> pipeline.stats().retries())
                            .sum(),
                    seen == null
                            ? null
                            : new History.LookUps(lookUps("local_hit"), lookUps("remote_hit"), lookUps("miss")),
                    picks));
        } finally {
            lock.unlock();
        }
    }

    private double lookUps(String result) {
        return views.values().stream()
                .mapToDouble(view -> view.page().sum("pentalith_cache_requests_total", "result", result))
                .sum();
    }

    private Reply status() {
        lastAsked = System.nanoTime();
        LoadBalancer.Stats stats = balancer.get();
        Map<String, Object> body = new LinkedHashMap<>();
        lock.lock();
        try {
            body.put("series", history.series());
            History.Look last = history.last();
            if (last != null) {
                body.put("requests", last.requests());
                body.put("errors", last.errors());
                body.put("retries", last.retries());
            }
            body.put("nodes", nodes(stats));
            body.put("shards", shards(stats));
        } finally {
            lock.unlock();
        }
        body.put("events", events.list());
        Map<String, Object> size = scaling.get();
        if (size != null) {
            body.put("scaling", size);
        }
        Map<String, Object> moving = resharding.get();
        if (moving != null) {
            body.put("resharding", moving);
        }
        return Reply.json(200, body).with("Cache-Control", "no-store");
    }

    private List<Map<String, Object>> nodes(LoadBalancer.Stats stats) {
        Map<String, Double> shares = history.shares();
        List<Map<String, Object>> rows = new ArrayList<>();
        for (LoadBalancer.EndpointStats endpoint : stats.endpoints()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("id", endpoint.id());
            row.put("state", endpoint.state().name().toLowerCase(Locale.ROOT));
            row.put("inFlight", endpoint.inFlight());
            row.put("attempts", endpoint.acquired());
            row.put("failures", endpoint.failed());
            row.put("share", shares.getOrDefault(endpoint.id(), 0.0));
            Fleet.View view = views.get(endpoint.id());
            if (view != null && view.answered()) { // what a dead node said last is no news
                Scrape metrics = view.page();
                row.put("breakers", metrics.states("breaker", "pentalith_breaker_state"));
                row.put(
                        "redis",
                        metrics.states("cache", "pentalith_cache_remote_state").getOrDefault("links", "unknown"));
            }
            rows.add(row);
        }
        return rows;
    }

    /** {@return links by database, as counted by the first node that is there} */
    private Map<String, Double> shards(LoadBalancer.Stats stats) {
        return stats.endpoints().stream()
                .map(endpoint -> views.get(endpoint.id()))
                .filter(view -> view != null && view.answered())
                .map(view -> view.page().by("shard", "shortener_shard_links"))
                .filter(counts -> !counts.isEmpty())
                .findFirst()
                .orElseGet(TreeMap::new);
    }

    @Override
    public void close() {
        looks.cancel(false);
        timer.shutdownNow();
        fleet.close();
    }
}
