// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.function.LongSupplier;

/**
 * A rate limit for each key, such as each client or tenant, with a bounded number of keys. For every key that stays
 * remembered the law of {@link RateLimiter} holds exactly: in every interval of length d at most burst + rate * d
 * grants.
 *
 * <p><b>What eviction does.</b> {@link #of} keeps its keys in a table of {@code maximumKeys} places, in sets of 8. A new
 * key that finds its set full takes the place of the key that is closest to a full burst, mostly one that has rested
 * long enough to be forgotten without loss, and <em>inherits what that key had used</em>. So a flood of new keys gets no
 * fresh bursts: all keys together, however many, get at most {@code maximumKeys} times the law, while a new key that
 * meets a full set of busy ones may get less than its own. A key that was forgotten and comes back is a new key. Plan
 * with twice as many places as keys are active within one refill of the burst.
 *
 * <p>Thread-safe. A known key costs one compare-and-set and one clock read, without lock or allocation; a new key one
 * small object and a lock that it shares with few others. Keys need {@code equals} and {@code hashCode}.
 *
 * @param <K> the type of the keys
 */
public interface KeyedRateLimiter<K> {
    /**
     * Makes a limiter in this process.
     *
     * @param name its name, for stats
     * @param rate the rate of each key
     * @param maximumKeys how many keys are remembered, 1 to 100,000,000; 4 bytes each at once, about 40 when in use
     * @param <K> the type of the keys
     * @return the limiter
     * @throws IllegalArgumentException if the name is blank or {@code maximumKeys} is out of its range
     */
    static <K> KeyedRateLimiter<K> of(String name, Rate rate, int maximumKeys) {
        return of(name, rate, maximumKeys, System::nanoTime);
    }

    /**
     * Makes a limiter in this process on a given clock.
     *
     * @param name its name, for stats
     * @param rate the rate of each key
     * @param maximumKeys how many keys are remembered, 1 to 100,000,000
     * @param ticker a monotonic clock in nanoseconds
     * @param <K> the type of the keys
     * @return the limiter
     * @throws IllegalArgumentException if the name is blank or {@code maximumKeys} is out of its range
     */
    static <K> KeyedRateLimiter<K> of(String name, Rate rate, int maximumKeys, LongSupplier ticker) {
        return new KeyTable<>(name, rate, maximumKeys, ticker);
    }

    /** {@return the name} */
    String name();

    /** {@return the rate of each key} */
    Rate rate();

    /**
     * Changes the rate of all keys, remembered and new, while calls run. Each key keeps the grants that it has, at most the new
     * burst; a larger burst fills at the new rate. So a change never makes a grant: in every interval there are at most the
     * burst at its beginning and what the rates in it allow, however often they change. Costs as little with a million keys as
     * with one: a key is looked at when it is next asked for.
     *
     * @param next how often from now on
     */
    void rate(Rate next);

    /**
     * Takes one grant of a key if there is one.
     *
     * @param key the key
     * @return true if it was taken
     */
    default boolean tryAcquire(K key) {
        return tryAcquireNanos(key, 1) == 0;
    }

    /**
     * Takes several grants of a key at once or none, and says how long to wait if none.
     *
     * @param key the key
     * @param permits how many, 1 to the burst
     * @return 0 if they were taken, else the nanoseconds after which they could be if nobody else takes any
     * @throws IllegalArgumentException if {@code permits} is out of its range
     */
    long tryAcquireNanos(K key, int permits);

    /** {@return cumulative counts and the number of keys now} */
    Stats stats();

    /**
     * Counts since creation.
     *
     * @param name the name of the limiter
     * @param keys how many keys are remembered now
     * @param granted grants given
     * @param rejected askings that were refused
     * @param evicted keys whose place was taken by another
     */
    record Stats(String name, long keys, long granted, long rejected, long evicted) {}
}
