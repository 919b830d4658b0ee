// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A distribution of sizes, lengths or other amounts, with a guaranteed relative error at every quantile. For durations
 * use {@link Timer}.
 *
 * <p>Thread-safe and lock-free. Recording costs no allocation (except for the first sample of an octave), no clock and
 * no lock, at any number of threads: two threads write to cells of their own by plain stores, all others to shared ones
 * by two atomic additions. Nothing is ever reset: {@link #window} and {@link #reader} are differences of snapshots, so no
 * sample is lost or counted twice. Memory: 8 bytes per bucket of the octaves in use, 64 buckets per octave at the default
 * error of 0.54 %, for each set of cells.
 *
 * <p>Samples that are negative, infinite or not a number are counted in {@link MetricRegistry.Stats#rejectedSamples}
 * and otherwise ignored; recording never throws.
 *
 * <pre>{@code
 * Histogram size = registry.histogram("response_size", "Size of responses.").unit(Unit.BYTES).register();
 * size.record(body.length);
 * double p99 = size.window().quantile(0.99);
 * }</pre>
 *
 * <p>The buckets are those of OpenTelemetry's exponential histogram at scales 2 to 8.
 */
public final class Histogram {
    private final Distribution distribution;
    private final StripedCells cells; // of the distribution, a load nearer
    private final LongAdder rejected;

    Histogram(Distribution distribution) {
        this.distribution = distribution;
        this.cells = distribution.cells();
        this.rejected = distribution.rejected();
    }

    /**
     * Records a sample.
     *
     * @param value the sample, zero or more
     */
    public void record(double value) {
        if (value >= 0 && value <= Double.MAX_VALUE) { // false for NaN
            cells.record(value);
        } else {
            rejected.increment();
        }
    }

    /**
     * Records a sample.
     *
     * @param value the sample, zero or more
     */
    public void record(long value) {
        record((double) value);
    }

    /**
     * Returns everything recorded so far: every sample whose recording happened before this call, none that began after
     * it.
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
     * Returns what was recorded lately. The result covers the window's length and up to one tick of the registry more;
     * it says from when to when. Windows are kept from the first call on, or from the start if the builder was given a
     * length; the first result then goes back to the creation of this histogram.
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

    Distribution distribution() {
        return distribution;
    }

    /** Describes a histogram; ends in {@link #register} or {@link #labels}. Not thread-safe. */
    public static final class Builder {
        private static final double[] POWERS_OF_FOUR = powersOfFour();

        private final Catalog catalog;
        private final String namespace;
        private final String name;
        private final String help;
        private Unit unit = Unit.NONE;
        private double relativeError = Catalog.DEFAULT_ERROR;
        private double[] buckets = POWERS_OF_FOUR;
        private @Nullable Duration window;

        Builder(Catalog catalog, String namespace, String name, String help) {
            this.catalog = catalog;
            this.namespace = namespace;
            this.name = name;
            this.help = help;
        }

        private static double[] powersOfFour() {
            double[] bounds = new double[16];
            for (int i = 0; i < bounds.length; i++) {
                bounds[i] = Math.scalb(1.0, 2 * i);
            }
            return bounds;
        }

        /**
         * Sets the unit; it becomes the end of the name.
         *
         * @param unit the unit of the samples; {@link Unit#NONE} by default
         * @return this builder
         */
        public Builder unit(Unit unit) {
            this.unit = java.util.Objects.requireNonNull(unit, "unit");
            return this;
        }

        /**
         * Sets the largest relative error that quantiles may have. Half the error takes twice the memory.
         *
         * @param error 0.00136 to 0.1; 0.0055 by default. The layout used is the coarsest that keeps within it
         * @return this builder
         * @throws IllegalArgumentException if {@code error} is out of range
         */
        public Builder relativeError(double error) {
            ExponentialLayout unused = ExponentialLayout.ofRelativeError(error);
            this.relativeError = error;
            return this;
        }

        /**
         * Sets the bounds ({@code le}) of the buckets in Prometheus' text formats. They are moved up to the next bound
         * of the fine buckets, by at most twice the relative error, so that their counts are exact; powers of two stay
         * as they are. Quantiles computed in this process do not depend on them.
         *
         * @param upperBounds ascending and positive; by default the powers of four from 1 to 2^30
         * @return this builder
         * @throws IllegalArgumentException if a bound is not positive and finite, or not above the one before
         */
        public Builder buckets(double... upperBounds) {
            this.buckets = NameRules.ascending("upperBounds", upperBounds.clone());
            return this;
        }

        /**
         * Keeps a sliding window of this length from the start.
         *
         * @param length how far {@link Histogram#window} looks back; one minute by default
         * @return this builder
         * @throws IllegalArgumentException if {@code length} is not positive
         */
        public Builder window(Duration length) {
            this.window = NameRules.positive("length", length);
            return this;
        }

        /**
         * Registers a histogram without labels, or returns the one registered before under the same description.
         *
         * @return the histogram
         * @throws IllegalArgumentException if the name, unit or help is not in order, or the name is taken by a metric
         *     with another description; the message says what to write
         */
        public Histogram register() {
            return labels().with();
        }

        /**
         * Registers a family of histograms, one per set of label values.
         *
         * @param names the label names
         * @return the family
         * @throws IllegalArgumentException as {@link #register}, or if a label name is not in order
         */
        public Family<Histogram> labels(String... names) {
            Distribution.Spec spec =
                    new Distribution.Spec(ExponentialLayout.ofRelativeError(relativeError), false, window, buckets);
            return catalog.family(new Family<>(
                    catalog,
                    MetricRegistry.Kind.HISTOGRAM,
                    NameRules.metric(namespace, name, unit, MetricRegistry.Kind.HISTOGRAM),
                    unit,
                    NameRules.help(name, help),
                    NameRules.labels(name, MetricRegistry.Kind.HISTOGRAM, names),
                    spec,
                    Histogram.class,
                    labels -> new Histogram(new Distribution(catalog, spec))));
        }
    }
}
