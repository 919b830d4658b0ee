// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What a histogram and a timer are made of: cells, a ladder for text formats, and readings over time. */
final class Distribution {
    private final Catalog catalog;
    private final Spec spec;
    private final StripedCells cells;
    private final LongAdder rejected;
    private final Instant created;
    private final AtomicReference<@Nullable SlidingWindow> window = new AtomicReference<>();

    Distribution(Catalog catalog, Spec spec) {
        this.catalog = catalog;
        this.spec = spec;
        this.cells = new StripedCells(spec.layout, spec.nanoseconds, catalog.stripeChoice);
        this.rejected = catalog.rejectedSamples;
        this.created = catalog.now();
        if (spec.windowFromStart) {
            SlidingWindow unused = slidingWindow();
        }
    }

    StripedCells cells() {
        return cells;
    }

    LongAdder rejected() {
        return rejected;
    }

    HistogramSnapshot snapshot() {
        return HistogramSnapshot.of(cells, created, catalog.now());
    }

    /** The newest snapshot again if nothing was recorded since, as in idle time: then it costs no memory. */
    HistogramSnapshot snapshotAfter(HistogramSnapshot newest) {
        Instant now = catalog.now();
        return cells.count() == newest.count() ? newest.until(now) : HistogramSnapshot.of(cells, created, now);
    }

    HistogramSnapshot window() {
        return slidingWindow().read();
    }

    private SlidingWindow slidingWindow() {
        SlidingWindow current = window.get();
        if (current == null) {
            SlidingWindow fresh = new SlidingWindow(
                    this, HistogramSnapshot.empty(spec.layout, created), spec.window, catalog.nanos());
            current = window.compareAndExchange(null, fresh);
            if (current == null) {
                catalog.onTick(fresh);
                current = fresh;
            }
        }
        return current;
    }

    long nanos() {
        return catalog.nanos();
    }

    void close() {
        SlidingWindow current = window.get();
        if (current != null) {
            catalog.removeTick(current);
        }
    }

    @Nullable
    Duration bucketBound(long limitNanos) {
        if (limitNanos <= 0) {
            return null;
        }
        int at = java.util.Arrays.binarySearch(spec.limits, spec.layout.index((double) limitNanos) + 1);
        return at < 0 ? null : Duration.ofNanos(Math.round(spec.bounds[at] * 1e9));
    }

    int stripeCount() {
        return cells.stripeCount();
    }

    void collect(byte[] labels, MetricRegistry.Collector to, long[] scratch) {
        cells.ladder(spec.limits, scratch);
        double sum = spec.nanoseconds ? cells.sum() / 1e9 : cells.sum();
        to.histogram(labels, spec.bounds, scratch, sum);
    }

    /** What all distributions of a family have in common. */
    static final class Spec {
        static final Duration DEFAULT_WINDOW = Duration.ofMinutes(1);

        final ExponentialLayout layout;
        final boolean nanoseconds;
        final Duration window;
        final boolean windowFromStart;
        final int[] limits; // bucket numbers: everything in lower ones is within the bound
        final double[] bounds; // the same bounds as exposed: snapped, for timers in seconds

        Spec(ExponentialLayout layout, boolean nanoseconds, @Nullable Duration window, double[] wanted) {
            this.layout = layout;
            this.nanoseconds = nanoseconds;
            this.window = window == null ? DEFAULT_WINDOW : window;
            this.windowFromStart = window != null;
            int[] limit = new int[wanted.length];
            double[] bound = new double[wanted.length];
            int n = 0;
            for (double value : wanted) {
                int index = layout.index(value) + 1;
                if (n == 0 || limit[n - 1] < index) { // neighbours may snap to the same bound
                    limit[n] = index;
                    double upper = layout.upper(index - 1);
                    bound[n++] = nanoseconds ? Math.floor(upper) / 1e9 : upper;
                }
            }
            this.limits = java.util.Arrays.copyOf(limit, n);
            this.bounds = java.util.Arrays.copyOf(bound, n);
        }

        boolean sameAs(Spec other) {
            return layout == other.layout
                    && window.equals(other.window)
                    && windowFromStart == other.windowFromStart
                    && java.util.Arrays.equals(limits, other.limits);
        }
    }
}
