// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The last stretch of a distribution, as the difference between now and an earlier snapshot. A tick stores a snapshot;
 * a read subtracts the newest one that is at least as old as the window is long. So a read covers between one window
 * and one window plus one tick; a late or missing tick moves that boundary (the result says from when) and loses
 * nothing. Snapshots of idle ticks share their arrays.
 */
final class SlidingWindow {
    private final Distribution source;
    private final long lengthNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Mark> marks = new ArrayDeque<>(); // oldest first, never empty

    private static final class Mark {
        final long nanos;
        final HistogramSnapshot snapshot;

        Mark(long nanos, HistogramSnapshot snapshot) {
            this.nanos = nanos;
            this.snapshot = snapshot;
        }
    }

    SlidingWindow(Distribution source, HistogramSnapshot origin, Duration length, long nowNanos) {
        this.source = source;
        this.lengthNanos = length.toNanos();
        marks.add(new Mark(nowNanos, origin));
    }

    void tick() {
        lock.lock();
        try {
            long now = source.nanos();
            marks.addLast(new Mark(now, source.snapshotAfter(marks.getLast().snapshot)));
            expire(now);
        } finally {
            lock.unlock();
        }
    }

    HistogramSnapshot read() {
        lock.lock();
        try {
            expire(source.nanos());
            return source.snapshot().minus(marks.getFirst().snapshot);
        } finally {
            lock.unlock();
        }
    }

    /** Drops every mark that has a successor which is old enough itself. */
    private void expire(long now) {
        while (marks.size() > 1) {
            Mark oldest = marks.removeFirst();
            if (now - marks.getFirst().nanos < lengthNanos) {
                marks.addFirst(oldest);
                return;
            }
        }
    }
}
