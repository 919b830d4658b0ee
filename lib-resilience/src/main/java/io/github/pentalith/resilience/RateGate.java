// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import io.github.pentalith.resilience.RateLimiter.Stats;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The machine in a {@link RateLimiter}: a rate, and one word that says how much of it is used.
 *
 * <p>Both are in one {@link Epoch}, so a change of the rate is a change of one reference. The word of the old epoch is
 * sealed in the same atomic step that reads it for the last time, so that no grant slips in between: who finds it sealed
 * looks for the new epoch.
 */
final class RateGate implements Admission {
    private static final long SEALED = Gcra.FRESH + 1;

    private final String name;
    private final LongSupplier ticker;
    private final ReentrantLock changing = new ReentrantLock();
    private final LongAdder granted = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private volatile Epoch epoch;

    RateGate(String name, Rate rate, LongSupplier ticker) {
        this.name = name;
        this.ticker = ticker;
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

    @Override
    public long tryAcquire(long nowNanos) {
        long wait = take(nowNanos == UNTIMED ? ticker.getAsLong() : nowNanos, 1);
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
     * Asks at a time that may have grown stale, as that of an attempt's start has where the thread was held up since; a
     * refusal is not final and not counted, and the gate is to be asked once more with the time of then.
     */
    long ask(long nowNanos) {
        long wait = take(nowNanos, 1, false);
        return wait > 0 ? -wait : 0;
    }

    /** Takes grants at a time of our own clock; 0 or less if they were taken, else how long to wait. */
    long take(int permits) {
        return take(ticker.getAsLong(), permits);
    }

    private long take(long now, int permits) {
        return take(now, permits, true);
    }

    private long take(long now, int permits, boolean last) {
        while (true) {
            Epoch current = epoch;
            Gcra gcra = current.gcra;
            gcra.checkPermits(permits);
            long before = current.tat.get();
            if (before == SEALED) {
                Thread.onSpinWait(); // the next epoch is being made
                continue;
            }
            long wait = gcra.waitNanos(before, now, permits);
            if (wait > 0) {
                if (last) {
                    rejected.increment();
                }
                return wait;
            }
            long after = gcra.granted(now, wait);
            if (current.tat.compareAndSet(before, after == SEALED ? SEALED + 1 : after)) {
                granted.add(permits);
                return wait;
            }
        }
    }

    /** Goes on at another rate with the grants that are there, at most the new burst: no change makes one. */
    void rate(Rate next) {
        Gcra gcra = new Gcra(next);
        changing.lock();
        try {
            Epoch old = epoch;
            long now = ticker.getAsLong();
            long tat = old.tat.getAndSet(SEALED);
            epoch = new Epoch(gcra, old.gcra.carriedTo(gcra, tat, now));
        } finally {
            changing.unlock();
        }
    }

    Stats stats() {
        return new Stats(name, granted.sum(), rejected.sum());
    }

    @Override
    public String toString() {
        Rate rate = rate();
        return "RateLimiter[" + name + ", " + rate.count() + " per " + rate.per() + ", burst=" + rate.burst() + "]";
    }

    private static final class Epoch {
        final Gcra gcra;
        final PaddedLong tat;

        Epoch(Gcra gcra, long tat) {
            this.gcra = gcra;
            this.tat = new PaddedLong(tat == SEALED ? SEALED + 1 : tat);
        }
    }
}
