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
 * The machine in a {@link Bulkhead}: one word with the calls under way and the calls that wait.
 *
 * <p>While nobody waits, entering and leaving are one compare-and-set each. Whoever finds somebody waiting takes the
 * lock; a place that becomes free then goes straight to the first in the queue, without being free in between, so nobody
 * overtakes. Since both numbers are in one word, a place cannot become free unseen while somebody joins the queue.
 */
final class BulkheadGate implements Admission {
    private static final long WAITER = 1L << 32;
    private static final long CALLS = WAITER - 1;

    private final String name;
    private final LongSupplier ticker;
    private final long maxWaitNanos;
    private final ConcurrencyLimit limit;
    private final boolean adaptive;
    private final PaddedLong word = new PaddedLong(0); // waiting calls << 32 | calls under way
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Waiter> queue = new ArrayDeque<>(); // guarded by lock, as long as the word says
    private final LongAdder admitted = new LongAdder();
    private final LongAdder rejected = new LongAdder();

    BulkheadGate(String name, ConcurrencyLimit limit, long maxWaitNanos, LongSupplier ticker) {
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
        while (true) {
            long now = word.get();
            if (now >= limit.get()) { // full, or somebody waits
                return nowNanos == UNTIMED || maxWaitNanos == 0 ? refused(nowNanos) : queueUp();
            }
            if (word.compareAndSet(now, now + 1)) {
                admitted.increment();
                return now + 1;
            }
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
        while (true) {
            long now = word.get();
            if (now >= WAITER) {
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
            limit.set(next);
            admitWaiters();
        } finally {
            lock.unlock();
        }
    }

    int inFlight() {
        return (int) (word.get() & CALLS);
    }

    int waiting() {
        return (int) (word.get() >>> 32);
    }

    Stats stats() {
        long now = word.get();
        return new Stats(name, limit.get(), (int) (now & CALLS), (int) (now >>> 32), admitted.sum(), rejected.sum());
    }

    private static final class Waiter {
        final Thread thread;
        volatile boolean granted;

        Waiter(Thread thread) {
            this.thread = thread;
        }
    }
}
