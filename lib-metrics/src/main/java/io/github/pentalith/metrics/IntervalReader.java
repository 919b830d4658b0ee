// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A cursor over a histogram or timer: each call returns what was recorded since the one before, each sample exactly
 * once. Any number of readers of one histogram live side by side; none disturbs another, the windows or the scrapes.
 *
 * <p>Thread-safe: concurrent calls share the samples out among them. A call costs one snapshot and one difference.
 * A reader has nothing to close.
 *
 * <pre>{@code
 * IntervalReader reader = timer.reader();
 * HistogramSnapshot sinceLastTime = reader.next();
 * }</pre>
 */
public final class IntervalReader {
    private final Distribution source;
    private final ReentrantLock lock = new ReentrantLock();
    private HistogramSnapshot last;

    IntervalReader(Distribution source) {
        this.source = source;
        this.last = source.snapshot();
    }

    /** {@return what was recorded since the last call, the first time since this reader was made} */
    public HistogramSnapshot next() {
        lock.lock();
        try {
            HistogramSnapshot now = source.snapshot();
            HistogramSnapshot interval = now.minus(last);
            last = now;
            return interval;
        } finally {
            lock.unlock();
        }
    }
}
