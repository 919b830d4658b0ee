// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A set of cells that, most of the time, one thread at a time writes to; see {@link StripedCells} for the whole. Sums
 * and extremes are longs or the bits of doubles, as the caller has it (the bits of doubles that are not negative are
 * ordered like the numbers).
 */
@SuppressWarnings("UnusedVariable") // the trailing fields keep neighbours off the cache lines of the others
final class Stripe extends StripePadding {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle PAGE = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final VarHandle SUM;
    private static final VarHandle MIN;
    private static final VarHandle MAX;
    private static final VarHandle ZEROS;
    private static final VarHandle FAR;

    /** Octaves that have a slot from the start: 2^-32 to 2^96 holds nanoseconds, bytes and seconds. */
    private static final int NEAR = 128;

    private static final int LOWEST_NEAR = -32;
    private static final int FARTHEST = 2048; // every octave of a double
    private static final int LOWEST_FAR = -1023;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            SUM = lookup.findVarHandle(Stripe.class, "sum", long.class);
            MIN = lookup.findVarHandle(Stripe.class, "min", long.class);
            MAX = lookup.findVarHandle(Stripe.class, "max", long.class);
            ZEROS = lookup.findVarHandle(Stripe.class, "zeros", long.class);
            FAR = lookup.findVarHandle(Stripe.class, "far", long[][].class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long[][] near = new long[NEAR][]; // by octave; null where no sample fell
    private final int pageLength;
    private long @Nullable [] @Nullable [] far; // the same for all octaves, once a sample fell outside of the near ones
    private long sum;
    private long min = Long.MAX_VALUE;
    private long max = -1;
    private long zeros;
    private long after0, after1, after2, after3, after4, after5, after6, after7;

    Stripe(int pageLength) {
        this.pageLength = pageLength;
    }

    /**
     * Adds a sample that is not zero to an integral sum. All that is read is read before the two atomic operations, as
     * a processor starts no load before they are done; the sum comes first because it is ready before the bucket is.
     * False if another thread got in between, which changes nothing for the sample.
     */
    boolean add(int octave, int sub, long value) {
        embrace(value);
        long[] page = page(octave);
        long before = (long) SUM.getOpaque(this);
        boolean alone = SUM.compareAndSet(this, before, saturatedAdd(before, value));
        CELL.getAndAdd(page, sub, 1L);
        return alone || addAgain(value);
    }

    /** The same for a sum of doubles. */
    boolean add(int octave, int sub, double value) {
        embrace(Double.doubleToRawLongBits(value));
        long[] page = page(octave);
        long before = (long) SUM.getOpaque(this);
        boolean alone = SUM.compareAndSet(this, before, plus(before, value));
        CELL.getAndAdd(page, sub, 1L);
        return alone || addAgain(value);
    }

    /** Adds several samples of one bucket, which other samples embrace. */
    void addAll(int octave, int sub, long count, long total) {
        CELL.getAndAdd(page(octave), sub, count);
        boolean unused = addAgain(total);
    }

    /** Adds a zero, or what is as good as zero. Nothing a double could hold beside other samples comes to the sum. */
    void addZero(long bits) {
        embrace(bits);
        ZEROS.getAndAdd(this, 1L);
    }

    private boolean addAgain(long value) {
        long before;
        do {
            before = (long) SUM.getOpaque(this);
        } while (!SUM.compareAndSet(this, before, saturatedAdd(before, value)));
        return false;
    }

    private boolean addAgain(double value) {
        long before;
        do {
            before = (long) SUM.getOpaque(this);
        } while (!SUM.compareAndSet(this, before, plus(before, value)));
        return false;
    }

    static long saturatedAdd(long a, long b) {
        long result = a + b;
        return result < 0 ? Long.MAX_VALUE : result;
    }

    private static long plus(long bits, double value) {
        return Double.doubleToRawLongBits(Math.min(Double.longBitsToDouble(bits) + value, Double.MAX_VALUE));
    }

    /** Widens the extremes, if need be, so that they hold a sample. */
    void embrace(long bits) {
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

    /**
     * The page of an octave, made if it is not there. The plain read may see a page late, never a page too early: the
     * zeros of a new array are visible to every thread from the start.
     */
    private long[] page(int octave) {
        int slot = octave - LOWEST_NEAR;
        long[] page = slot >= 0 && slot < near.length ? near[slot] : null;
        return page != null ? page : install(octave);
    }

    private long[] install(int octave) {
        int slot = octave - LOWEST_NEAR;
        if (slot >= 0 && slot < NEAR) {
            return install(near, slot);
        }
        long[] @Nullable [] all = far();
        if (all == null) {
            long[][] fresh = new long[FARTHEST][];
            all = (long[][]) FAR.compareAndExchange(this, null, fresh);
            if (all == null) {
                all = fresh;
            }
        }
        return install(all, octave - LOWEST_FAR);
    }

    private long[] install(long[] @Nullable [] pages, int slot) {
        long[] present = (long[]) PAGE.getAcquire(pages, slot);
        if (present == null) {
            long[] fresh = new long[pageLength];
            present = (long[]) PAGE.compareAndExchange(pages, slot, null, fresh);
            if (present == null) {
                return fresh;
            }
        }
        return present;
    }

    private long @Nullable [] @Nullable [] far() {
        return (long[][]) FAR.getAcquire(this);
    }

    /** The page of an octave if a sample fell into it. */
    long @Nullable [] pageIfUsed(int octave) {
        int slot = octave - LOWEST_NEAR;
        if (slot >= 0 && slot < NEAR) {
            return (long[]) PAGE.getAcquire(near, slot);
        }
        long[] @Nullable [] all = far();
        return all == null ? null : (long[]) PAGE.getAcquire(all, octave - LOWEST_FAR);
    }

    int lowestOctave() {
        return far() == null ? LOWEST_NEAR : LOWEST_FAR;
    }

    int endOfOctaves() {
        return far() == null ? LOWEST_NEAR + NEAR : LOWEST_FAR + FARTHEST;
    }

    static long cell(long[] page, int sub) {
        return (long) CELL.getAcquire(page, sub);
    }

    long zeros() {
        return (long) ZEROS.getAcquire(this);
    }

    long sum() {
        return (long) SUM.getAcquire(this);
    }

    /** The least sample so far; {@link Long#MAX_VALUE} if there was none. */
    long min() {
        return (long) MIN.getAcquire(this);
    }

    /** The greatest sample so far; -1 if there was none. */
    long max() {
        return (long) MAX.getAcquire(this);
    }
}
