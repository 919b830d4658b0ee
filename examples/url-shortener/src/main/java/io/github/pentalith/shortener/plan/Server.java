// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.plan;

import io.github.pentalith.loadbalance.scaling.Capacity;
import java.time.Duration;

/**
 * One kind of server.
 *
 * @param name what its flags begin with
 * @param latency how long one is busy with a request
 * @param workers requests that one works on at a time
 * @param bytes what one holds; infinity if that does not matter
 * @param availability the share of time in which one works, 0 to 1
 */
public record Server(String name, Duration latency, int workers, double bytes, double availability) {
    /** Checks all values. */
    public Server {
        Load.require(name + "-millis", latency.toNanos() / 1e6, latency.toNanos() > 0, "more than 0 ms");
        Load.require(name + "-workers", workers, workers >= 1, "1 or more");
        if (!(bytes > 0)) {
            throw new IllegalArgumentException(
                    name + "-bytes must be in range: " + name + "-bytes=" + bytes + " (expected: more than 0)");
        }
        Load.require(name + "-availability", availability, availability >= 0 && availability <= 1, "0 to 1");
    }

    /** {@return how many are needed for that rate at its peak, none to spare} */
    long byRate(double perSecond, double peakFactor, double headroom) {
        return Capacity.of(perSecond, latency, workers)
                .peakFactor(peakFactor)
                .headroom(headroom)
                .servers();
    }

    /** {@return how many are needed for that many bytes} */
    long bySize(double allBytes) {
        return (long) Math.max(1, Math.ceil(allBytes / bytes - 1e-9));
    }
}
