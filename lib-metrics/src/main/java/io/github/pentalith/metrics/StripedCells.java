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
 *    (StripeChoice). The array of stripes is immutable; a longer one contains the shorter one's stripes.
 * 4. Growth. A stripe's table maps octaves to pages of cells. Tables are immutable: the first sample of an octave
 *    publishes, by compare-and-set, a new table with the same pages and one more. A page that is reachable once stays
 *    reachable, so an add can never hit a page that readers do not see. The loser of a race uses the winner's page.
 * 5. Order. Minimum and maximum are updated before the cell (release), and read after it (acquire): a reading's
 *    extremes embrace every sample that it counts.
 */
final class StripedCells {
    private static final VarHandle STRIPES;
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int MAX_STRIPES =
            ceilingPowerOfTwo(Runtime.getRuntime().availableProcessors());

    static {
        try {
            STRIPES = MethodHandles.lookup().findVarHandle(StripedCells.class, "stripes", Stripe[].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final ExponentialLayout layout;
    private final boolean integral;
    private final StripeChoice choice;
    private volatile Stripe[] stripes;
    private @Nullable Stripe only; // while there is one stripe: a load less on the way to it; a late reader is harmless

    /**
     * @param integral whether sums are exact integers ({@link #record(long)} only) or doubles
     */
    StripedCells(ExponentialLayout layout, boolean integral, StripeChoice choice) {
        this.layout = layout;
        this.integral = integral;
        this.choice = choice;
        Stripe first = new Stripe();
        this.stripes = new Stripe[] {first};
        this.only = first;
    }

    /** Adds a finite sample that is zero or more. */
    void record(double value) {
        if (!stripe().add(layout, value, 0, false)) {
            contended();
        }
    }

    /** Adds a sample that is zero or more. */
    void record(long value) {
        // As a double it has 53 bits, far more than a bucket's bounds need; the sum is exact.
        if (!stripe().add(layout, (double) value, value, true)) {
            contended();
        }
    }

    private Stripe stripe() {
        Stripe first = only;
        return first != null ? first : chosen();
    }

    private Stripe chosen() {
        Stripe[] all = stripes;
        return all[choice.current() & (all.length - 1)];
    }

    private void contended() {
        choice.move();
        Stripe[] now = stripes;
        if (now.length < MAX_STRIPES) {
            Stripe[] more = Arrays.copyOf(now, now.length * 2);
            for (int i = now.length; i < more.length; i++) {
                more[i] = new Stripe();
            }
            STRIPES.compareAndSet(this, now, more); // if it fails, another thread has just done the same
            only = null;
        }
    }

    int stripeCount() {
        return stripes.length;
    }

    /** The number of samples so far. */
    long count() {
        long count = 0;
        for (Stripe stripe : stripes) {
            count += stripe.zeros();
            Table table = stripe.table();
            for (long[] page : table.pages) {
                if (page != null) {
                    for (int j = 0; j < page.length; j++) {
                        count += (long) CELL.getAcquire(page, j);
                    }
                }
            }
        }
        return count;
    }

    double sum() {
        if (integral) {
            long sum = 0;
            for (Stripe stripe : stripes) {
                sum = saturatedAdd(sum, stripe.sumBits());
            }
            return sum;
        }
        double sum = 0;
        for (Stripe stripe : stripes) {
            sum += Double.longBitsToDouble(stripe.sumBits());
        }
        return Math.min(sum, Double.MAX_VALUE);
    }

    /** Bits of the smallest sample so far; {@link Long#MAX_VALUE} if there was none. */
    private long minBits() {
        long min = Long.MAX_VALUE;
        for (Stripe stripe : stripes) {
            min = Math.min(min, (long) Stripe.MIN.getAcquire(stripe));
        }
        return min;
    }

    private long maxBits() {
        long max = -1;
        for (Stripe stripe : stripes) {
            max = Math.max(max, (long) Stripe.MAX.getAcquire(stripe));
        }
        return max;
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
            Table table = stripe.table();
            int step = 0;
            for (int at = 0; at < table.pages.length; at++) {
                long[] page = table.pages[at];
                if (page != null) {
                    int index = (table.firstOctave + at) << layout.scale;
                    for (int j = 0; j < page.length; j++, index++) {
                        while (step < limits.length && index >= limits[step]) {
                            step++;
                        }
                        cumulative[step] += (long) CELL.getAcquire(page, j);
                    }
                }
            }
        }
        for (int k = 1; k <= limits.length; k++) {
            cumulative[k] += cumulative[k - 1];
        }
    }

    /** Adds all cells up into an immutable reading. */
    Reading read() {
        int from = Integer.MAX_VALUE;
        int to = Integer.MIN_VALUE;
        Stripe[] all = stripes;
        Table[] tables = new Table[all.length];
        for (int i = 0; i < all.length; i++) {
            tables[i] = all[i].table();
            if (tables[i].pages.length > 0) {
                from = Math.min(from, tables[i].firstOctave);
                to = Math.max(to, tables[i].firstOctave + tables[i].pages.length);
            }
        }
        long[] dense = from < to ? new long[(to - from) << layout.scale] : new long[0];
        long zeros = 0;
        int used = 0;
        for (int i = 0; i < all.length; i++) {
            zeros += all[i].zeros();
            for (int at = 0; at < tables[i].pages.length; at++) {
                long[] page = tables[i].pages[at];
                if (page != null) {
                    int offset = (tables[i].firstOctave - from + at) << layout.scale;
                    for (int j = 0; j < page.length; j++) {
                        long cell = (long) CELL.getAcquire(page, j);
                        if (cell != 0 && dense[offset + j] == 0) {
                            used++;
                        }
                        dense[offset + j] += cell;
                    }
                }
            }
        }
        int[] indexes = new int[used];
        long[] counts = new long[used];
        for (int i = 0, n = 0; n < used; i++) {
            if (dense[i] != 0) {
                indexes[n] = (from << layout.scale) + i;
                counts[n++] = dense[i];
            }
        }
        long min = minBits();
        long max = maxBits();
        boolean empty = zeros == 0 && used == 0;
        return new Reading(
                zeros,
                indexes,
                counts,
                empty ? 0 : sum(),
                empty ? Double.NaN : Double.longBitsToDouble(min),
                empty ? Double.NaN : Double.longBitsToDouble(max));
    }

    /** Cells added up: used buckets only, in ascending order. */
    static final class Reading {
        final long zeros;
        final int[] indexes;
        final long[] counts;
        final double sum;
        final double min;
        final double max;

        Reading(long zeros, int[] indexes, long[] counts, double sum, double min, double max) {
            this.zeros = zeros;
            this.indexes = indexes;
            this.counts = counts;
            this.sum = sum;
            this.min = min;
            this.max = max;
        }
    }

    private static long saturatedAdd(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    private static int ceilingPowerOfTwo(int n) {
        return n <= 1 ? 1 : Integer.highestOneBit(n - 1) << 1;
    }

    /** Pages of cells by octave, immutable. */
    private static final class Table {
        static final Table EMPTY = new Table(0, new long[0][]);
        final int firstOctave;
        final long[][] pages; // null where no sample fell

        Table(int firstOctave, long[][] pages) {
            this.firstOctave = firstOctave;
            this.pages = pages;
        }

        Table with(int octave, long[] page) {
            if (pages.length == 0) {
                return new Table(octave, new long[][] {page});
            }
            int first = Math.min(firstOctave, octave);
            int end = Math.max(firstOctave + pages.length, octave + 1);
            long[][] more = new long[end - first][];
            System.arraycopy(pages, 0, more, firstOctave - first, pages.length);
            more[octave - first] = page;
            return new Table(first, more);
        }
    }

    /** What one thread at a time writes to, most of the time. */
    @SuppressWarnings("UnusedVariable") // the trailing fields keep neighbours off the cache lines of the others
    private static final class Stripe {
        static final VarHandle SUM;
        static final VarHandle MIN;
        static final VarHandle MAX;
        static final VarHandle ZEROS;
        static final VarHandle TABLE;

        static {
            try {
                MethodHandles.Lookup lookup = MethodHandles.lookup();
                SUM = lookup.findVarHandle(Stripe.class, "sum", long.class);
                MIN = lookup.findVarHandle(Stripe.class, "min", long.class);
                MAX = lookup.findVarHandle(Stripe.class, "max", long.class);
                ZEROS = lookup.findVarHandle(Stripe.class, "zeros", long.class);
                TABLE = lookup.findVarHandle(Stripe.class, "table", Table.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private long sum; // a long, or the bits of a double
        private long min = Long.MAX_VALUE; // bits of doubles: they are ordered like the numbers if none is negative
        private long max = -1;
        private long zeros;
        private Table table = Table.EMPTY;
        private long pad0, pad1, pad2, pad3, pad4, pad5, pad6, pad7, pad8, pad9, pad10, pad11, pad12, pad13;

        /**
         * Adds a sample whose double is {@code value} and whose contribution to an integral sum is {@code whole}. All
         * that is read is read before the two atomic operations, as a processor starts no load before they are done.
         * False if another thread got in between, which changes nothing for the sample.
         */
        boolean add(ExponentialLayout layout, double value, long whole, boolean integral) {
            embrace(value);
            if (value < Double.MIN_NORMAL) {
                ZEROS.getAndAdd(this, 1L);
                return true; // adds nothing to the sum that a double could hold beside other samples
            }
            long bits = ExponentialLayout.bitsBelow(value);
            int octave = ExponentialLayout.octave(bits);
            int sub = layout.sub(bits);
            Table seen = (Table) TABLE.getAcquire(this);
            int at = octave - seen.firstOctave;
            long[] page = at >= 0 && at < seen.pages.length ? seen.pages[at] : null;
            if (page == null) {
                page = install(octave, 1 << layout.scale);
            }
            long before = (long) SUM.getOpaque(this);
            long after = integral ? saturatedAdd(before, whole) : plus(before, value);
            CELL.getAndAdd(page, sub, 1L);
            if (SUM.compareAndSet(this, before, after)) {
                return true;
            }
            do {
                before = (long) SUM.getOpaque(this);
                after = integral ? saturatedAdd(before, whole) : plus(before, value);
            } while (!SUM.compareAndSet(this, before, after));
            return false;
        }

        private void embrace(double value) {
            long bits = Double.doubleToRawLongBits(value + 0.0); // + 0.0 turns -0.0 into 0.0
            if (bits < (long) MIN.getOpaque(this)) {
                lower(bits);
            }
            if (bits > (long) MAX.getOpaque(this)) {
                raise(bits);
            }
        }

        private void lower(long bits) {
            long seen;
            do {
                seen = (long) MIN.getOpaque(this);
            } while (bits < seen && !MIN.compareAndSet(this, seen, bits));
        }

        private void raise(long bits) {
            long seen;
            do {
                seen = (long) MAX.getOpaque(this);
            } while (bits > seen && !MAX.compareAndSet(this, seen, bits));
        }

        private long[] install(int octave, int cells) {
            long[] fresh = new long[cells];
            while (true) {
                Table seen = table();
                int at = octave - seen.firstOctave;
                long[] page = at >= 0 && at < seen.pages.length ? seen.pages[at] : null;
                if (page != null) {
                    return page;
                }
                if (TABLE.compareAndSet(this, seen, seen.with(octave, fresh))) {
                    return fresh;
                }
            }
        }

        private static long plus(long bits, double value) {
            return Double.doubleToRawLongBits(Math.min(Double.longBitsToDouble(bits) + value, Double.MAX_VALUE));
        }

        Table table() {
            return (Table) TABLE.getAcquire(this);
        }

        long zeros() {
            return (long) ZEROS.getAcquire(this);
        }

        long sumBits() {
            return (long) SUM.getAcquire(this);
        }
    }
}
