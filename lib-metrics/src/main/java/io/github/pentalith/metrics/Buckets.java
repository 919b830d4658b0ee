// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.util.Arrays;

/**
 * Counts per bucket and what follows from them. Those of a {@link HistogramSnapshot} are never changed; those of a
 * {@link SnapshotBuffer} are read into again and again.
 */
final class Buckets {
    private static final double RANK_SLACK = 1e-14; // so that 0.07 of 100 samples is rank 7, not 8
    private static final int[] NO_INDEXES = {};
    private static final long[] NONE = {};

    ExponentialLayout layout;
    long zeros;
    int used; // how much of the arrays counts
    int[] indexes = NO_INDEXES; // ascending
    long[] counts = NONE; // each 1 or more
    long count; // zeros and all counts together
    double sum;
    double min = Double.NaN;
    double max = Double.NaN;
    private long[] scratch = NONE;

    Buckets(ExponentialLayout layout) {
        this.layout = layout;
    }

    private Buckets(ExponentialLayout layout, long zeros, int used, int[] indexes, long[] counts) {
        this.layout = layout;
        this.zeros = zeros;
        this.used = used;
        this.indexes = indexes.length == used ? indexes : Arrays.copyOf(indexes, used);
        this.counts = counts.length == used ? counts : Arrays.copyOf(counts, used);
        long total = zeros;
        for (int i = 0; i < used; i++) {
            total += counts[i];
        }
        this.count = total;
    }

    static Buckets of(
            ExponentialLayout layout,
            long zeros,
            int used,
            int[] indexes,
            long[] counts,
            double sum,
            double min,
            double max) {
        Buckets result = new Buckets(layout, zeros, used, indexes, counts);
        result.sum = sum;
        result.min = min;
        result.max = max;
        return result;
    }

    /** The same, in arrays of their own that are no longer than needed. */
    Buckets copy() {
        return of(layout, zeros, used, Arrays.copyOf(indexes, used), Arrays.copyOf(counts, used), sum, min, max);
    }

    void clear(ExponentialLayout next) {
        layout = next;
        zeros = 0;
        used = 0;
        count = 0;
        sum = 0;
        min = Double.NaN;
        max = Double.NaN;
    }

    long[] scratch(int length) {
        if (scratch.length != length) {
            scratch = new long[length];
        }
        return scratch;
    }

    /** Takes over the cells of an octave above all that are here. */
    void append(int firstIndex, long[] page) {
        if (indexes.length - used < page.length) {
            int length = Math.max(indexes.length * 2, used + page.length);
            indexes = Arrays.copyOf(indexes, length);
            counts = Arrays.copyOf(counts, length);
        }
        int n = used;
        long total = 0;
        for (int j = 0; j < page.length; j++) {
            long cell = Stripe.cell(page, j);
            indexes[n] = firstIndex + j; // kept if the next one does not overwrite it: no branch to mispredict
            counts[n] = cell;
            n += cell == 0 ? 0 : 1;
            total += cell;
        }
        used = n;
        count += total;
    }

    double quantile(double q) {
        return sampleOfRank(q, false);
    }

    double quantileInterpolated(double q) {
        return sampleOfRank(q, true);
    }

    /** The sample that has this share at or below it: from the middle of its bucket, or spread evenly within it. */
    private double sampleOfRank(double q, boolean spread) {
        checkShare(q);
        if (count == 0) {
            return Double.NaN;
        }
        long rank = rank(q);
        if (rank >= count) {
            return clamp(max);
        }
        if (rank <= zeros) {
            return clamp(0);
        }
        int at = used;
        long above = count - rank; // from above, as it is mostly the high ranks that are asked for
        while (above >= 0) {
            above -= counts[--at];
        }
        double lower = layout.lower(indexes[at]);
        if (!spread) {
            return clamp(lower * (1 + layout.relativeError));
        }
        double low = clamp(lower);
        long within = -above; // 1 to counts[at]
        return low + (clamp(layout.upper(indexes[at])) - low) * ((within - 0.5) / counts[at]);
    }

    private long rank(double q) {
        return Math.max(1, (long) Math.ceil(q * count * (1 - RANK_SLACK)));
    }

    private double clamp(double value) {
        return Math.max(min, Math.min(max, value));
    }

    private static void checkShare(double q) {
        if (!(q >= 0 && q <= 1)) {
            throw new IllegalArgumentException("q must be a share: q=" + q + " (expected: 0 to 1, such as 0.99)");
        }
    }

    long countAtMost(double bound) {
        if (!(bound >= 0)) {
            return 0;
        }
        long total = zeros;
        for (int i = 0; i < used && layout.upper(indexes[i]) <= bound; i++) {
            total += counts[i];
        }
        return total;
    }

    Buckets plus(Buckets other) {
        if (layout.scale != other.layout.scale) {
            int scale = Math.min(layout.scale, other.layout.scale);
            return atScale(scale).plus(other.atScale(scale));
        }
        int[] mergedIndexes = new int[used + other.used];
        long[] mergedCounts = new long[mergedIndexes.length];
        int n = 0;
        for (int i = 0, j = 0; i < used || j < other.used; n++) {
            int a = i < used ? indexes[i] : Integer.MAX_VALUE;
            int b = j < other.used ? other.indexes[j] : Integer.MAX_VALUE;
            mergedIndexes[n] = Math.min(a, b);
            mergedCounts[n] = (a <= b ? counts[i++] : 0) + (b <= a ? other.counts[j++] : 0);
        }
        return of(
                layout,
                zeros + other.zeros,
                n,
                mergedIndexes,
                mergedCounts,
                Math.min(sum + other.sum, Double.MAX_VALUE),
                count == 0 ? other.min : other.count == 0 ? min : Math.min(min, other.min),
                count == 0 ? other.max : other.count == 0 ? max : Math.max(max, other.max));
    }

    /**
     * @throws ArithmeticException if {@code earlier} has samples that are not here
     */
    Buckets minus(Buckets earlier) {
        if (layout.scale != earlier.layout.scale) {
            int scale = Math.min(layout.scale, earlier.layout.scale);
            return atScale(scale).minus(earlier.atScale(scale));
        }
        int[] leftIndexes = new int[used];
        long[] leftCounts = new long[used];
        int n = 0;
        int j = 0;
        boolean sound = earlier.zeros <= zeros;
        for (int i = 0; i < used; i++) {
            long before = 0;
            if (j < earlier.used && earlier.indexes[j] == indexes[i]) {
                before = earlier.counts[j++];
            }
            long left = counts[i] - before;
            sound &= left >= 0;
            if (left > 0) {
                leftIndexes[n] = indexes[i];
                leftCounts[n++] = left;
            }
        }
        if (!sound || j < earlier.used) {
            throw new ArithmeticException("less than nothing");
        }
        Buckets left = new Buckets(layout, zeros - earlier.zeros, n, leftIndexes, leftCounts);
        if (left.count > 0) {
            left.sum = Math.max(0, sum - earlier.sum);
            left.min = earlier.count == 0 ? min : lowest(left);
            left.max = earlier.count == 0 ? max : highest(left);
        }
        return left;
    }

    // The extremes of an interval were not recorded; the bounds of its outer buckets embrace them.

    private double lowest(Buckets left) {
        return left.zeros > 0 ? 0 : Math.max(min, layout.lower(left.indexes[0]));
    }

    private double highest(Buckets left) {
        return Math.min(max, left.used == 0 ? Double.MIN_NORMAL : layout.upper(left.indexes[left.used - 1]));
    }

    /** The same samples in wider buckets; exact, as each bucket lies within one of the wider ones. */
    Buckets atScale(int scale) {
        int shift = layout.scale - scale;
        if (shift == 0) {
            return this;
        }
        int[] wideIndexes = new int[used];
        long[] wideCounts = new long[used];
        int n = 0;
        for (int i = 0; i < used; i++) {
            int index = indexes[i] >> shift;
            if (n == 0 || wideIndexes[n - 1] != index) {
                wideIndexes[n++] = index;
            }
            wideCounts[n - 1] += counts[i];
        }
        return of(ExponentialLayout.ofScale(scale), zeros, n, wideIndexes, wideCounts, sum, min, max);
    }

    boolean sameAs(Buckets that) {
        return layout.scale == that.layout.scale
                && zeros == that.zeros
                && Arrays.equals(indexes, 0, used, that.indexes, 0, that.used)
                && Arrays.equals(counts, 0, used, that.counts, 0, that.used)
                && Double.compare(sum, that.sum) == 0
                && Double.compare(min, that.min) == 0
                && Double.compare(max, that.max) == 0;
    }
}
