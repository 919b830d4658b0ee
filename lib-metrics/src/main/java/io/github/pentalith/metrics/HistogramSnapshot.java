// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.time.Instant;
import java.util.Arrays;

/**
 * A distribution at one time or over an interval: counts per bucket, with everything that can be computed from them.
 * Values are in the unit in which they were recorded; those of a {@link Timer} are nanoseconds.
 *
 * <p>Immutable. {@link #plus} merges distributions of any number of processes without losing accuracy, {@link #minus}
 * gives what lies between two snapshots of one histogram. Both cost O(used buckets), a quantile too; a snapshot takes
 * about 12 bytes per used bucket.
 *
 * <p>Accuracy: every {@link #quantile} is within {@link #relativeError} of the sample that has that rank, whatever the
 * distribution; values below 2^-1022 count as zero. Quantiles of an empty snapshot are NaN.
 *
 * <pre>{@code
 * HistogramSnapshot fleet = HistogramSnapshot.fromBytes(a).plus(HistogramSnapshot.fromBytes(b));
 * double p99 = fleet.quantile(0.99);
 * }</pre>
 */
public final class HistogramSnapshot {
    private final Buckets buckets;
    private final Instant from;
    private final Instant to;

    HistogramSnapshot(Buckets buckets, Instant from, Instant to) {
        this.buckets = buckets;
        this.from = from;
        this.to = to;
    }

    static HistogramSnapshot of(StripedCells cells, Instant from, Instant to) {
        Buckets read = new Buckets(cells.layout);
        cells.read(read);
        return new HistogramSnapshot(read.copy(), from, to);
    }

    static HistogramSnapshot empty(ExponentialLayout layout, Instant at) {
        return new HistogramSnapshot(new Buckets(layout), at, at);
    }

    /** The same counts at a later time; nothing was recorded in between. */
    HistogramSnapshot until(Instant later) {
        return new HistogramSnapshot(buckets, from, later);
    }

    /** {@return the number of samples, which is always the sum over the buckets} */
    public long count() {
        return buckets.count;
    }

    /** {@return the sum of all samples; samples that are being recorded right now may be in it or not} */
    public double sum() {
        return buckets.sum;
    }

    /** {@return the smallest sample, in a difference a lower bound of it within the relative error; NaN if empty} */
    public double min() {
        return buckets.min;
    }

    /** {@return the largest sample, in a difference an upper bound of it within the relative error; NaN if empty} */
    public double max() {
        return buckets.max;
    }

    /** {@return the mean of all samples; NaN if there is none} */
    public double mean() {
        return buckets.count == 0 ? Double.NaN : buckets.sum / buckets.count;
    }

    /**
     * The sample that a share of all samples does not exceed, within {@link #relativeError}: that of rank
     * {@code ceil(q * count)}, the smallest for {@code q = 0}.
     *
     * @param q the share, 0 to 1; 0.99 for P99
     * @return the estimate, never outside of min and max; NaN if the snapshot is empty
     * @throws IllegalArgumentException if {@code q} is not within 0 and 1
     */
    public double quantile(double q) {
        return buckets.quantile(q);
    }

    /**
     * The same, spread evenly between the bounds of the bucket. On smooth distributions this is 5 to 20 times closer
     * than {@link #quantile}; what is guaranteed is twice the relative error.
     *
     * @param q the share, 0 to 1; 0.99 for P99
     * @return the estimate, never outside of min and max; NaN if the snapshot is empty
     * @throws IllegalArgumentException if {@code q} is not within 0 and 1
     */
    public double quantileInterpolated(double q) {
        return buckets.quantileInterpolated(q);
    }

    /**
     * The number of samples that are at or below a bound. Exact if the bound is {@link #snap snapped}; otherwise
     * samples within the relative error below the bound may be missing.
     *
     * @param bound the bound
     * @return how many samples are known to be at or below it
     */
    public long countAtMost(double bound) {
        return buckets.countAtMost(bound);
    }

    /**
     * The smallest bucket bound that is not below a value: the bound that can be counted exactly.
     *
     * @param value a finite value, zero or more
     * @return the bound, larger by at most twice the relative error
     * @throws IllegalArgumentException if {@code value} is negative or not finite
     */
    public double snap(double value) {
        if (!(value >= 0 && value <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "value must be a number: value=" + value + " (expected: zero or more, finite)");
        }
        return value < Double.MIN_NORMAL ? Double.MIN_NORMAL : buckets.layout.upper(buckets.layout.index(value));
    }

    /** {@return the guaranteed largest relative error of every quantile, such as 0.0054} */
    public double relativeError() {
        return buckets.layout.relativeError;
    }

    /** {@return when the samples begin: the creation of the histogram, or the end of the subtracted snapshot} */
    public Instant from() {
        return from;
    }

    /** {@return when the samples end: when the snapshot was taken} */
    public Instant to() {
        return to;
    }

    /**
     * Receives the used buckets in ascending order.
     *
     * @param visitor called once per bucket that has samples; zeros come first, as the bucket from 0 to 0
     */
    public void forEachBucket(BucketVisitor visitor) {
        if (buckets.zeros > 0) {
            visitor.bucket(0, 0, buckets.zeros);
        }
        ExponentialLayout layout = buckets.layout;
        for (int i = 0; i < buckets.used; i++) {
            visitor.bucket(layout.lower(buckets.indexes[i]), layout.upper(buckets.indexes[i]), buckets.counts[i]);
        }
    }

    /** What looks at buckets. */
    @FunctionalInterface
    public interface BucketVisitor {
        /**
         * Sees a bucket.
         *
         * @param lower its lower bound, not included
         * @param upper its upper bound, included
         * @param count the number of samples, 1 or more
         */
        void bucket(double lower, double upper, long count);
    }

    /**
     * Merges two distributions: the result is that of one histogram that had seen all samples. If their accuracies
     * differ, the result has the lower one.
     *
     * @param other samples of another histogram, process or interval
     * @return all samples, from the earlier begin to the later end
     */
    public HistogramSnapshot plus(HistogramSnapshot other) {
        return new HistogramSnapshot(
                buckets.plus(other.buckets),
                from.isBefore(other.from) ? from : other.from,
                to.isAfter(other.to) ? to : other.to);
    }

    /**
     * The same samples in fewer, wider buckets: for keeping or sending many snapshots. Exact, as each bucket lies within
     * one of the wider ones: the result is what a histogram of that accuracy would have recorded.
     *
     * @param relativeError 0.00136 to 0.1; a snapshot that is less accurate already stays as it is
     * @return a snapshot of the coarsest layout within that error
     * @throws IllegalArgumentException if {@code relativeError} is out of range
     */
    public HistogramSnapshot downscale(double relativeError) {
        int scale = ExponentialLayout.ofRelativeError(relativeError).scale;
        return scale >= buckets.layout.scale ? this : new HistogramSnapshot(buckets.atScale(scale), from, to);
    }

    /**
     * What was recorded after an earlier snapshot of the same histogram.
     *
     * @param earlier the earlier snapshot
     * @return the samples between the two
     * @throws IllegalArgumentException if {@code earlier} has samples that this snapshot does not have
     */
    public HistogramSnapshot minus(HistogramSnapshot earlier) {
        try {
            return new HistogramSnapshot(buckets.minus(earlier.buckets), earlier.to, to);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "earlier must be an earlier snapshot of the same histogram: earlier=" + earlier
                            + " (expected: no bucket with more samples than now)",
                    e);
        }
    }

    /**
     * Encodes this snapshot; equal snapshots have equal bytes. About two bytes per used bucket plus 50.
     *
     * @return the bytes for {@link #fromBytes}
     */
    public byte[] toBytes() {
        return SnapshotCodec.encode(buckets, from, to);
    }

    /**
     * Decodes what {@link #toBytes} made.
     *
     * @param bytes an encoded snapshot
     * @return the snapshot
     * @throws IllegalArgumentException if the bytes are anything else; nothing larger than a small multiple of
     *     {@code bytes} is ever allocated
     */
    public static HistogramSnapshot fromBytes(byte[] bytes) {
        return SnapshotCodec.decode(bytes);
    }

    /** Whether both have the same samples, accuracy and interval. */
    @Override
    public boolean equals(Object other) {
        return other instanceof HistogramSnapshot that
                && buckets.sameAs(that.buckets)
                && from.equals(that.from)
                && to.equals(that.to);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(buckets.indexes) * 31 + Arrays.hashCode(buckets.counts) + Long.hashCode(buckets.zeros);
    }

    @Override
    public String toString() {
        return "HistogramSnapshot[count=" + count() + ", min=" + min() + ", p50=" + quantile(0.5) + ", p99="
                + quantile(0.99) + ", max=" + max() + ", relativeError=" + relativeError() + ", from=" + from + ", to="
                + to + "]";
    }
}
