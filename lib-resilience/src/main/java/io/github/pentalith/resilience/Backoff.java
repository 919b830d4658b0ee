// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;

/** How long to wait before the next attempt. */
@SuppressWarnings("DoNotCallSuggester")
public final class Backoff {
    private Backoff() {}

    /**
     * No wait.
     *
     * @return the backoff
     */
    public static Backoff none() {
        throw new UnsupportedOperationException();
    }

    /**
     * The same wait each time.
     *
     * @param delay the wait
     * @return the backoff
     */
    public static Backoff fixed(Duration delay) {
        throw new UnsupportedOperationException();
    }

    /**
     * A wait that doubles each time, with full jitter and a cap of 20 times the base... see the withers.
     *
     * @param base the wait before the second attempt
     * @return the backoff
     */
    public static Backoff exponential(Duration base) {
        throw new UnsupportedOperationException();
    }

    /**
     * Limits the wait.
     *
     * @param cap the longest wait
     * @return the backoff
     */
    public Backoff cap(Duration cap) {
        throw new UnsupportedOperationException();
    }

    /** {@return this backoff drawn from [0, delay]} */
    public Backoff fullJitter() {
        throw new UnsupportedOperationException();
    }

    /** {@return this backoff drawn from [delay / 2, delay]} */
    public Backoff equalJitter() {
        throw new UnsupportedOperationException();
    }

    /** {@return this backoff without randomness} */
    public Backoff noJitter() {
        throw new UnsupportedOperationException();
    }
}
