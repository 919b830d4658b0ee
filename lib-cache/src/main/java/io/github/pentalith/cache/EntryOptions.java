// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.time.Duration;

/**
 * How long an entry lives. An immutable value.
 *
 * @param ttl how long a value counts as fresh in the remote level, and at most in the local one
 * @param localTtl how long a value counts as fresh in the local level, at most {@code ttl}
 * @param negativeTtl how long the absence of a value is remembered; zero: not at all
 * @param staleFor how long after its TTL a value may still be given, marked as stale, to those who wait for a load and
 *     when the load fails
 * @param jitter the share of each TTL, in [0, 1], by which it is shortened at random
 */
public record EntryOptions(Duration ttl, Duration localTtl, Duration negativeTtl, Duration staleFor, double jitter) {

    /**
     * Returns options with one TTL for both levels, no negative entries, no stale values and a jitter of a tenth.
     *
     * @param ttl how long a value counts as fresh
     * @return the options
     */
    public static EntryOptions of(Duration ttl) {
        return new EntryOptions(ttl, ttl, Duration.ZERO, Duration.ZERO, 0.1);
    }

    /**
     * {@return these options with another TTL}
     *
     * @param ttl how long a value counts as fresh; a longer local TTL is shortened to it
     */
    public EntryOptions ttl(Duration ttl) {
        return new EntryOptions(ttl, localTtl.compareTo(ttl) > 0 ? ttl : localTtl, negativeTtl, staleFor, jitter);
    }

    /**
     * {@return these options with another TTL in the local level}
     *
     * @param localTtl how long a value counts as fresh there
     */
    public EntryOptions localTtl(Duration localTtl) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter);
    }

    /**
     * {@return these options with another negative TTL}
     *
     * @param negativeTtl how long the absence of a value is remembered
     */
    public EntryOptions negativeTtl(Duration negativeTtl) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter);
    }

    /**
     * {@return these options with another stale time}
     *
     * @param staleFor how long after its TTL a value may still be given
     */
    public EntryOptions staleFor(Duration staleFor) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter);
    }

    /**
     * {@return these options with another jitter}
     *
     * @param jitter the share of each TTL, in [0, 1], by which it is shortened at random
     */
    public EntryOptions jitter(double jitter) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter);
    }
}
