// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.demo;

import io.github.pentalith.metrics.HistogramSnapshot;
import io.github.pentalith.metrics.IntervalReader;
import io.github.pentalith.shortener.dashboard.Fleet;
import io.github.pentalith.testkit.RealRedis;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Traffic at the front while a node dies, and Redis hangs, comes back, dies and starts again. */
public final class Demo {
    private static final int LINKS = 4_000;
    private static final int CLIENTS = 16;
    private static final double PER_SECOND = 300;
    private static final int ONE_NEW_IN = 100;
    private static final long SEED = 20_240_229;

    private final Parts parts;
    private final PrintWriter out;

    /** What is shown. */
    public interface Parts {
        /** {@return where the front is} */
        URI front();

        /** {@return where the nodes are} */
        List<URI> nodes();

        /** Ends a node as its death would. */
        void killNode(int index);

        /** {@return the Redis} */
        RealRedis redis();
    }

    /** What is done at the begin of a phase, and its share of the time. */
    private record Step(String name, double share, Runnable action) {}

    /** A demonstration on a running system; what it tells goes to {@code out}. */
    public Demo(Parts parts, PrintWriter out) {
        this.parts = parts;
        this.out = out;
    }

    private List<Step> steps() {
        RealRedis redis = parts.redis();
        int victim = parts.nodes().size() - 1;
        return List.of(
                new Step("warming up", 0.05, () -> {}),
                new Step("all well", 0.12, () -> {}),
                new Step("node n" + victim + " killed", 0.15, () -> parts.killNode(victim)),
                new Step("Redis stopped (SIGSTOP)", 0.20, redis::pause),
                new Step("Redis continued (SIGCONT)", 0.15, redis::resume),
                new Step("Redis killed (kill -9)", 0.18, redis::kill),
                new Step("Redis started again", 0.15, redis::start));
    }

    /**
     * Runs it.
     *
     * @param length how long clients ask
     * @return whether no client noticed
     * @throws IllegalArgumentException if there is one node only: its death could not be hidden
     */
    public boolean run(Duration length) throws IOException, InterruptedException {
        if (parts.nodes().size() < 2) {
            throw new IllegalArgumentException("nodes must be 2 or more: nodes=1 (expected: one to kill, one to stay)");
        }
        List<Step> steps = steps(); // before anything runs, as a Redis elsewhere cannot be stopped
        try (Fleet fleet = new Fleet();
                Traffic traffic = new Traffic(parts.front(), CLIENTS)) {
            out.printf(
                    Locale.ROOT,
                    "Making %,d links, then %,.0f requests a second for %d s at %s; the dashboard is there, too.%n",
                    LINKS,
                    PER_SECOND,
                    length.toSeconds(),
                    parts.front());
            out.flush();
            List<Traffic.Known> links = traffic.makeLinks(LINKS);
            traffic.start(links, PER_SECOND, ONE_NEW_IN, SEED);
            Report report = play(steps, fleet, traffic, length);
            out.println();
            report.lines().forEach(out::println);
            out.flush();
            return report.isGood();
        }
    }

    private Report play(List<Step> steps, Fleet fleet, Traffic traffic, Duration length) throws InterruptedException {
        IntervalReader byPhase = traffic.durations().reader();
        IntervalReader bySecond = traffic.durations().reader();
        IntervalReader all = traffic.durations().reader();
        Traffic.Counts countsAtStart = traffic.counts();
        Figures figuresAtStart = look(fleet);
        Traffic.Counts counts = countsAtStart;
        Figures figures = figuresAtStart;
        List<Report.Phase> phases = new ArrayList<>();
        long start = System.nanoTime();
        double share = 0;
        for (Step step : steps) {
            step.action.run();
            share += step.share;
            progress(step.name, start, (long) (share * length.toNanos()), traffic, bySecond);
            Traffic.Counts countsNow = traffic.counts();
            Figures figuresNow = look(fleet); // while a node that dies next still answers
            phases.add(new Report.Phase(step.name, byPhase.next(), countsNow.minus(counts), figuresNow.minus(figures)));
            counts = countsNow;
            figures = figuresNow;
        }
        Report.Phase whole =
                new Report.Phase("whole run", all.next(), counts.minus(countsAtStart), figures.minus(figuresAtStart));
        return new Report(phases, whole, traffic.firstErrors());
    }

    private void progress(String phase, long start, long untilNanos, Traffic traffic, IntervalReader bySecond)
            throws InterruptedException {
        long left;
        while ((left = start + untilNanos - System.nanoTime()) > 0) {
            Thread.sleep(Math.min(1_000, left / 1_000_000 + 1));
            HistogramSnapshot second = bySecond.next();
            out.printf(
                    Locale.ROOT,
                    "%3d s  %-28s %5d requests  P50 %6.1f ms  P99 %7.1f ms  errors %d%n",
                    Duration.ofNanos(System.nanoTime() - start).toSeconds(),
                    phase,
                    second.count(),
                    second.quantile(0.50) / 1e6,
                    second.quantile(0.99) / 1e6,
                    traffic.counts().errors());
            out.flush();
        }
    }

    private Figures look(Fleet fleet) {
        Map<String, URI> servers = new LinkedHashMap<>();
        servers.put(Figures.FRONT, parts.front());
        List<URI> nodes = parts.nodes();
        for (int i = 0; i < nodes.size(); i++) {
            servers.put("n" + i, nodes.get(i));
        }
        return Figures.of(fleet.look(servers));
    }
}
