// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * A set of cells; see {@link StripedCells} for the whole. {@link #add} is for the one thread that owns the stripe, the
 * other methods are for any number of threads, of which the owner may be one. Sums and extremes are longs or the bits of
 * doubles, as the caller has it (the bits of doubles that are not negative are ordered like the numbers).
 *
 * <p>Pages are numbered by slot, from the highest octave that has one from the start downwards: for a long, the slot is
 * the number of its leading zeros but for a constant.
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

    /** Says that another thread got in between; its lowest bits are ones. */
    static final long CONTENDED = -1;

    /** Octaves that have a slot from the start: 2^-32 to 2^96 holds nanoseconds, bytes and seconds. */
    private static final int NEAR = 128;

    private static final int LOWEST_NEAR = -32;
    private static final int HIGHEST_NEAR = LOWEST_NEAR + NEAR - 1;
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

    final boolean shared;
    private final long[][] near = new long[NEAR][]; // by slot; null where no sample fell
    private final int pageLength;
    private long @Nullable [] @Nullable [] far; // the same for all octaves, once a sample fell outside of the near ones
    private long sum;
    private long min = Long.MAX_VALUE;
    private long max = -1;
    private long zeros;
    private long after0, after1, after2, after3, after4, after5, after6, after7;

    /**
     * @param shared whether it is for any number of threads, or else for one at a time
     */
    Stripe(int pageLength, boolean shared) {
        this.pageLength = pageLength;
        this.shared = shared;
    }

    static int slot(int octave) {
        return HIGHEST_NEAR - octave;
    }

    /** The slot of a long whose predecessor has this many leading zeros. */
    static int slotOfWhole(int leadingZeros) {
        return leadingZeros + HIGHEST_NEAR - (Long.SIZE - 1);
    }

    /**
     * Adds a sample that is not zero, by the owner: nobody else writes, so there is nothing to lock. Readers see the
     * extremes and the sum no later than the cell.
     */
    void add(int slot, int sub, long value) {
        embrace(value);
        long[] page = page(slot);
        SUM.setOpaque(this, saturatedAdd((long) SUM.getOpaque(this), value));
        CELL.setRelease(page, sub, (long) CELL.getOpaque(page, sub) + 1);
    }

    /** The same with a sum of doubles. */
    void add(int slot, int sub, double value) {
        embrace(Double.doubleToRawLongBits(value));
        long[] page = page(slot);
        SUM.setOpaque(this, plus((long) SUM.getOpaque(this), value));
        CELL.setRelease(page, sub, (long) CELL.getOpaque(page, sub) + 1);
    }

    /**
     * Adds a sample that is not zero, by any thread. All that is read is read before the two atomic operations, as a
     * processor starts no load before they are done; the sum comes first because it is ready before the bucket is.
     *
     * @return how many samples the bucket had, or {@link #CONTENDED}, which changes nothing for the sample
     */
    long addShared(int slot, int sub, long value) {
        embrace(value);
        long[] page = page(slot);
        long before = (long) SUM.getOpaque(this);
        boolean alone = SUM.compareAndSet(this, before, saturatedAdd(before, value));
        if (!alone) {
            addToSum(value);
        }
        long count = (long) CELL.getAndAdd(page, sub, 1L);
        return alone ? count : CONTENDED;
    }

    /** The same with a sum of doubles. */
    long addShared(int slot, int sub, double value) {
        embrace(Double.doubleToRawLongBits(value));
        long[] page = page(slot);
        long before = (long) SUM.getOpaque(this);
        boolean alone = SUM.compareAndSet(this, before, plus(before, value));
        if (!alone) {
            addToSum(value);
        }
        long count = (long) CELL.getAndAdd(page, sub, 1L);
        return alone ? count : CONTENDED;
    }

    /** Adds several samples of one bucket, which other samples embrace. */
    void addAll(int octave, int sub, long count, long total) {
        addToSum(total);
        CELL.getAndAdd(page(slot(octave)), sub, count);
    }

    /** Adds a zero, or what is as good as zero. Nothing a double could hold beside other samples comes to the sum. */
    void addZero(long bits) {
        embrace(bits);
        ZEROS.getAndAdd(this, 1L);
    }

    private void addToSum(long value) {
        long before;
        do {
            before = (long) SUM.getOpaque(this);
        } while (!SUM.compareAndSet(this, before, saturatedAdd(before, value)));
    }

    private void addToSum(double value) {
        long before;
        do {
            before = (long) SUM.getOpaque(this);
        } while (!SUM.compareAndSet(this, before, plus(before, value)));
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
     * The page of a slot, made if it is not there. The plain read may see a page late, never a page too early: the
     * zeros of a new array are visible to every thread from the start.
     */
    private long[] page(int slot) {
        long[] page = slot >= 0 && slot < near.length ? near[slot] : null;
        return page != null ? page : install(slot);
    }

    private long[] install(int slot) {
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
        return install(all, HIGHEST_NEAR - slot - LOWEST_FAR);
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
        int slot = slot(octave);
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
