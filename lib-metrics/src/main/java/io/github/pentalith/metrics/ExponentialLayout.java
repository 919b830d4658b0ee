// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/*
 * The base-2 exponential layout of OpenTelemetry's and Prometheus' native histograms.
 *
 * At scale s every octave (2^e, 2^(e+1)] is cut into 2^s buckets whose bounds grow by the factor b = 2^(2^-s). Bucket i
 * holds the values v with 2^(i / 2^s) < v <= 2^((i + 1) / 2^s). Answering with lower * 2b / (b + 1) is wrong by at most
 * alpha = (b - 1) / (b + 1), whatever the value.
 *
 * Index without logarithm, hence without rounding at the bounds. A double is its exponent and 52 bits of mantissa; with
 * the leading one in front they are a number x of 64 bits whose lowest eleven are zeros. Let F(j) be the largest such
 * number not above the j-th bound; then v is above that bound exactly if x > F(j), as only the bounds that are powers of
 * two are such numbers themselves. So upper-inclusive buckets cost no more than comparing integers.
 * The first s + 2 bits of x choose one of 2^(s+1) equal steps. A step is narrower than the narrowest bucket
 * (2^-(s+1) < 2^-s * ln 2), so at most one bound lies within it: bucket = first bucket of the step + (x > bound).
 * The comparison is the sign of a difference, so there is no branch to mispredict. The lowest bits of x being zeros, one
 * table entry can carry both the bound (upper bits) and the bucket (lowest eight), and an index costs one load.
 * A power of two belongs to the octave below it. Shifted like its neighbours below, it loses its only bit: x = 0, which
 * no other value gives, and whose table entry says "last bucket". The half of the table between is not used.
 *
 * A long that a double holds exactly needs no conversion: x is that long, shifted.
 *
 * Values below 2^-1022 (subnormal) count as zero; the relative error of a number with fewer bits than the bucket has is
 * not defined. See "Exponential Histograms" in the OpenTelemetry data model.
 */
final class ExponentialLayout {
    static final int MIN_SCALE = 2;
    static final int MAX_SCALE = 8;
    private static final int MANTISSA_BITS = 52;
    private static final int SPARE_BITS = 11;
    private static final long LEADING_ONE = 1L << 63;
    private static final int BIAS = 1023;
    private static final ExponentialLayout[] BY_SCALE = tables();

    final int scale;
    final double relativeError;
    private final long[] bounds; // F(j) without the leading one, for j from 0 to 2^scale; the last is 2^52
    final long[] steps; // by the first bits of x: the bound inside the step and the bucket at its start
    final int stepShift;

    private ExponentialLayout(int scale, long[] finest) {
        this.scale = scale;
        int buckets = 1 << scale;
        double base = Math.pow(2, 1.0 / buckets);
        this.relativeError = (base - 1) / (base + 1);
        this.bounds = new long[buckets + 1];
        for (int j = 0; j <= buckets; j++) {
            bounds[j] = finest[j << (MAX_SCALE - scale)];
        }
        int count = 2 << scale;
        this.steps = new long[2 * count];
        this.stepShift = Long.SIZE - scale - 2;
        steps[0] = buckets - 1L;
        int bucket = 0;
        for (int step = 0; step < count; step++) {
            long start = (long) step << (MANTISSA_BITS - scale - 1);
            while (bounds[bucket + 1] <= start) {
                bucket++;
            }
            // No bound in the last steps: one that everything in them is above, from the bucket before.
            long entry = bucket == buckets - 1 ? bucket - 1 : (bounds[bucket + 1] << SPARE_BITS) | bucket;
            steps[count + step] = LEADING_ONE | entry;
        }
    }

    static ExponentialLayout ofScale(int scale) {
        return BY_SCALE[scale];
    }

    /** The coarsest layout that keeps within {@code error}. */
    static ExponentialLayout ofRelativeError(double error) {
        for (int scale = MIN_SCALE; scale <= MAX_SCALE; scale++) {
            if (BY_SCALE[scale].relativeError <= error) {
                return BY_SCALE[scale];
            }
        }
        throw new IllegalArgumentException("relativeError must be in range: relativeError=" + error
                + " (expected: 0.00136 to 0.1; 0.0055 is the default)");
    }

    /** Index within the octave of the number x above. */
    static int sub(long x, long[] steps, int stepShift) {
        long step = steps[(int) (x >>> stepShift)];
        return (int) (step & 0xFF) + (int) ((step - x) >>> 63);
    }

    /** The octave (2^e, 2^(e+1)] of the double that follows the one with these bits. */
    static int octave(long bitsBelow) {
        return (int) (bitsBelow >>> MANTISSA_BITS) - BIAS;
    }

    /** The number x of the double that follows the one with these bits. */
    static long aligned(long bitsBelow) {
        return ((bitsBelow << SPARE_BITS) | LEADING_ONE) + (1L << SPARE_BITS);
    }

    static long bitsBelow(double value) {
        return Double.doubleToRawLongBits(value) - 1;
    }

    /** Whether a long, shifted by the leading zeros of the number before it, is the number x: from 2 to 2^53. */
    static boolean isWhole(long value) {
        return (value - 2) >>> 53 == 0;
    }

    /** The bucket of a value from {@link Double#MIN_NORMAL} up. */
    int index(double value) {
        long bits = bitsBelow(value);
        return (octave(bits) << scale) + sub(aligned(bits), steps, stepShift);
    }

    /** The largest double that is not in this bucket but below it. */
    double lower(int index) {
        int octave = index >> scale;
        long mantissa = bounds[index & ((1 << scale) - 1)];
        return Math.min(Math.scalb(1 + mantissa * 0x1p-52, octave), Double.MAX_VALUE);
    }

    /** The largest double in this bucket. */
    double upper(int index) {
        return lower(index + 1);
    }

    /** Floors of 2^(j/256) * 2^52 less the leading one; 40 digits leave the floor no doubt (a test compares roots). */
    private static ExponentialLayout[] tables() {
        MathContext digits = new MathContext(40, RoundingMode.HALF_EVEN);
        BigDecimal base = BigDecimal.valueOf(2);
        for (int i = 0; i < MAX_SCALE; i++) {
            base = base.sqrt(digits);
        }
        long[] finest = new long[(1 << MAX_SCALE) + 1];
        BigDecimal one = BigDecimal.valueOf(1L << MANTISSA_BITS);
        BigDecimal bound = one;
        for (int j = 0; j < finest.length - 1; j++) {
            finest[j] = bound.subtract(one).longValue();
            bound = bound.multiply(base, digits);
        }
        finest[finest.length - 1] = 1L << MANTISSA_BITS;
        ExponentialLayout[] all = new ExponentialLayout[MAX_SCALE + 1];
        for (int scale = MIN_SCALE; scale <= MAX_SCALE; scale++) {
            all[scale] = new ExponentialLayout(scale, finest);
        }
        return all;
    }
}
