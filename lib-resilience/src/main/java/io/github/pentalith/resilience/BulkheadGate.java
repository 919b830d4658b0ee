// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import io.github.pentalith.resilience.Bulkhead.Stats;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * The machine in a {@link Bulkhead}: one word with the places taken and the calls that wait.
 *
 * <p>While nobody waits, entering and leaving are one compare-and-set each. Whoever finds somebody waiting takes the
 * lock; a place that becomes free then goes straight to the first in the queue, without being free in between, so nobody
 * overtakes. Since both numbers are in one word, a place cannot become free unseen while somebody joins the queue.
 *
 * <p><b>Places in cells.</b> Two threads at one word cost each other more than all else in a call. So the first that loses a
 * race for the word of a fixed limit, of which at most a quarter is used, takes another quarter and lays it out in
 * {@link Cells}: from then on a thread takes a place from its cell and puts it back there, and goes to the word only if its cell
 * is empty or has too many. Always
 *
 * <pre>  places taken from the word = calls under way + places in cells,</pre>
 *
 * so calls under way never exceed the limit. {@link #OPEN} is in the word from before the cells are opened until after they are
 * sealed: a word without it speaks of calls alone, and only such a word may refuse a call or let it wait. Who finds all
 * places taken and the mark seals the cells, gives back what was in them, in the same step that takes the mark away, and
 * looks again. Hence refusals are exact, and the queue never meets open cells.
 */
final class BulkheadGate implements Admission {
    private static final long WAITER = 1L << 32;
    private static final long CALLS = WAITER - 1;
    private static final long OPEN = 1L << 62;
    private static final int SHARE = 4; // cells get, and begin at, this part of the limit

    private final String name;
    private final LongSupplier ticker;
    private final long maxWaitNanos;
    private final ConcurrencyLimit limit;
    private final boolean adaptive;
    private final PaddedLong word = new PaddedLong(0); // OPEN, waiting calls << 32, places taken
    private final Cells cells; // sealed unless the word says OPEN
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Waiter> queue = new ArrayDeque<>(); // guarded by lock, as long as the word says
    private final LongAdder admitted = new LongAdder();
    private final LongAdder rejected = new LongAdder();

    BulkheadGate(String name, ConcurrencyLimit limit, long maxWaitNanos, LongSupplier ticker) {
        this(name, limit, maxWaitNanos, ticker, new Cells(limit.isAdaptive() ? 1 : Cells.forThisMachine()));
    }

    BulkheadGate(String name, ConcurrencyLimit limit, long maxWaitNanos, LongSupplier ticker, Cells cells) {
        this.cells = cells;
        this.name = name;
        this.limit = limit;
        this.adaptive = limit.isAdaptive();
        this.maxWaitNanos = maxWaitNanos;
        this.ticker = ticker;
    }

    @Override
    public String toString() {
        String wait = maxWaitNanos == 0 ? "" : ", maxWait=" + Duration.ofNanos(maxWaitNanos);
        return "Bulkhead[" + name + ", limit=" + limit + wait + "]";
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public RejectedCallException.Reason reason() {
        return RejectedCallException.Reason.BULKHEAD_FULL;
    }

    /** An adaptive limit learns from the time of calls; a wait reads the clock itself. */
    @Override
    public boolean timed() {
        return adaptive;
    }

    long maxWaitNanos() {
        return maxWaitNanos;
    }

    int limit() {
        return limit.get();
    }

    /** The token of an adaptive limit is the number of calls under way, this one included. */
    @Override
    public long tryAcquire(long nowNanos) {
        PaddedLong cell = cells.mine();
        long free = cell.get();
        if (free > 0 && cell.compareAndSet(free, free - 1)) {
            admitted.increment();
            return 0;
        }
        while (true) {
            long now = word.get();
            if ((now & ~OPEN) < limit.get()) {
                if (word.compareAndSet(now, now + 1)) {
                    admitted.increment();
                    return (now & CALLS) + 1;
                }
                layOut();
            } else if ((now & OPEN) != 0) {
                gather();
            } else { // full, or somebody waits
                return nowNanos == UNTIMED || maxWaitNanos == 0 ? refused(nowNanos) : queueUp();
            }
        }
    }

    private long each() {
        return limit.get() / (SHARE * cells.size());
    }

    /** Lays places out in the cells. */
    void layOut() {
        if (adaptive || !lock.tryLock()) { // an adaptive limit learns from the number of calls under way
            return;
        }
        try {
            long each = each();
            long now = word.get();
            if (each > 0
                    && now <= limit.get() / SHARE // nobody waits, and no mark
                    && word.compareAndSet(now, now + each * cells.size() + OPEN)) {
                cells.open(each);
            }
        } finally {
            lock.unlock();
        }
    }

    private void gather() {
        lock.lock();
        try {
            gatherLocked();
        } finally {
            lock.unlock();
        }
    }

    private void gatherLocked() {
        if ((word.get() & OPEN) != 0) {
            word.getAndAdd(-OPEN - cells.seal(Long.MAX_VALUE));
        }
    }

    private long refused(long now) {
        if (now != UNTIMED) {
            rejected.increment(); // without the time a refusal is not final
        }
        return UNKNOWN_WAIT;
    }

    private long queueUp() {
        Waiter waiter = new Waiter(Thread.currentThread());
        if (join(waiter)) {
            await(waiter);
            if (!waiter.granted && leave(waiter)) {
                rejected.increment();
                return UNKNOWN_WAIT;
            }
        }
        admitted.increment();
        return 0;
    }

    /** True if the waiter stands in the queue, false if it got a place at once. */
    private boolean join(Waiter waiter) {
        lock.lock();
        try {
            while (true) {
                gatherLocked();
                long now = word.get();
                if (now < limit.get()) {
                    if (word.compareAndSet(now, now + 1)) {
                        return false;
                    }
                } else if (word.compareAndSet(now, now + WAITER)) {
                    queue.add(waiter);
                    return true;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a place, at most as long as the bulkhead and the deadline of the thread allow, or until interrupted. */
    private void await(Waiter waiter) {
        long start = ticker.getAsLong();
        long patience = Math.min(maxWaitNanos, Frame.current().remaining(ticker, start));
        while (!waiter.granted) {
            long left = patience - (ticker.getAsLong() - start);
            if (left <= 0 || Thread.currentThread().isInterrupted()) {
                return;
            }
            LockSupport.parkNanos(this, left);
        }
    }

    /** True if the waiter has left the queue, false if it was granted a place before. */
    private boolean leave(Waiter waiter) {
        lock.lock();
        try {
            if (waiter.granted) {
                return false;
            }
            queue.remove(waiter);
            word.getAndAdd(-WAITER);
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void success(long token, long startNanos, long endNanos) {
        if (adaptive) {
            limit.succeeded(token, startNanos, endNanos);
        }
        release(token);
    }

    @Override
    public void failure(long token, long startNanos, long endNanos, Throwable error) {
        if (adaptive) {
            limit.failed(token, startNanos, endNanos, error);
        }
        release(token);
    }

    @Override
    public void release(long token) {
        PaddedLong cell = cells.mine();
        long free = cell.get();
        if (free >= 0 && free < 2 * each() && cell.compareAndSet(free, free + 1)) {
            return;
        }
        while (true) {
            long now = word.get();
            if ((now & ~OPEN) >= WAITER) {
                handOver();
                return;
            }
            if (word.compareAndSet(now, now - 1)) {
                return;
            }
        }
    }

    /** Gives up one place; the queue takes whatever is free then. */
    private void handOver() {
        lock.lock();
        try {
            word.getAndAdd(-1);
            admitWaiters();
        } finally {
            lock.unlock();
        }
    }

    /** While somebody waits nobody else can enter, so what the word shows stays true until we write it. */
    private void admitWaiters() {
        while (!queue.isEmpty() && (word.get() & CALLS) < limit.get()) {
            Waiter first = queue.remove();
            word.getAndAdd(1 - WAITER);
            first.granted = true;
            LockSupport.unpark(first.thread);
        }
    }

    /** Changes the limit; calls above a lower one run to their end. */
    void limit(int next) {
        lock.lock();
        try {
            gatherLocked();
            limit.set(next);
            admitWaiters();
        } finally {
            lock.unlock();
        }
    }

    int inFlight() {
        return (int) Math.max(0, (word.get() & CALLS) - cells.sum());
    }

    int waiting() {
        return (int) ((word.get() & ~OPEN) >>> 32);
    }

    Stats stats() {
        return new Stats(name, limit.get(), inFlight(), waiting(), admitted.sum(), rejected.sum());
    }

    private static final class Waiter {
        final Thread thread;
        volatile boolean granted;

        Waiter(Thread thread) {
            this.thread = thread;
        }
    }
}
