// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.time.Duration;

/** Skeleton. */
public final class Histogram {
    private Histogram() {}

    /**
     * Records.
     *
     * @param value the sample
     */
    public void record(double value) {
        throw new UnsupportedOperationException();
    }

    /**
     * Records.
     *
     * @param value the sample
     */
    public void record(long value) {
        throw new UnsupportedOperationException();
    }

    /** {@return everything recorded so far} */
    public HistogramSnapshot snapshot() {
        throw new UnsupportedOperationException();
    }

    /** {@return what was recorded lately} */
    public HistogramSnapshot window() {
        throw new UnsupportedOperationException();
    }

    /** {@return a new reader} */
    public IntervalReader reader() {
        throw new UnsupportedOperationException();
    }

    /** Builder. */
    public static final class Builder {
        Builder() {}

        /**
         * Unit.
         *
         * @param unit the unit
         * @return this builder
         */
        public Builder unit(Unit unit) {
            throw new UnsupportedOperationException();
        }

        /**
         * Error.
         *
         * @param error the largest relative error
         * @return this builder
         */
        public Builder relativeError(double error) {
            throw new UnsupportedOperationException();
        }

        /**
         * Ladder.
         *
         * @param upperBounds the bounds
         * @return this builder
         */
        public Builder buckets(double... upperBounds) {
            throw new UnsupportedOperationException();
        }

        /**
         * Window.
         *
         * @param length how long
         * @return this builder
         */
        public Builder window(Duration length) {
            throw new UnsupportedOperationException();
        }

        /** {@return the histogram} */
        public Histogram register() {
            throw new UnsupportedOperationException();
        }

        /**
         * Family.
         *
         * @param names the label names
         * @return the family
         */
        public Family<Histogram> labels(String... names) {
            throw new UnsupportedOperationException();
        }
    }
}
