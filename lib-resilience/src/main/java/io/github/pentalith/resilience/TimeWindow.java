// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The calls of the last span of time, to within 1/64 of it.
 *
 * <p>Calls are counted in striped totals that only grow, so threads do not meet. At each boundary between two of the 64
 * slices, whoever comes first notes the totals in a ring; the window is the totals now minus those noted at the
 * boundary 63 to 64 slices ago. No count is ever reset, lost or attributed to a wrong slice: a call is counted after the
 * boundary that it crosses has been noted. Threads that come while a boundary is being noted do not wait; they count
 * into either slice.
 */
final class TimeWindow extends Window {
    private static final int SLICES = 64;
    private static final int RING = 2 * SLICES; // a reader has 64 slices of time before its entry is written again

    private final long sliceNanos;
    private final LongAdder calls = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder slow = new LongAdder();
    private final AtomicLongArray notedCalls = new AtomicLongArray(RING);
    private final AtomicLongArray notedFailures = new AtomicLongArray(RING);
    private final AtomicLongArray notedSlow = new AtomicLongArray(RING);
    private final ReentrantLock noting = new ReentrantLock();

    private volatile long boundaryNanos; // end of the current slice; written under the lock
    private volatile long current = -1; // number of the current slice; -1 before the first call

    TimeWindow(long windowNanos) {
        this.sliceNanos = Math.max(1, windowNanos / SLICES);
    }

    @Override
    boolean record(BreakerSettings settings, boolean failed, boolean late, long now) {
        if (current < 0 || now - boundaryNanos >= 0) {
            cross(now);
        }
        calls.increment();
        if (failed) {
            failures.increment();
        }
        if (late) {
            slow.increment();
        }
        if (!failed && !late) {
            return false;
        }
        long base = current - (SLICES - 1);
        long failing = recent(failures, notedFailures, base);
        long lagging = settings.slowNanos() > 0 ? recent(slow, notedSlow, base) : 0;
        return tooMany(settings, recent(calls, notedCalls, base), failing, lagging);
    }

    private void cross(long now) {
        if (!noting.tryLock()) {
            return;
        }
        try {
            if (current < 0) {
                boundaryNanos = now + sliceNanos;
                current = 0;
                return;
            }
            long boundary = boundaryNanos;
            long late = now - boundary;
            if (late < 0) {
                return;
            }
            long steps = late / sliceNanos + 1;
            long next = current + steps;
            long sumCalls = calls.sum();
            long sumFailures = failures.sum();
            long sumSlow = slow.sum();
            for (long slice = next - Math.min(steps, SLICES) + 1; slice <= next; slice++) {
                int at = (int) (slice % RING);
                notedCalls.set(at, sumCalls);
                notedFailures.set(at, sumFailures);
                notedSlow.set(at, sumSlow);
            }
            boundaryNanos = boundary + steps * sliceNanos;
            current = next;
        } finally {
            noting.unlock();
        }
    }

    private static long recent(LongAdder total, AtomicLongArray noted, long base) {
        return Math.max(0, total.sum() - (base < 0 ? 0 : noted.get((int) (base % RING))));
    }

    @Override
    double failureRate() {
        long base = current - (SLICES - 1);
        return rate(recent(failures, notedFailures, base), recent(calls, notedCalls, base));
    }

    @Override
    double slowRate() {
        long base = current - (SLICES - 1);
        return rate(recent(slow, notedSlow, base), recent(calls, notedCalls, base));
    }
}
