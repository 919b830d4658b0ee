// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
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
    private static final byte FORMAT = 1;
    private static final double RANK_SLACK = 1e-14; // so that 0.07 of 100 samples is rank 7, not 8

    private final ExponentialLayout layout;
    private final long zeros;
    private final int[] indexes; // ascending
    private final long[] counts; // each 1 or more
    private final long count;
    private final double sum;
    private final double min;
    private final double max;
    private final Instant from;
    private final Instant to;

    private HistogramSnapshot(
            ExponentialLayout layout,
            long zeros,
            int[] indexes,
            long[] counts,
            double sum,
            double min,
            double max,
            Instant from,
            Instant to) {
        this.layout = layout;
        this.zeros = zeros;
        this.indexes = indexes;
        this.counts = counts;
        this.sum = sum;
        this.min = min;
        this.max = max;
        this.from = from;
        this.to = to;
        long total = zeros;
        for (long c : counts) {
            total += c;
        }
        this.count = total;
    }

    static HistogramSnapshot of(ExponentialLayout layout, StripedCells.Reading cells, Instant from, Instant to) {
        return new HistogramSnapshot(
                layout, cells.zeros, cells.indexes, cells.counts, cells.sum, cells.min, cells.max, from, to);
    }

    static HistogramSnapshot empty(ExponentialLayout layout, Instant at) {
        return new HistogramSnapshot(layout, 0, new int[0], new long[0], 0, Double.NaN, Double.NaN, at, at);
    }

    /** The same counts at a later time; nothing was recorded in between. */
    HistogramSnapshot until(Instant later) {
        return new HistogramSnapshot(layout, zeros, indexes, counts, sum, min, max, from, later);
    }

    /** {@return the number of samples, which is always the sum over the buckets} */
    public long count() {
        return count;
    }

    /** {@return the sum of all samples; samples that are being recorded right now may be in it or not} */
    public double sum() {
        return sum;
    }

    /** {@return the smallest sample, in a difference a lower bound of it within the relative error; NaN if empty} */
    public double min() {
        return min;
    }

    /** {@return the largest sample, in a difference an upper bound of it within the relative error; NaN if empty} */
    public double max() {
        return max;
    }

    /** {@return the mean of all samples; NaN if there is none} */
    public double mean() {
        return count == 0 ? Double.NaN : sum / count;
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
        checkShare(q);
        if (count == 0) {
            return Double.NaN;
        }
        long rank = Math.max(1, (long) Math.ceil(q * count * (1 - RANK_SLACK)));
        if (rank >= count) {
            return clamp(max);
        }
        long seen = zeros;
        if (rank <= seen) {
            return clamp(0);
        }
        int at = -1;
        while (rank > seen) {
            seen += counts[++at];
        }
        return clamp(layout.lower(indexes[at]) * (1 + layout.relativeError));
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
        checkShare(q);
        if (count == 0) {
            return Double.NaN;
        }
        long rank = Math.max(1, (long) Math.ceil(q * count * (1 - RANK_SLACK)));
        if (rank >= count) {
            return clamp(max);
        }
        long before = zeros;
        if (rank <= before) {
            return clamp(0);
        }
        int at = 0;
        while (rank > before + counts[at]) {
            before += counts[at++];
        }
        double low = clamp(layout.lower(indexes[at]));
        double high = clamp(layout.upper(indexes[at]));
        return low + (high - low) * ((rank - before - 0.5) / counts[at]);
    }

    private double clamp(double value) {
        return Math.max(min, Math.min(max, value));
    }

    private static void checkShare(double q) {
        if (!(q >= 0 && q <= 1)) {
            throw new IllegalArgumentException("q must be a share: q=" + q + " (expected: 0 to 1, such as 0.99)");
        }
    }

    /**
     * The number of samples that are at or below a bound. Exact if the bound is {@link #snap snapped}; otherwise
     * samples within the relative error below the bound may be missing.
     *
     * @param bound the bound
     * @return how many samples are known to be at or below it
     */
    public long countAtMost(double bound) {
        if (!(bound >= 0)) {
            return 0;
        }
        long total = zeros;
        for (int i = 0; i < indexes.length && layout.upper(indexes[i]) <= bound; i++) {
            total += counts[i];
        }
        return total;
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
        return value < Double.MIN_NORMAL ? Double.MIN_NORMAL : layout.upper(layout.index(value));
    }

    /** {@return the guaranteed largest relative error of every quantile, such as 0.0054} */
    public double relativeError() {
        return layout.relativeError;
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
        if (zeros > 0) {
            visitor.bucket(0, 0, zeros);
        }
        for (int i = 0; i < indexes.length; i++) {
            visitor.bucket(layout.lower(indexes[i]), layout.upper(indexes[i]), counts[i]);
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
        if (layout.scale != other.layout.scale) {
            int scale = Math.min(layout.scale, other.layout.scale);
            return atScale(scale).plus(other.atScale(scale));
        }
        int[] mergedIndexes = new int[indexes.length + other.indexes.length];
        long[] mergedCounts = new long[mergedIndexes.length];
        int n = 0;
        for (int i = 0, j = 0; i < indexes.length || j < other.indexes.length; n++) {
            int a = i < indexes.length ? indexes[i] : Integer.MAX_VALUE;
            int b = j < other.indexes.length ? other.indexes[j] : Integer.MAX_VALUE;
            mergedIndexes[n] = Math.min(a, b);
            mergedCounts[n] = (a <= b ? counts[i++] : 0) + (b <= a ? other.counts[j++] : 0);
        }
        return new HistogramSnapshot(
                layout,
                zeros + other.zeros,
                Arrays.copyOf(mergedIndexes, n),
                Arrays.copyOf(mergedCounts, n),
                Math.min(sum + other.sum, Double.MAX_VALUE),
                count == 0 ? other.min : other.count == 0 ? min : Math.min(min, other.min),
                count == 0 ? other.max : other.count == 0 ? max : Math.max(max, other.max),
                from.isBefore(other.from) ? from : other.from,
                to.isAfter(other.to) ? to : other.to);
    }

    /**
     * What was recorded after an earlier snapshot of the same histogram.
     *
     * @param earlier the earlier snapshot
     * @return the samples between the two
     * @throws IllegalArgumentException if {@code earlier} has samples that this snapshot does not have
     */
    public HistogramSnapshot minus(HistogramSnapshot earlier) {
        if (layout.scale != earlier.layout.scale) {
            int scale = Math.min(layout.scale, earlier.layout.scale);
            return atScale(scale).minus(earlier.atScale(scale));
        }
        int[] leftIndexes = new int[indexes.length];
        long[] leftCounts = new long[indexes.length];
        int n = 0;
        int j = 0;
        for (int i = 0; i < indexes.length; i++) {
            long before = 0;
            if (j < earlier.indexes.length && earlier.indexes[j] == indexes[i]) {
                before = earlier.counts[j++];
            }
            long left = counts[i] - before;
            if (left < 0) {
                throw notEarlier(earlier);
            }
            if (left > 0) {
                leftIndexes[n] = indexes[i];
                leftCounts[n++] = left;
            }
        }
        if (j < earlier.indexes.length || earlier.zeros > zeros) {
            throw notEarlier(earlier);
        }
        return between(earlier, Arrays.copyOf(leftIndexes, n), Arrays.copyOf(leftCounts, n));
    }

    private HistogramSnapshot between(HistogramSnapshot earlier, int[] leftIndexes, long[] leftCounts) {
        int n = leftIndexes.length;
        long leftZeros = zeros - earlier.zeros;
        boolean empty = leftZeros == 0 && n == 0;
        double low;
        double high;
        if (empty) {
            low = Double.NaN;
            high = Double.NaN;
        } else if (earlier.count == 0) {
            low = min;
            high = max;
        } else {
            // The extremes of the interval were not recorded; the bounds of its outer buckets embrace them.
            low = leftZeros > 0 ? 0 : Math.max(min, layout.lower(leftIndexes[0]));
            high = n == 0 ? Math.min(max, Double.MIN_NORMAL) : Math.min(max, layout.upper(leftIndexes[n - 1]));
        }
        return new HistogramSnapshot(
                layout,
                leftZeros,
                leftIndexes,
                leftCounts,
                empty ? 0 : Math.max(0, sum - earlier.sum),
                low,
                high,
                earlier.to,
                to);
    }

    private static IllegalArgumentException notEarlier(HistogramSnapshot earlier) {
        return new IllegalArgumentException("earlier must be an earlier snapshot of the same histogram: earlier="
                + earlier + " (expected: no bucket with more samples than now)");
    }

    /** The same samples in wider buckets; exact, as each bucket lies within one of the wider ones. */
    HistogramSnapshot atScale(int scale) {
        int shift = layout.scale - scale;
        if (shift == 0) {
            return this;
        }
        int[] wideIndexes = new int[indexes.length];
        long[] wideCounts = new long[indexes.length];
        int n = 0;
        for (int i = 0; i < indexes.length; i++) {
            int index = indexes[i] >> shift;
            if (n == 0 || wideIndexes[n - 1] != index) {
                wideIndexes[n++] = index;
            }
            wideCounts[n - 1] += counts[i];
        }
        return new HistogramSnapshot(
                ExponentialLayout.ofScale(scale),
                zeros,
                Arrays.copyOf(wideIndexes, n),
                Arrays.copyOf(wideCounts, n),
                sum,
                min,
                max,
                from,
                to);
    }

    /**
     * Encodes this snapshot; equal snapshots have equal bytes. About two bytes per used bucket plus 50.
     *
     * @return the bytes for {@link #fromBytes}
     */
    public byte[] toBytes() {
        ByteBuffer out = ByteBuffer.allocate(80 + indexes.length * 14);
        out.put(FORMAT).put((byte) layout.scale);
        out.putDouble(sum).putDouble(min).putDouble(max);
        out.putLong(from.getEpochSecond()).putInt(from.getNano());
        out.putLong(to.getEpochSecond()).putInt(to.getNano());
        putVarint(out, zeros);
        putVarint(out, indexes.length);
        int previous = 0;
        for (int i = 0; i < indexes.length; i++) {
            int step = indexes[i] - previous;
            putVarint(out, i == 0 ? ((long) step << 1) ^ (step >> 31) : step); // only the first may be negative
            putVarint(out, counts[i]);
            previous = indexes[i];
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static void putVarint(ByteBuffer out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
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
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            HistogramSnapshot snapshot = decode(in);
            if (in.hasRemaining() || !Arrays.equals(bytes, snapshot.toBytes())) {
                throw new IllegalArgumentException("not canonical");
            }
            return snapshot;
        } catch (BufferUnderflowException | ArithmeticException | DateTimeException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "bytes must be an encoded histogram snapshot: length=" + bytes.length + ", offset=" + in.position()
                            + " (expected: what toBytes() returned)",
                    e);
        }
    }

    private static HistogramSnapshot decode(ByteBuffer in) {
        int format = in.get();
        int scale = in.get();
        if (format != FORMAT || scale < ExponentialLayout.MIN_SCALE || scale > ExponentialLayout.MAX_SCALE) {
            throw new IllegalArgumentException("format=" + format + ", scale=" + scale);
        }
        double sum = in.getDouble();
        double min = in.getDouble();
        double max = in.getDouble();
        Instant from = Instant.ofEpochSecond(in.getLong(), in.getInt());
        Instant to = Instant.ofEpochSecond(in.getLong(), in.getInt());
        long zeros = getVarint(in);
        long used = getVarint(in);
        if (used > in.remaining() / 2) {
            throw new IllegalArgumentException("used=" + used);
        }
        int[] indexes = new int[(int) used];
        long[] counts = new long[(int) used];
        long total = zeros;
        long previous = 0;
        for (int i = 0; i < used; i++) {
            long step = getVarint(in);
            previous = i == 0 ? (step >>> 1) ^ -(step & 1) : previous + step;
            counts[i] = getVarint(in);
            total = Math.addExact(total, counts[i]);
            if ((i > 0 && step < 1) || previous < -(1024L << scale) || previous >= 1024L << scale || counts[i] < 1) {
                throw new IllegalArgumentException("bucket " + i);
            }
            indexes[i] = (int) previous;
        }
        boolean sound = total == 0
                ? isNaN(min) && isNaN(max) && sum == 0
                : min >= 0 && min <= max && max <= Double.MAX_VALUE && sum >= 0 && sum <= Double.MAX_VALUE;
        if (!sound || zeros < 0) {
            throw new IllegalArgumentException("sum=" + sum + ", min=" + min + ", max=" + max);
        }
        return new HistogramSnapshot(ExponentialLayout.ofScale(scale), zeros, indexes, counts, sum, min, max, from, to);
    }

    private static boolean isNaN(double value) {
        return Double.doubleToRawLongBits(value) == Double.doubleToRawLongBits(Double.NaN);
    }

    private static long getVarint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("number too long");
    }

    /** Whether both have the same samples, accuracy and interval. */
    @Override
    public boolean equals(Object other) {
        return other instanceof HistogramSnapshot that
                && layout.scale == that.layout.scale
                && zeros == that.zeros
                && Arrays.equals(indexes, that.indexes)
                && Arrays.equals(counts, that.counts)
                && Double.compare(sum, that.sum) == 0
                && Double.compare(min, that.min) == 0
                && Double.compare(max, that.max) == 0
                && from.equals(that.from)
                && to.equals(that.to);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(indexes) * 31 + Arrays.hashCode(counts) + Long.hashCode(zeros);
    }

    @Override
    public String toString() {
        return "HistogramSnapshot[count=" + count + ", min=" + min + ", p50=" + quantile(0.5) + ", p99="
                + quantile(0.99) + ", max=" + max + ", relativeError=" + relativeError() + ", from=" + from + ", to="
                + to + "]";
    }
}
