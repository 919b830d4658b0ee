// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import io.github.pentalith.resilience.RateLimiter.Stats;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The machine in a {@link RateLimiter}: a rate, and one word, the TAT of {@link Gcra}, that says how much of it is used.
 *
 * <p>Both are in one {@link Epoch}, so a change of the rate is a change of one reference. The word of the old epoch is
 * sealed in the same atomic step that reads it for the last time, so that no grant slips in between: who finds it sealed
 * looks for the new epoch.
 *
 * <p><b>Grants on credit.</b> A grant costs a clock read and a compare-and-set of the one word, which is where threads that
 * are granted at the same time get into each other's way. So the first that loses a race, while little of a large burst is
 * used, begins an epoch with {@link Cells}. There a thread counts its grants in its cell, without looking at clock or TAT. Who
 * makes a cell ripe, by exceeding its batch, is its owner until it is settled: reads the clock, charges the TAT for all that the
 * cell has counted, and clears it. What the TAT may be charged for is smaller by H, the most that all cells together can count.
 * Who finds that too little, by its charge or because it wants more at once than a batch, ends the epoch: seals TAT and cells,
 * charges for what is in them, and begins an epoch without cells, in which each grant is exact. Only such an epoch refuses. As
 * an owner either has charged, or finds the TAT sealed and leaves its cell to the sealer, each grant is charged exactly once.
 *
 * <p><b>The law holds exactly.</b> Take an interval [s, e] and the grants made in it. A grant is charged at a time that was
 * read after it was made, so those charged by e carry times in [s, e]; as {@link Gcra} shows for times carried in whatever
 * order, they are at most (burst - H) + (e - s) / interval, and no more than H can be uncharged at e. An epoch without cells
 * begins with a debt of at most burst - H, from the TAT, and H, from the cells; one with cells with at most burst - H.
 *
 * <p><b>What it costs.</b> A grant on credit is charged late, never early, so after a race the limiter may refuse while up to
 * H = 1/32 of the burst should be left; it makes good for that as it refills. One that threads do not race for, or whose burst is
 * small, has no cells, and one that is called at leisure gives them up.
 *
 * <p>Nobody parks: while an epoch is being ended the others spin for its few steps.
 */
final class RateGate implements Admission {
    private static final long SEALED = Gcra.FRESH + 1;
    private static final int CREDIT = 32; // the part of the burst that cells may count at most
    private static final int LEAST_BATCH = 4;
    private static final int MOST_BATCH = 64;
    private static final long LEISURE_NANOS = 10_000; // per grant: nobody races

    private final String name;
    private final LongSupplier ticker;
    private final int cells;
    private final ReentrantLock changing = new ReentrantLock();
    private final LongAdder granted = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final AtomicLong reported = new AtomicLong(); // so that the sum with the cells never goes back
    private volatile Epoch epoch;

    RateGate(String name, Rate rate, LongSupplier ticker) {
        this(name, rate, ticker, Cells.forThisMachine());
    }

    RateGate(String name, Rate rate, LongSupplier ticker, int cells) {
        this.name = name;
        this.ticker = ticker;
        this.cells = cells;
        this.epoch = new Epoch(new Gcra(rate), Gcra.FRESH);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public RejectedCallException.Reason reason() {
        return RejectedCallException.Reason.RATE_LIMITED;
    }

    /** It reads the clock itself, if it must. */
    @Override
    public boolean timed() {
        return false;
    }

    @Override
    public long tryAcquire(long nowNanos) {
        long wait = take(nowNanos, 1, ticker, nowNanos != UNTIMED);
        return wait > 0 ? -wait : 0;
    }

    @Override
    public void success(long token, long startNanos, long endNanos) {}

    @Override
    public void failure(long token, long startNanos, long endNanos, Throwable error) {}

    @Override
    public void release(long token) {}

    Rate rate() {
        return epoch.gcra.rate;
    }

    /**
     * Asks for one grant on the clock of a pipeline.
     *
     * @param start a time of that clock that may have grown stale, as that of an attempt's start has where the thread was held
     *     up since: a refusal for its sake is not final
     * @return as {@link #tryAcquire}
     */
    long tryAcquire(long start, LongSupplier clock) {
        long wait = take(start, 1, clock, start == UNTIMED);
        if (wait > 0 && start != UNTIMED) {
            wait = take(UNTIMED, 1, clock, true);
        }
        return wait > 0 ? -wait : 0;
    }

    /** Takes grants at a time of our own clock; 0 or less if they were taken, else how long to wait. */
    long take(int permits) {
        return take(UNTIMED, permits, ticker, true);
    }

    /** Takes grants; the time is read only if it is UNTIMED and needed. A refusal that is not the last is not counted. */
    private long take(long time, int permits, LongSupplier clock, boolean last) {
        Epoch current = epoch;
        current.gcra.checkPermits(permits);
        if (current.cells != null && onCredit(current, current.cells.mine(), permits, clock)) {
            return 0;
        }
        long now = time == UNTIMED ? clock.getAsLong() : time;
        for (; ; current = epoch) {
            Gcra gcra = current.gcra;
            gcra.checkPermits(permits);
            long before = current.tat.get();
            if (before == SEALED) {
                Thread.onSpinWait(); // the next epoch is being made
                continue;
            }
            long wait = gcra.waitNanos(before, now, permits);
            if (wait + current.reservedNanos > 0) {
                if (current.cells != null) {
                    endCredit(current, clock);
                    continue;
                }
                if (last) {
                    rejected.increment();
                }
                return wait;
            }
            if (current.tat.compareAndSet(before, sealable(gcra.granted(now, wait)))) {
                granted.add(permits);
                return wait;
            }
            beginCredit(current, now);
        }
    }

    /** True if the cell of this thread has counted the grants. */
    private boolean onCredit(Epoch current, PaddedLong cell, int permits, LongSupplier clock) {
        long owed = cell.get();
        if (owed < 0 || owed > current.batch || permits > current.batch || !cell.compareAndSet(owed, owed + permits)) {
            return false;
        }
        if (owed + permits > current.batch) {
            settle(current, cell, owed + permits, clock);
        }
        return true;
    }

    /** Charges for a cell that has exceeded its batch; until it is cleared nobody counts in it. */
    private void settle(Epoch current, PaddedLong cell, long owed, LongSupplier clock) {
        Gcra gcra = current.gcra;
        long now = clock.getAsLong();
        while (true) {
            long before = current.tat.get();
            if (before == SEALED) {
                cell.set(Cells.left(owed));
                return;
            }
            long wait = gcra.waitNanos(before, now, owed);
            boolean atLeisure = before != Gcra.FRESH && now - before > owed * LEISURE_NANOS;
            if (atLeisure || wait + current.reservedNanos > 0) {
                cell.set(Cells.left(owed));
                while (epoch == current) {
                    endCredit(current, clock);
                }
                return;
            }
            if (current.tat.compareAndSet(before, sealable(gcra.granted(now, wait)))) {
                cell.set(0);
                granted.add(owed);
                return;
            }
        }
    }

    /** Begins an epoch with cells if there is room for credit. */
    void beginCredit(Epoch from, long now) {
        Gcra gcra = from.gcra;
        long batch = Math.min(MOST_BATCH, gcra.rate.burst() / CREDIT / (2L * cells));
        long reserved = 2L * cells * batch * gcra.intervalNanos;
        if (from.cells != null
                || batch < LEAST_BATCH
                || gcra.waitNanos(from.tat.get(), now, 0) + 2 * reserved > 0
                || !changing.tryLock()) {
            return;
        }
        try {
            if (epoch == from) {
                long tat = from.tat.getAndSet(SEALED);
                boolean room = gcra.waitNanos(tat, now, 0) + reserved <= 0;
                epoch = room ? new Epoch(gcra, tat, new Cells(cells), batch, reserved) : new Epoch(gcra, tat);
            }
        } finally {
            changing.unlock();
        }
    }

    private void endCredit(Epoch from, LongSupplier clock) {
        if (!changing.tryLock()) {
            Thread.onSpinWait(); // somebody else does it
            return;
        }
        try {
            if (epoch == from) {
                long tat = end(from, clock);
                epoch = new Epoch(from.gcra, tat);
            }
        } finally {
            changing.unlock();
        }
    }

    /** Seals an epoch; its TAT with all that was on credit. */
    private long end(Epoch from, LongSupplier clock) {
        long tat = from.tat.getAndSet(SEALED);
        long owed = from.cells == null ? 0 : from.cells.seal(from.batch);
        if (owed == 0) {
            return tat;
        }
        granted.add(owed);
        long now = clock.getAsLong(); // not before the last of those grants
        return from.gcra.granted(now, from.gcra.waitNanos(tat, now, owed));
    }

    /** Goes on at another rate with the grants that are there, at most the new burst: no change makes one. */
    void rate(Rate next) {
        Gcra gcra = new Gcra(next);
        changing.lock();
        try {
            Epoch old = epoch;
            long tat = end(old, ticker);
            epoch = new Epoch(gcra, old.gcra.carriedTo(gcra, tat, ticker.getAsLong()));
        } finally {
            changing.unlock();
        }
    }

    Epoch epoch() {
        return epoch;
    }

    Stats stats() {
        long sum = granted.sum() + epoch.owed(); // in this order it is never more than the truth
        return new Stats(name, reported.accumulateAndGet(sum, Math::max), rejected.sum());
    }

    @Override
    public String toString() {
        Rate rate = rate();
        return "RateLimiter[" + name + ", " + rate.count() + " per " + rate.per() + ", burst=" + rate.burst() + "]";
    }

    /** A TAT that could be read as a mark is moved by a nanosecond. */
    private static long sealable(long tat) {
        return tat == SEALED ? SEALED + 1 : tat;
    }

    /** A time in which neither the rate changes nor whether there are cells. */
    static final class Epoch {
        final Gcra gcra;
        final PaddedLong tat;
        /** Grants that the TAT has not been charged for. */
        final @Nullable Cells cells;
        /** How much a cell counts before it is ripe; with one grant more, of at most a batch. */
        final long batch;
        /** H, as debt. */
        final long reservedNanos;

        Epoch(Gcra gcra, long tat) {
            this(gcra, tat, null, 0, 0);
        }

        Epoch(Gcra gcra, long tat, @Nullable Cells cells, long batch, long reservedNanos) {
            this.gcra = gcra;
            this.tat = new PaddedLong(sealable(tat));
            this.cells = cells;
            this.batch = batch;
            this.reservedNanos = reservedNanos;
            if (cells != null) {
                cells.open(0);
            }
        }

        long owed() {
            return cells == null ? 0 : cells.sum();
        }
    }
}
