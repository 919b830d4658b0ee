// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/** Skeleton. */
public final class MetricRegistry implements AutoCloseable {
    private MetricRegistry() {}

    /**
     * A registry.
     *
     * @param namespace first part of every name
     * @return a registry
     */
    public static MetricRegistry of(String namespace) {
        throw new UnsupportedOperationException();
    }

    /**
     * A registry.
     *
     * @param namespace first part of every name
     * @return a builder
     */
    public static Builder builder(String namespace) {
        throw new UnsupportedOperationException();
    }

    /**
     * The same registry under another namespace.
     *
     * @param other first part of every name; empty for none
     * @return a view
     */
    public MetricRegistry namespace(String other) {
        throw new UnsupportedOperationException();
    }

    /**
     * Counter.
     *
     * @param name name
     * @param help help
     * @return a builder
     */
    public Counter.Builder counter(String name, String help) {
        throw new UnsupportedOperationException();
    }

    /**
     * Gauge.
     *
     * @param name name
     * @param help help
     * @return a builder
     */
    public Gauge.Builder gauge(String name, String help) {
        throw new UnsupportedOperationException();
    }

    /**
     * Histogram.
     *
     * @param name name
     * @param help help
     * @return a builder
     */
    public Histogram.Builder histogram(String name, String help) {
        throw new UnsupportedOperationException();
    }

    /**
     * Timer.
     *
     * @param name name
     * @param help help
     * @return a builder
     */
    public Timer.Builder timer(String name, String help) {
        throw new UnsupportedOperationException();
    }

    /**
     * Runs before every scrape.
     *
     * @param update what to run
     * @return what removes it
     */
    public Registration onCollect(Runnable update) {
        throw new UnsupportedOperationException();
    }

    /** {@return figures about the registry itself} */
    public Stats stats() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /**
     * Figures.
     *
     * @param name the namespace
     * @param metrics metrics
     * @param series series
     * @param rejectedSamples samples that were no numbers or negative
     * @param overflowedLookups look-ups beyond the cardinality limit
     * @param failedHooks hooks that threw
     */
    public record Stats(
            String name, int metrics, int series, long rejectedSamples, long overflowedLookups, long failedHooks) {}

    /** Builder. */
    public static final class Builder {
        Builder() {}

        /**
         * Limit.
         *
         * @param series largest number of label sets per metric
         * @return this builder
         */
        public Builder cardinalityLimit(int series) {
            throw new UnsupportedOperationException();
        }

        /**
         * Tick.
         *
         * @param period how often windows move
         * @return this builder
         */
        public Builder tick(Duration period) {
            throw new UnsupportedOperationException();
        }

        /**
         * Ticker.
         *
         * @param nanos monotonic clock
         * @return this builder
         */
        public Builder ticker(LongSupplier nanos) {
            throw new UnsupportedOperationException();
        }

        /**
         * Clock.
         *
         * @param wall wall clock
         * @return this builder
         */
        public Builder clock(InstantSource wall) {
            throw new UnsupportedOperationException();
        }

        /**
         * Scheduler.
         *
         * @param executor moves windows
         * @return this builder
         */
        public Builder scheduler(ScheduledExecutorService executor) {
            throw new UnsupportedOperationException();
        }

        /** {@return the registry} */
        public MetricRegistry build() {
            throw new UnsupportedOperationException();
        }
    }
}
