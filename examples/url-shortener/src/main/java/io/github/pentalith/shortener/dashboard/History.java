// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.dashboard;

import io.github.pentalith.metrics.HistogramSnapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the charts show: a point for each second of the last two minutes. All counts in a look are cumulative; a point is
 * the difference of two looks. Not thread-safe: its {@link Dashboard} guards it.
 */
final class History {
    private static final int POINTS = 120;
    private static final int SPAN = 5; // percentiles and shares of the last seconds: one second alone jumps about

    private final Deque<Look> looks = new ArrayDeque<>(SPAN + 1);
    private final Deque<Map<String, @Nullable Object>> points = new ArrayDeque<>(POINTS);

    /**
     * The system at one moment.
     *
     * @param nanos when, by the monotonic clock
     * @param millis when, by the wall clock
     * @param durations of all answers to clients; null before the first
     * @param errors answers of 500 and above to clients
     * @param retries attempts after the first
     * @param lookUps in the nodes' caches; null if the nodes were not asked
     * @param picks attempts by node
     */
    record Look(
            long nanos,
            long millis,
            @Nullable HistogramSnapshot durations,
            long errors,
            long retries,
            @Nullable LookUps lookUps,
            Map<String, Long> picks) {
        long requests() {
            return durations == null ? 0 : durations.count();
        }
    }

    /** Where look-ups were answered: by a node's memory, by Redis, by a database. */
    record LookUps(double memory, double redis, double database) {}

    void add(Look look) {
        Look before = looks.peekLast();
        Look spanAgo = looks.peekFirst();
        if (before != null && spanAgo != null) {
            if (points.size() == POINTS) {
                points.removeFirst();
            }
            points.addLast(point(before, look, spanAgo));
        }
        if (looks.size() == SPAN + 1) {
            looks.removeFirst();
        }
        looks.addLast(look);
    }

    private static Map<String, @Nullable Object> point(Look before, Look now, Look spanAgo) {
        double seconds = Math.max(1e-3, (now.nanos - before.nanos) / 1e9);
        HistogramSnapshot lately = now.durations == null || spanAgo.durations == null
                ? now.durations
                : now.durations.minus(spanAgo.durations);
        LookUps found = between(before.lookUps, now.lookUps);
        Map<String, @Nullable Object> point = new LinkedHashMap<>();
        point.put("time", now.millis);
        point.put("rate", rounded((now.requests() - before.requests()) / seconds));
        point.put("errors", rounded((now.errors - before.errors) / seconds));
        point.put("retries", rounded((now.retries - before.retries) / seconds));
        point.put("p50", millis(lately, 0.50));
        point.put("p95", millis(lately, 0.95));
        point.put("p99", millis(lately, 0.99));
        point.put("memory", found == null ? null : (Double) rounded(found.memory / seconds));
        point.put("redis", found == null ? null : (Double) rounded(found.redis / seconds));
        point.put("database", found == null ? null : (Double) rounded(found.database / seconds));
        return point;
    }

    private static @Nullable LookUps between(@Nullable LookUps earlier, @Nullable LookUps later) {
        return earlier == null || later == null
                ? null
                : new LookUps(
                        later.memory - earlier.memory, later.redis - earlier.redis, later.database - earlier.database);
    }

    private static @Nullable Double millis(@Nullable HistogramSnapshot durations, double quantile) {
        return durations == null || durations.count() == 0
                ? null
                : (Double) rounded(durations.quantile(quantile) / 1e6);
    }

    private static double rounded(double value) {
        return Math.round(value * 1e3) / 1e3;
    }

    /** {@return a list per line in the charts, all of the same length, oldest first; null where nothing is known} */
    Map<String, List<@Nullable Object>> series() {
        Map<String, List<@Nullable Object>> series = new LinkedHashMap<>();
        for (Map<String, @Nullable Object> point : points) {
            point.forEach((name, value) -> series.computeIfAbsent(name, none -> new ArrayList<>(POINTS))
                    .add(value));
        }
        return series;
    }

    /** {@return the share of all attempts of the last seconds that went to each node; 0 if there were none} */
    Map<String, Double> shares() {
        Map<String, Double> shares = new LinkedHashMap<>();
        Look then = looks.peekFirst();
        Look now = looks.peekLast();
        if (then == null || now == null) {
            return shares;
        }
        now.picks.forEach((node, count) -> shares.put(node, (double) (count - then.picks.getOrDefault(node, 0L))));
        double all = shares.values().stream().mapToDouble(Double::doubleValue).sum();
        shares.replaceAll((node, count) -> all == 0 ? 0 : rounded(count / all));
        return shares;
    }

    /** {@return the newest look, or null before the first} */
    @Nullable
    Look last() {
        return looks.peekLast();
    }
}
