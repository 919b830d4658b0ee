// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.plan;

import io.github.pentalith.loadbalance.scaling.Capacity;
import java.time.Duration;

/**
 * One kind of server.
 *
 * @param latency how long one is busy with a request
 * @param workers requests that one works on at a time
 * @param bytes what one holds; infinity if that does not matter
 * @param availability the share of time in which one works, 0 to 1
 */
public record Fleet(Duration latency, int workers, double bytes, double availability) {
    /** Checks all values. */
    public Fleet {
        Load.require("latency", latency.toNanos() / 1e6, latency.toNanos() > 0, "more than 0 ms");
        Load.require("workers", workers, workers >= 1, "1 or more");
        if (!(bytes > 0)) {
            throw new IllegalArgumentException("bytes must be in range: bytes=" + bytes + " (expected: more than 0)");
        }
        Load.require("availability", availability, availability >= 0 && availability <= 1, "0 to 1");
    }

    /** {@return how many are needed for that rate at its peak, and for that many bytes, none to spare} */
    long needed(double perSecond, double allBytes, double peakFactor, double headroom) {
        long byRate = Capacity.of(perSecond, latency, workers)
                .peakFactor(peakFactor)
                .headroom(headroom)
                .servers();
        return Math.max(byRate, bySize(allBytes));
    }

    long bySize(double allBytes) {
        return (long) Math.max(1, Math.ceil(allBytes / bytes - 1e-9));
    }
}
