// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.front;

import java.util.concurrent.atomic.LongAdder;

/**
 * How many requests were with nodes at once on average: the time spent with them per time, by Little's law. So it sees
 * what is too short for samples. Requests that have not ended are not in it yet; their deadlines bound that.
 */
final class Concurrency {
    private final LongAdder nanos = new LongAdder();
    private long lastNanos; // one reader
    private long lastTime = System.nanoTime();

    /** A request was with a node for that long. */
    void ended(long durationNanos) {
        nanos.add(durationNanos);
    }

    /** {@return the mean since it was asked for last} For one reader. */
    double sinceLast() {
        long time = System.nanoTime();
        long now = nanos.sum();
        double mean = (now - lastNanos) / (double) Math.max(1, time - lastTime);
        lastNanos = now;
        lastTime = time;
        return mean;
    }
}
