// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.function.LongSupplier;

/** Bounds how often calls are made. */
@SuppressWarnings("DoNotCallSuggester")
public final class RateLimiter {
    private RateLimiter() {}

    /**
     * Makes one with the defaults.
     *
     * @param name the name
     * @param rate the bound
     * @return the component
     */
    public static RateLimiter of(String name, Rate rate) {
        throw new UnsupportedOperationException();
    }

    /** {@return the name} */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /** {@return cumulative counts and the state now} */
    public Stats stats() {
        throw new UnsupportedOperationException();
    }

    /** {@return this gate for a pipeline or for use without garbage} */
    public Admission admission() {
        throw new UnsupportedOperationException();
    }
    /**
     * Makes one on a given clock.
     *
     * @param name the name
     * @param rate the rate
     * @param ticker the monotonic clock
     * @return the limiter
     */
    public static RateLimiter of(String name, Rate rate, LongSupplier ticker) {
        throw new UnsupportedOperationException();
    }

    /** {@return true if one grant was taken} */
    public boolean tryAcquire() {
        throw new UnsupportedOperationException();
    }

    /**
     * Takes several grants at once or none.
     *
     * @param permits how many
     * @return true if they were taken
     */
    public boolean tryAcquire(int permits) {
        throw new UnsupportedOperationException();
    }

    /**
     * Takes several grants at once or none.
     *
     * @param permits how many
     * @return 0 if they were taken, else after how many nanoseconds they could be
     */
    public long tryAcquireNanos(int permits) {
        throw new UnsupportedOperationException();
    }

    /**
     * Counts since creation.
     *
     * @param name the name
     * @param granted grants given
     * @param rejected askings refused
     */
    public record Stats(String name, long granted, long rejected) {}
}
