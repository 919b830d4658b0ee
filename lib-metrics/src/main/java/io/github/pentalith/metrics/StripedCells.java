// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/*
 * The cells of one histogram.
 *
 * 1. A sample costs two atomic operations: an add to its bucket's cell and a compare-and-set on the sum. The count is
 *    not stored; it is the sum of the cells, so the two cannot disagree.
 * 2. Nothing is ever reset. Cells only grow; intervals and windows are differences of two readings. So each sample
 *    falls into exactly one interval, without phases, double buffers or a clock in the hot path.
 * 3. Stripes. There is one until a compare-and-set on a sum fails, which is the evidence that two threads write at the
 *    same time; then the number doubles, up to the number of processors, and the thread that noticed moves elsewhere
 *    (StripeChoice). The array of stripes is immutable; a longer one contains the shorter one's stripes. From two on, a
 *    table says which of them a thread writes to: every load more on that way shows, as 6 says.
 * 4. Growth. A stripe has a slot per octave; the first sample of an octave puts a page of cells into it by
 *    compare-and-set. A page that is there once stays there, so an add can never hit one that readers do not see. The
 *    loser of a race uses the winner's page.
 * 5. Order. Minimum and maximum are updated before the cell (release), and read after it (acquire): a reading's
 *    extremes embrace every sample that it counts.
 * 6. Speed is the number of loads that depend on each other before the first atomic operation. The way to the page
 *    (this, stripe, slots, page) is as long as the way from the sample to its octave, so the two
 *    overlap. A table with a lowest octave and a length of its own, the first design, had four loads more.
 */
final class StripedCells {
    private static final VarHandle STRIPES;

    static {
        try {
            STRIPES = MethodHandles.lookup().findVarHandle(StripedCells.class, "stripes", Stripe[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final ExponentialLayout layout;
    private final long[] steps; // of the layout, a load nearer
    private final int stepShift;
    private final boolean integral;
    private final StripeChoice choice;
    private volatile Stripe[] stripes;
    private volatile Stripe[] byThread; // which of them a thread writes to; always some of those above
    private @Nullable Stripe only; // while there is one stripe: fewer loads on the way to it; a late reader is harmless

    /**
     * @param integral whether sums are exact integers ({@link #record(long)} only) or doubles
     */
    StripedCells(ExponentialLayout layout, boolean integral, StripeChoice choice) {
        this.layout = layout;
        this.steps = layout.steps;
        this.stepShift = layout.stepShift;
        this.integral = integral;
        this.choice = choice;
        Stripe first = new Stripe(1 << layout.scale);
        this.stripes = new Stripe[] {first};
        this.byThread = stripes;
        this.only = first;
    }

    /** Adds a finite sample that is zero or more. */
    void record(double value) {
        if (value < Double.MIN_NORMAL) {
            stripe().addZero(Double.doubleToRawLongBits(value + 0.0)); // + 0.0 turns -0.0 into 0.0
            return;
        }
        long bits = ExponentialLayout.bitsBelow(value);
        int sub = ExponentialLayout.sub(ExponentialLayout.mantissa(bits), steps, stepShift);
        if (!stripe().add(ExponentialLayout.octave(bits), sub, value)) {
            contended();
        }
    }

    /** Adds a sample that is zero or more. */
    void record(long value) {
        if (!ExponentialLayout.isWhole(value)) {
            recordUnusual(value);
            return;
        }
        int sub = ExponentialLayout.sub(ExponentialLayout.wholeMantissa(value), steps, stepShift);
        if (!stripe().add(ExponentialLayout.wholeOctave(value), sub, value)) {
            contended();
        }
    }

    private void recordUnusual(long value) {
        if (value == 0) {
            stripe().addZero(0);
            return;
        }
        // As a double it has 53 bits, far more than a bucket's bounds need; the sum is exact.
        int index = layout.index((double) value);
        if (!stripe().add(octave(index), sub(index), value)) {
            contended();
        }
    }

    /**
     * Adds a sample and those that were not taken while it lasted: value - interval, value - 2 * interval and so on,
     * down to the interval. Costs O(buckets between the two), however many that are.
     */
    void recordCorrected(long value, long interval) {
        record(value);
        Stripe stripe = stripe();
        long rest = value % interval;
        long last = value / interval - 1;
        if (last > 0) {
            stripe.embrace(rest + interval); // the least of them; the greatest is the value itself
        }
        for (long next = 1; next <= last; ) {
            long least = rest + next * interval;
            int index = layout.index((double) least);
            long end = Math.max(next, Math.min(last, ((long) layout.upper(index) - rest) / interval));
            long count = end - next + 1;
            long steps = saturatedMultiply(interval, count % 2 == 0 ? count / 2 : (count - 1) / 2);
            long total = Stripe.saturatedAdd(
                    saturatedMultiply(least, count), saturatedMultiply(steps, count % 2 == 0 ? count - 1 : count));
            stripe.addAll(octave(index), sub(index), count, total);
            next = end + 1;
        }
    }

    private static long saturatedMultiply(long a, long b) {
        long low = a * b;
        return Math.multiplyHigh(a, b) != 0 || low < 0 ? Long.MAX_VALUE : low;
    }

    private int octave(int index) {
        return index >> layout.scale;
    }

    private int sub(int index) {
        return index & ((1 << layout.scale) - 1);
    }

    private Stripe stripe() {
        Stripe first = only;
        return first != null ? first : chosen();
    }

    private Stripe chosen() {
        Stripe[] table = byThread;
        return table[StripeChoice.slot() & (table.length - 1)];
    }

    /** Two threads have met: more stripes, if there may be more, and another one for this thread. */
    private void contended() {
        Stripe[] now = stripes;
        if (now.length < StripeChoice.MOST) {
            Stripe[] more = Arrays.copyOf(now, now.length * 2);
            for (int i = now.length; i < more.length; i++) {
                more[i] = new Stripe(1 << layout.scale);
            }
            if (STRIPES.compareAndSet(this, now, more)) { // else another thread has just done the same
                byThread = choice.table(more);
                only = null;
            }
        }
        choice.move(stripes, byThread);
    }

    int stripeCount() {
        return stripes.length;
    }

    /** The number of samples so far. */
    long count() {
        long count = 0;
        for (Stripe stripe : stripes) {
            count += stripe.zeros();
            int end = stripe.endOfOctaves();
            for (int octave = stripe.lowestOctave(); octave < end; octave++) {
                long[] page = stripe.pageIfUsed(octave);
                for (int j = 0; page != null && j < page.length; j++) {
                    count += Stripe.cell(page, j);
                }
            }
        }
        return count;
    }

    double sum() {
        if (integral) {
            long sum = 0;
            for (Stripe stripe : stripes) {
                sum = Stripe.saturatedAdd(sum, stripe.sum());
            }
            return sum;
        }
        double sum = 0;
        for (Stripe stripe : stripes) {
            sum += Double.longBitsToDouble(stripe.sum());
        }
        return Math.min(sum, Double.MAX_VALUE);
    }

    private double min(Stripe[] all) {
        long min = Long.MAX_VALUE;
        for (Stripe stripe : all) {
            min = Math.min(min, stripe.min());
        }
        return integral ? min : Double.longBitsToDouble(min);
    }

    private double max(Stripe[] all) {
        long max = -1;
        for (Stripe stripe : all) {
            max = Math.max(max, stripe.max());
        }
        return integral ? max : Double.longBitsToDouble(max);
    }

    /**
     * Counts the samples at or below each bound, without garbage.
     *
     * @param limits ascending bucket numbers: everything in buckets below {@code limits[k]} is within bound k
     * @param cumulative receives one count per bound and then the count of all samples
     */
    void ladder(int[] limits, long[] cumulative) {
        Arrays.fill(cumulative, 0, limits.length + 1, 0);
        for (Stripe stripe : stripes) {
            cumulative[0] += stripe.zeros();
            int step = 0;
            int end = stripe.endOfOctaves();
            for (int octave = stripe.lowestOctave(); octave < end; octave++) {
                long[] page = stripe.pageIfUsed(octave);
                int index = octave << layout.scale;
                for (int j = 0; page != null && j < page.length; j++, index++) {
                    while (step < limits.length && index >= limits[step]) {
                        step++;
                    }
                    cumulative[step] += Stripe.cell(page, j);
                }
            }
        }
        for (int k = 1; k <= limits.length; k++) {
            cumulative[k] += cumulative[k - 1];
        }
    }

    /** Adds all cells up; without garbage once {@code into} has seen as many buckets. */
    void read(Buckets into) {
        Stripe[] all = stripes;
        into.clear(layout);
        int from = 0;
        int end = 0;
        for (Stripe stripe : all) {
            into.zeros += stripe.zeros();
            from = Math.min(from, stripe.lowestOctave());
            end = Math.max(end, stripe.endOfOctaves());
        }
        for (int octave = from; octave < end; octave++) {
            read(all, octave, into);
        }
        into.count += into.zeros;
        if (into.count > 0) {
            into.sum = sum();
            into.min = min(all);
            into.max = max(all);
        }
    }

    private void read(Stripe[] all, int octave, Buckets into) {
        long[] page = null;
        for (Stripe stripe : all) {
            long[] next = stripe.pageIfUsed(octave);
            if (page == null) {
                page = next;
            } else if (next != null) {
                long[] sums = into.scratch(next.length);
                for (int j = 0; j < sums.length; j++) {
                    sums[j] = Stripe.cell(page, j) + Stripe.cell(next, j);
                }
                page = sums;
            }
        }
        if (page != null) {
            into.append(octave << layout.scale, page);
        }
    }
}
