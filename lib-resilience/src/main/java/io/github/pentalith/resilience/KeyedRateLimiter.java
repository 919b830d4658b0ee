// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.function.LongSupplier;

/**
 * A rate limit per key.
 *
 * @param <K> the type of the keys
 */
@SuppressWarnings("DoNotCallSuggester")
public interface KeyedRateLimiter<K> {
    /**
     * A limiter in this process.
     *
     * @param name the name
     * @param rate the rate of each key
     * @param maximumKeys how many keys are remembered
     * @param <K> the type of the keys
     * @return the limiter
     */
    static <K> KeyedRateLimiter<K> of(String name, Rate rate, int maximumKeys) {
        throw new UnsupportedOperationException();
    }

    /**
     * A limiter in this process on a given clock.
     *
     * @param name the name
     * @param rate the rate of each key
     * @param maximumKeys how many keys are remembered
     * @param ticker the monotonic clock
     * @param <K> the type of the keys
     * @return the limiter
     */
    static <K> KeyedRateLimiter<K> of(String name, Rate rate, int maximumKeys, LongSupplier ticker) {
        throw new UnsupportedOperationException();
    }

    /** {@return the name} */
    String name();

    /**
     * Takes one grant of a key.
     *
     * @param key the key
     * @return true if it was taken
     */
    default boolean tryAcquire(K key) {
        return tryAcquireNanos(key, 1) == 0;
    }

    /**
     * Takes several grants of a key at once or none.
     *
     * @param key the key
     * @param permits how many
     * @return 0 if they were taken, else after how many nanoseconds they could be
     */
    long tryAcquireNanos(K key, int permits);

    /** {@return cumulative counts and the number of keys now} */
    Stats stats();

    /**
     * Counts since creation.
     *
     * @param name the name
     * @param keys how many keys are remembered now
     * @param granted grants given
     * @param rejected askings refused
     * @param evicted keys forgotten
     */
    record Stats(String name, long keys, long granted, long rejected, long evicted) {}
}
