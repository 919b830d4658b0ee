// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.time.Duration;

/** Skeleton. */
public final class Timer {
    private Timer() {}

    /**
     * Times work.
     *
     * @param work the work
     * @param <T> its result
     * @param <X> what it throws
     * @return its result
     * @throws X what the work throws
     */
    public <T, X extends Exception> T time(Work<T, X> work) throws X {
        throw new UnsupportedOperationException();
    }

    /**
     * Times work.
     *
     * @param work the work
     */
    public void time(Runnable work) {
        throw new UnsupportedOperationException();
    }

    /**
     * Records.
     *
     * @param duration the duration
     */
    public void record(Duration duration) {
        throw new UnsupportedOperationException();
    }

    /**
     * Records.
     *
     * @param nanos the duration
     */
    public void recordNanos(long nanos) {
        throw new UnsupportedOperationException();
    }

    /** {@return the reading to hand to {@link #stop}} */
    public long start() {
        throw new UnsupportedOperationException();
    }

    /**
     * Records the time since.
     *
     * @param start what {@link #start} returned
     * @return the nanoseconds
     */
    public long stop(long start) {
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

    /**
     * Work to be timed.
     *
     * @param <T> its result
     * @param <X> what it throws
     */
    @FunctionalInterface
    public interface Work<T, X extends Exception> {
        /**
         * Does the work.
         *
         * @return its result
         * @throws X when it fails
         */
        T run() throws X;
    }

    /** Builder. */
    public static final class Builder {
        Builder() {}

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
        public Builder buckets(Duration... upperBounds) {
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

        /** {@return the timer} */
        public Timer register() {
            throw new UnsupportedOperationException();
        }

        /**
         * Family.
         *
         * @param names the label names
         * @return the family
         */
        public Family<Timer> labels(String... names) {
            throw new UnsupportedOperationException();
        }
    }
}
