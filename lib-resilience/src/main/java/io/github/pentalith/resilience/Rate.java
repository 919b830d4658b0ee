// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;

/**
 * How often something may happen: {@code count} times per {@code per}, evenly, and {@code burst} times at once after
 * a rest.
 *
 * @param count how many per period, 1 to 1,000,000,000
 * @param per the period, positive
 * @param burst how many at once, 1 to 1,000,000,000
 */
@SuppressWarnings("DoNotCallSuggester")
public record Rate(long count, Duration per, long burst) {
    /**
     * Checks the components.
     *
     * @param count how many per period
     * @param per the period
     * @param burst how many at once
     */
    public Rate {
        throw new UnsupportedOperationException();
    }

    /**
     * A rate with a burst of {@code count}.
     *
     * @param count how many per period
     * @param per the period
     * @return the rate
     */
    public static Rate of(long count, Duration per) {
        return new Rate(count, per, count);
    }

    /**
     * A rate per second with a burst of {@code count}.
     *
     * @param count how many per second
     * @return the rate
     */
    public static Rate perSecond(long count) {
        return of(count, Duration.ofSeconds(1));
    }

    /**
     * A rate per minute with a burst of {@code count}.
     *
     * @param count how many per minute
     * @return the rate
     */
    public static Rate perMinute(long count) {
        return of(count, Duration.ofMinutes(1));
    }

    /**
     * This rate with another burst.
     *
     * @param newBurst how many at once
     * @return the rate
     */
    public Rate burst(long newBurst) {
        return new Rate(count, per, newBurst);
    }
}
