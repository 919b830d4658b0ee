// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.time.Duration;
import java.util.Objects;

/**
 * How long an entry lives. An immutable value: the withers return changed copies.
 *
 * <pre>{@code
 * EntryOptions.of(Duration.ofMinutes(10)).jitter(0.1).negativeTtl(Duration.ofSeconds(30)).staleFor(Duration.ofHours(1))
 * }</pre>
 *
 * @param ttl how long a value counts as fresh; at least a millisecond
 * @param localTtl how long it counts as fresh in the local level, counted from when this process asked for it; what the
 *     remote level leaves of {@code ttl} bounds it too
 * @param negativeTtl how long it is remembered that there is no value; zero: not at all
 * @param staleFor how long after its TTL a value may still be given, counted as stale: to those who would otherwise
 *     wait for another's load, and when the load fails. An invalidated value is never given
 * @param jitter the share of each TTL, in [0, 1], by which it is shortened at random, so that what was loaded together
 *     does not expire together
 */
public record EntryOptions(Duration ttl, Duration localTtl, Duration negativeTtl, Duration staleFor, double jitter) {
    private static final Duration LEAST = Duration.ofMillis(1);
    private static final Duration MOST = Duration.ofDays(36_500);

    /**
     * Makes options of all parts; {@link #of} is easier.
     *
     * @param ttl how long a value counts as fresh
     * @param localTtl how long it counts as fresh in the local level
     * @param negativeTtl how long it is remembered that there is no value
     * @param staleFor how long after its TTL a value may still be given
     * @param jitter the share of each TTL by which it is shortened at random
     * @throws IllegalArgumentException if a TTL is out of range (1 ms to 36,500 days; {@code negativeTtl} and {@code
     *     staleFor} also zero) or the jitter outside [0, 1]
     */
    public EntryOptions {
        atLeast(LEAST, ttl, "ttl");
        atLeast(LEAST, localTtl, "localTtl");
        atLeast(Duration.ZERO, negativeTtl, "negativeTtl");
        atLeast(Duration.ZERO, staleFor, "staleFor");
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("jitter must be in range: jitter=" + jitter + " (expected: 0 to 1)");
        }
    }

    private static void atLeast(Duration least, Duration value, String name) {
        Objects.requireNonNull(value, name);
        if (value.compareTo(least) < 0 || value.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(
                    name + " must be in range: " + name + "=" + value + " (expected: " + least + " to " + MOST + ")");
        }
    }

    /**
     * Returns options with one TTL for both levels, no negative entries, no stale values and a jitter of a tenth.
     *
     * @param ttl how long a value counts as fresh
     * @return the options
     * @throws IllegalArgumentException if the TTL is out of range
     */
    public static EntryOptions of(Duration ttl) {
        return new EntryOptions(ttl, ttl, Duration.ZERO, Duration.ZERO, 0.1);
    }

    /**
     * Returns these options with another TTL.
     *
     * @param ttl how long a value counts as fresh; a local TTL that is longer is shortened to it
     * @return the changed options
     */
    public EntryOptions ttl(Duration ttl) {
        return new EntryOptions(ttl, localTtl.compareTo(ttl) > 0 ? ttl : localTtl, negativeTtl, staleFor, jitter);
    }

    /**
     * Returns these options with another TTL in the local level.
     *
     * @param localTtl how long a value counts as fresh there
     * @return the changed options
     */
    public EntryOptions localTtl(Duration localTtl) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter);
    }

    /**
     * Returns these options with another negative TTL.
     *
     * @param negativeTtl how long it is remembered that there is no value; zero: not at all
     * @return the changed options
     */
    public EntryOptions negativeTtl(Duration negativeTtl) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter);
    }

    /**
     * Returns these options with another stale time.
     *
     * @param staleFor how long after its TTL a value may still be given
     * @return the changed options
     */
    public EntryOptions staleFor(Duration staleFor) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter);
    }

    /**
     * Returns these options with another jitter.
     *
     * @param jitter the share of each TTL, in [0, 1], by which it is shortened at random
     * @return the changed options
     */
    public EntryOptions jitter(double jitter) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter);
    }
}
