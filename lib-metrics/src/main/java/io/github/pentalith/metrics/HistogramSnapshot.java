// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.time.Instant;

/** Skeleton. */
public final class HistogramSnapshot {
    private HistogramSnapshot() {}

    /** {@return number} */
    public long count() {
        throw new UnsupportedOperationException();
    }

    /** {@return sum} */
    public double sum() {
        throw new UnsupportedOperationException();
    }

    /** {@return min} */
    public double min() {
        throw new UnsupportedOperationException();
    }

    /** {@return max} */
    public double max() {
        throw new UnsupportedOperationException();
    }

    /** {@return mean} */
    public double mean() {
        throw new UnsupportedOperationException();
    }

    /**
     * Quantile.
     *
     * @param q from 0 to 1
     * @return value
     */
    public double quantile(double q) {
        throw new UnsupportedOperationException();
    }

    /**
     * Quantile.
     *
     * @param q from 0 to 1
     * @return value
     */
    public double quantileInterpolated(double q) {
        throw new UnsupportedOperationException();
    }

    /** {@return the bound} */
    public double relativeError() {
        throw new UnsupportedOperationException();
    }

    /** {@return begin} */
    public Instant from() {
        throw new UnsupportedOperationException();
    }

    /** {@return end} */
    public Instant to() {
        throw new UnsupportedOperationException();
    }

    /**
     * Merges.
     *
     * @param other the other
     * @return both
     */
    public HistogramSnapshot plus(HistogramSnapshot other) {
        throw new UnsupportedOperationException();
    }

    /**
     * Subtracts.
     *
     * @param earlier the other
     * @return the difference
     */
    public HistogramSnapshot minus(HistogramSnapshot earlier) {
        throw new UnsupportedOperationException();
    }

    /** {@return bytes} */
    public byte[] toBytes() {
        throw new UnsupportedOperationException();
    }

    /**
     * Decodes.
     *
     * @param bytes bytes
     * @return snapshot
     */
    public static HistogramSnapshot fromBytes(byte[] bytes) {
        throw new UnsupportedOperationException();
    }
}
