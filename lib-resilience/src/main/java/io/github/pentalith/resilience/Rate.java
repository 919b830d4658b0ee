// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;

/**
 * How often something may happen: {@code count} times per {@code per}, evenly, and up to {@code burst} times at once
 * after a rest. {@code Rate.perSecond(500).burst(50)} is one every 2 ms, or 50 at once and then one every 2 ms.
 *
 * <p>Immutable. The interval between two grants is rounded up to a whole nanosecond: the limit is never exceeded, and
 * at 1,000,000 per second the effective rate is at most 0.1 % lower.
 *
 * @param count how many per period, 1 to 1,000,000,000
 * @param per the period, 1 ns to 365 days, and at least 1 ns for each of {@code count}
 * @param burst how many at once, 1 to 1,000,000,000
 */
public record Rate(long count, Duration per, long burst) {
    private static final long YEAR = Duration.ofDays(365).toNanos();

    /**
     * Checks the components.
     *
     * @param count how many per period
     * @param per the period
     * @param burst how many at once
     * @throws IllegalArgumentException if one is out of its range
     */
    public Rate {
        Arguments.range("count", count, 1, 1_000_000_000);
        Arguments.range("burst", burst, 1, 1_000_000_000);
        long nanos = Arguments.positive("per", per);
        if (nanos > YEAR || nanos < count) {
            throw new IllegalArgumentException("per must be in range: per=" + per
                    + " (expected: at most 365 days, and 1 ns for each of count=" + count + ")");
        }
        if (burst > Arguments.MAX_NANOS / ((nanos + count - 1) / count)) {
            throw new IllegalArgumentException("burst must not take more than 146 years to refill: burst=" + burst
                    + " (expected: less, or a higher rate than " + count + " per " + per + ")");
        }
    }

    /**
     * A rate whose burst is {@code count}.
     *
     * @param count how many per period
     * @param per the period
     * @return the rate
     * @throws IllegalArgumentException if one is out of its range
     */
    public static Rate of(long count, Duration per) {
        return new Rate(count, per, count);
    }

    /**
     * A rate per second whose burst is {@code count}.
     *
     * @param count how many per second
     * @return the rate
     * @throws IllegalArgumentException if it is out of its range
     */
    public static Rate perSecond(long count) {
        return of(count, Duration.ofSeconds(1));
    }

    /**
     * A rate per minute whose burst is {@code count}.
     *
     * @param count how many per minute
     * @return the rate
     * @throws IllegalArgumentException if it is out of its range
     */
    public static Rate perMinute(long count) {
        return of(count, Duration.ofMinutes(1));
    }

    /**
     * This rate with another burst.
     *
     * @param newBurst how many at once
     * @return the rate
     * @throws IllegalArgumentException if it is out of its range
     */
    public Rate burst(long newBurst) {
        return new Rate(count, per, newBurst);
    }

    /** Nanoseconds between two grants, rounded up. */
    long intervalNanos() {
        return (per.toNanos() + count - 1) / count;
    }
}
