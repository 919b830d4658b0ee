// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A distribution of durations: recorded in nanoseconds, exposed in seconds, as Prometheus asks for. Snapshots are in
 * nanoseconds.
 *
 * <p>Thread-safe, lock-free and exact in the same way as {@link Histogram}; the clock is read by {@link #time},
 * {@link #start} and {@link #stop} only, once each.
 *
 * <pre>{@code
 * Timer queries = registry.timer("db_query", "Time spent in queries.").register();  // exposes db_query_seconds
 * Row row = queries.time(() -> db.find(id));
 *
 * long start = queries.start();                                                     // the same by hand, no object
 * try { ... } finally { queries.stop(start); }
 * }</pre>
 */
public final class Timer {
    private final Distribution distribution;
    private final StripedCells cells; // of the distribution, a load nearer
    private final LongAdder rejected;
    private final LongSupplier ticker;
    private final String name;
    private final byte[] labels; // as text formats want them

    Timer(String name, byte[] labels, Distribution distribution, LongSupplier ticker) {
        this.name = name;
        this.labels = labels;
        this.distribution = distribution;
        this.cells = distribution.cells();
        this.rejected = distribution.rejected();
        this.ticker = ticker;
    }

    /**
     * Does work and records how long it took, whether it returns or throws.
     *
     * @param work the work
     * @param <T> what it returns
     * @param <X> what it throws
     * @return what the work returned
     * @throws X what the work threw
     */
    public <T extends @Nullable Object, X extends Exception> T time(Work<T, X> work) throws X {
        long start = ticker.getAsLong();
        try {
            return work.run();
        } finally {
            recordNanos(ticker.getAsLong() - start);
        }
    }

    /**
     * Does work and records how long it took, whether it returns or throws.
     *
     * @param work the work
     */
    public void time(Runnable work) {
        long start = ticker.getAsLong();
        try {
            work.run();
        } finally {
            recordNanos(ticker.getAsLong() - start);
        }
    }

    /**
     * Records a duration. A negative one counts as rejected; one above 292 years is recorded as 292 years.
     *
     * @param duration the duration
     */
    public void record(Duration duration) {
        recordNanos(Catalog.saturatedNanos(duration));
    }

    /**
     * Records a duration. A negative one counts as rejected.
     *
     * @param nanos the duration in nanoseconds
     */
    public void recordNanos(long nanos) {
        if (nanos >= 0) {
            cells.record(nanos);
        } else {
            rejected.increment();
        }
    }

    /**
     * Records a duration and those that callers would have seen who were kept from calling in the meantime. For load
     * generators that wait for an answer before they call again: one answer of a second in a test that calls every
     * 10 ms stands for 100 calls, of which 99 were not made (coordinated omission). Adds {@code nanos} and
     * {@code nanos - interval}, {@code nanos - 2 * interval} and so on, down to the interval, as HdrHistogram does, but
     * in O(buckets) instead of O(calls). A negative duration counts as rejected.
     *
     * @param nanos the duration in nanoseconds
     * @param expectedIntervalNanos how long after another calls should have been made; 0 corrects nothing
     * @throws IllegalArgumentException if {@code expectedIntervalNanos} is negative
     */
    public void recordCorrected(long nanos, long expectedIntervalNanos) {
        if (expectedIntervalNanos < 0) {
            throw new IllegalArgumentException("expectedIntervalNanos must not be negative: expectedIntervalNanos="
                    + expectedIntervalNanos + " (expected: 0 or more)");
        }
        if (nanos / 2 < expectedIntervalNanos || expectedIntervalNanos == 0) {
            recordNanos(nanos);
        } else {
            cells.recordCorrected(nanos, expectedIntervalNanos);
        }
    }

    /** {@return a reading of the clock, for {@link #stop}} */
    public long start() {
        return ticker.getAsLong();
    }

    /**
     * Records the time since {@link #start}.
     *
     * @param start what {@link #start} returned
     * @return the nanoseconds recorded
     */
    public long stop(long start) {
        long nanos = ticker.getAsLong() - start;
        recordNanos(nanos);
        return nanos;
    }

    /**
     * Returns everything recorded so far, in nanoseconds.
     *
     * @return an immutable snapshot
     */
    public HistogramSnapshot snapshot() {
        return distribution.snapshot();
    }

    /**
     * Takes the same figures without garbage.
     *
     * @param into where to; what it held before is gone
     * @return {@code into}
     */
    public SnapshotBuffer snapshot(SnapshotBuffer into) {
        return into.read(cells);
    }

    /**
     * Returns what was recorded lately, in nanoseconds; see {@link Histogram#window}.
     *
     * @return an immutable snapshot
     */
    public HistogramSnapshot window() {
        return distribution.window();
    }

    /** {@return a new, independent cursor that hands out each sample once, beginning now} */
    public IntervalReader reader() {
        return new IntervalReader(distribution);
    }

    /** {@return name and labels as PromQL writes them, without {@code _bucket} and the like: {@code shop_checkout_seconds}} */
    public String series() {
        return NameRules.series(name, labels);
    }

    /**
     * Returns the bound of the text formats that counts what stays within a limit.
     *
     * @param limit a duration
     * @return the bound that {@code buckets(limit)} makes, at most twice the relative error above it, if this timer has
     *     it; else null
     */
    public @Nullable Duration bucketBound(Duration limit) {
        return distribution.bucketBound(Catalog.saturatedNanos(limit));
    }

    @Override
    public String toString() {
        return series() + " " + snapshot();
    }

    Distribution distribution() {
        return distribution;
    }

    /**
     * Work to be timed.
     *
     * @param <T> what it returns
     * @param <X> what it throws
     */
    @FunctionalInterface
    public interface Work<T extends @Nullable Object, X extends Exception> {
        /**
         * Does the work.
         *
         * @return its result
         * @throws X when it fails
         */
        T run() throws X;
    }

    /** Describes a timer; ends in {@link #register} or {@link #labels}. Not thread-safe. */
    public static final class Builder {
        private static final double[] POWERS_OF_TWO = powersOfTwo();

        private final Catalog catalog;
        private final String namespace;
        private final String name;
        private final String help;
        private double relativeError = Catalog.DEFAULT_ERROR;
        private double[] buckets = POWERS_OF_TWO;
        private @Nullable Duration window;

        Builder(Catalog catalog, String namespace, String name, String help) {
            this.catalog = catalog;
            this.namespace = namespace;
            this.name = name;
            this.help = help;
        }

        private static double[] powersOfTwo() {
            double[] bounds = new double[18];
            for (int i = 0; i < bounds.length; i++) {
                bounds[i] = Math.scalb(1.0, 17 + i);
            }
            return bounds;
        }

        /**
         * Sets the largest relative error that quantiles may have; see {@link Histogram.Builder#relativeError}.
         *
         * @param error 0.00136 to 0.1; 0.0055 by default
         * @return this builder
         * @throws IllegalArgumentException if {@code error} is out of range
         */
        public Builder relativeError(double error) {
            ExponentialLayout unused = ExponentialLayout.ofRelativeError(error);
            this.relativeError = error;
            return this;
        }

        /**
         * Sets the bounds ({@code le}) of the buckets in Prometheus' text formats; see
         * {@link Histogram.Builder#buckets}.
         *
         * @param upperBounds ascending and positive; by default the powers of two nanoseconds from 2^17 (131 us) to
         *     2^34 (17 s)
         * @return this builder
         * @throws IllegalArgumentException if a bound is not positive, or not above the one before
         */
        public Builder buckets(Duration... upperBounds) {
            double[] nanos = new double[upperBounds.length];
            for (int i = 0; i < nanos.length; i++) {
                nanos[i] = Catalog.saturatedNanos(upperBounds[i]);
            }
            this.buckets = NameRules.ascending("upperBounds", nanos);
            return this;
        }

        /**
         * Keeps a sliding window of this length from the start.
         *
         * @param length how far {@link Timer#window} looks back; one minute by default
         * @return this builder
         * @throws IllegalArgumentException if {@code length} is not positive
         */
        public Builder window(Duration length) {
            this.window = NameRules.positive("length", length);
            return this;
        }

        /**
         * Registers a timer without labels, or returns the one registered before under the same description.
         *
         * @return the timer
         * @throws IllegalArgumentException if the name or help is not in order, or the name is taken by a metric with
         *     another description; the message says what to write
         */
        public Timer register() {
            return labels().with();
        }

        /**
         * Registers a family of timers, one per set of label values.
         *
         * @param names the label names
         * @return the family
         * @throws IllegalArgumentException as {@link #register}, or if a label name is not in order
         */
        public Family<Timer> labels(String... names) {
            Distribution.Spec spec =
                    new Distribution.Spec(ExponentialLayout.ofRelativeError(relativeError), true, window, buckets);
            String full = NameRules.metric(namespace, name, Unit.SECONDS, MetricRegistry.Kind.HISTOGRAM);
            return catalog.family(new Family<>(
                    catalog,
                    MetricRegistry.Kind.HISTOGRAM,
                    full,
                    Unit.SECONDS,
                    NameRules.help(name, help),
                    NameRules.labels(name, MetricRegistry.Kind.HISTOGRAM, names),
                    spec,
                    Timer.class,
                    encoded -> new Timer(full, encoded, new Distribution(catalog, spec), catalog.ticker)));
        }
    }
}
