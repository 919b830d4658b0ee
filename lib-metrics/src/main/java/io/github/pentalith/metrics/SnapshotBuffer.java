// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

/**
 * A snapshot that can be taken again and again without garbage, for decisions that ask for a quantile often: the twin
 * of {@link HistogramSnapshot} with the same figures. One buffer serves any number of histograms, one after another.
 *
 * <p>Not thread-safe. Taking a snapshot costs O(cells), about a microsecond, and allocates only until the arrays are as
 * long as the largest histogram needs.
 *
 * <pre>{@code
 * SnapshotBuffer buffer = new SnapshotBuffer();        // kept
 * double p99 = timer.snapshot(buffer).quantile(0.99);
 * }</pre>
 */
public final class SnapshotBuffer {
    private final Buckets buckets = new Buckets(ExponentialLayout.ofRelativeError(Catalog.DEFAULT_ERROR));

    /** Makes an empty buffer. */
    public SnapshotBuffer() {}

    SnapshotBuffer read(StripedCells cells) {
        cells.read(buckets);
        return this;
    }

    /** {@return the number of samples} */
    public long count() {
        return buckets.count;
    }

    /** {@return the sum of all samples} */
    public double sum() {
        return buckets.sum;
    }

    /** {@return the smallest sample; NaN if empty} */
    public double min() {
        return buckets.min;
    }

    /** {@return the largest sample; NaN if empty} */
    public double max() {
        return buckets.max;
    }

    /**
     * Estimates a quantile as {@link HistogramSnapshot#quantile} does.
     *
     * @param q the share, 0 to 1; 0.99 for P99
     * @return the estimate; NaN if empty
     * @throws IllegalArgumentException if {@code q} is not within 0 and 1
     */
    public double quantile(double q) {
        return buckets.quantile(q);
    }

    /**
     * Estimates a quantile as {@link HistogramSnapshot#quantileInterpolated} does.
     *
     * @param q the share, 0 to 1; 0.99 for P99
     * @return the estimate; NaN if empty
     * @throws IllegalArgumentException if {@code q} is not within 0 and 1
     */
    public double quantileInterpolated(double q) {
        return buckets.quantileInterpolated(q);
    }

    /**
     * Counts samples as {@link HistogramSnapshot#countAtMost} does.
     *
     * @param bound the bound
     * @return how many samples are known to be at or below it
     */
    public long countAtMost(double bound) {
        return buckets.countAtMost(bound);
    }

    /** {@return the guaranteed largest relative error of every quantile} */
    public double relativeError() {
        return buckets.layout.relativeError;
    }

    @Override
    public String toString() {
        return "SnapshotBuffer[count=" + count() + ", p50=" + quantile(0.5) + ", p99=" + quantile(0.99) + "]";
    }
}
