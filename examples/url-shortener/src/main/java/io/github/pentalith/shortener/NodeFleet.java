// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import io.github.pentalith.loadbalance.Endpoint;
import io.github.pentalith.loadbalance.scaling.MetricSample;
import io.github.pentalith.loadbalance.scaling.ScalingController;
import io.github.pentalith.loadbalance.scaling.ScalingDecision;
import io.github.pentalith.loadbalance.scaling.ScalingSpec;
import io.github.pentalith.shortener.front.Front;
import io.github.pentalith.shortener.http.Threads;
import io.github.pentalith.shortener.node.AppNode;
import io.github.pentalith.shortener.node.Backends;
import java.io.IOException;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The application nodes behind a front: starts as many as wished and, where a range is given, as many as the load needs.
 * A node is taken away in peace: first no requests reach it, then it ends.
 */
final class NodeFleet implements ScalingController.Actuator {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration SETTLE = Duration.ofSeconds(6); // a new node takes its full share only after 5 s
    private static final Duration PATIENCE = Duration.ofMillis(1_500); // for requests under way
    private static final String BUSY = "requests at once per node";

    private static final Logger LOG = LoggerFactory.getLogger(NodeFleet.class);

    private final Front front;
    private final Backends backends;
    private final URI baseUrl;
    private final Settings.Scaling range;
    private final List<AppNode> nodes = new CopyOnWriteArrayList<>(); // changed at the start, then by the thread
    private final ExecutorService thread = Executors.newSingleThreadExecutor(Threads.named("fleet-size"));
    private final AtomicInteger started = new AtomicInteger();
    private @Nullable ScalingController controller;
    private volatile boolean closing;

    NodeFleet(Front front, Backends backends, URI baseUrl, Settings.Scaling range) {
        this.front = front;
        this.backends = backends;
        this.baseUrl = baseUrl;
        this.range = range;
    }

    /** Starts that many and, if there is a range, the auto-scaler. */
    void start(int count) throws IOException, SQLException {
        while (nodes.size() < count) {
            add();
        }
        publish();
        if (range.isOpen()) {
            ScalingSpec spec = ScalingSpec.of(range.min(), range.max(), ScalingSpec.Metric.average(BUSY, range.load()));
            spec = spec.up(spec.up().window(INTERVAL.multipliedBy(2)))
                    .down(spec.down().window(range.calm()));
            controller = ScalingController.builder("nodes", spec, this)
                    .metrics(() -> List.of(MetricSample.of(BUSY, front.concurrency(), nodes.size())))
                    .interval(INTERVAL)
                    .coolDown(SETTLE, SETTLE)
                    .executor(thread)
                    .observer(new ScalingController.Observer() {
                        @Override
                        public void onDecision(String name, ScalingDecision decision) {
                            if (decision.changes()) {
                                front.events()
                                        .add(
                                                decision.current() + " → " + decision.desired() + " nodes",
                                                decision.why());
                            }
                        }

                        @Override
                        public void onFailure(String name, String what, Throwable error) {
                            front.events().add("scaling failed", what);
                        }
                    })
                    .build();
            front.showScaling(this::shown);
        }
    }

    private Map<String, Object> shown() {
        ScalingController scaler = controller;
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("min", range.min());
        shown.put("max", range.max());
        shown.put("nodes", nodes.size());
        if (scaler != null) {
            ScalingController.Stats stats = scaler.stats();
            ScalingDecision last = stats.last();
            shown.put("desired", stats.desired());
            shown.put("why", last == null ? "" : last.why());
        }
        return shown;
    }

    private void add() throws IOException, SQLException {
        nodes.add(AppNode.start("n" + started.getAndIncrement(), backends, baseUrl));
    }

    private void publish() {
        front.serve(nodes.stream()
                .map(node -> Endpoint.of(node.name(), "127.0.0.1", node.port()))
                .toList());
    }

    @Override
    public int servers() {
        return nodes.size();
    }

    @Override
    public CompletionStage<?> scaleTo(int servers) {
        return CompletableFuture.runAsync(() -> resize(servers), thread);
    }

    private void resize(int servers) {
        try {
            while (nodes.size() < servers && !closing) {
                add();
                publish();
            }
            while (nodes.size() > servers && !closing) {
                AppNode last = nodes.get(nodes.size() - 1);
                front.drainNode(last.name(), PATIENCE);
                nodes.remove(last);
                publish();
                last.close(PATIENCE);
            }
        } catch (IOException | SQLException e) {
            throw new IllegalStateException("a node could not be started: " + e.getMessage(), e);
        }
    }

    /** {@return the nodes there are, dead ones too} */
    List<AppNode> nodes() {
        return List.copyOf(nodes);
    }

    /** Ends the auto-scaler; the nodes stay, and no node comes or goes after this. */
    void freeze() {
        closing = true;
        ScalingController scaler = controller;
        if (scaler != null) {
            scaler.close();
        }
        thread.shutdown();
        try {
            if (!thread.awaitTermination(2 * PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("A node that is being started or stopped is not waited for");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
