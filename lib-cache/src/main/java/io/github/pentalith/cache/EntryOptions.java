// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/**
 * How long an entry lives, when it is refreshed, and what it belongs to. An immutable value: the withers return changed
 * copies.
 *
 * <pre>{@code
 * EntryOptions.of(Duration.ofMinutes(10)).negativeTtl(Duration.ofSeconds(30)).staleFor(Duration.ofHours(1))
 *         .refreshAhead(0.1).tags("catalogue")
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
 * @param refreshAhead the last share of the TTL, in [0, 1), in which the first reader makes the cache load the value
 *     anew, in the background; zero: never
 * @param earlyRefresh how eagerly readers refresh before the TTL ends, by chance: the factor beta of XFetch, in [0, 100].
 *     With 1 a reader does so with probability {@code exp(-left / duration of the load)}; zero: never
 * @param tags what the entry belongs to; {@link TieredCache#invalidateTag} drops all entries of a tag. At most 32, each
 *     of 1 to 256 characters
 */
public record EntryOptions(
        Duration ttl,
        Duration localTtl,
        Duration negativeTtl,
        Duration staleFor,
        double jitter,
        double refreshAhead,
        double earlyRefresh,
        Set<String> tags) {
    private static final Duration LEAST = Duration.ofMillis(1);
    private static final Duration MOST = Duration.ofDays(36_500);
    private static final int MOST_TAGS = 32;
    private static final int LONGEST_TAG = 256;

    /**
     * Makes options of all parts; {@link #of} is easier.
     *
     * @param ttl how long a value counts as fresh
     * @param localTtl how long it counts as fresh in the local level
     * @param negativeTtl how long it is remembered that there is no value
     * @param staleFor how long after its TTL a value may still be given
     * @param jitter the share of each TTL by which it is shortened at random
     * @param refreshAhead the last share of the TTL in which the first reader refreshes
     * @param earlyRefresh how eagerly readers refresh by chance
     * @param tags what the entry belongs to
     * @throws IllegalArgumentException if a TTL is out of range (1 ms to 36,500 days; {@code negativeTtl} and {@code
     *     staleFor} also zero), a number outside its interval, or a tag empty or too long
     */
    public EntryOptions {
        atLeast(LEAST, ttl, "ttl");
        atLeast(LEAST, localTtl, "localTtl");
        atLeast(Duration.ZERO, negativeTtl, "negativeTtl");
        atLeast(Duration.ZERO, staleFor, "staleFor");
        within(jitter >= 0 && jitter <= 1, jitter, "jitter", "0 to 1");
        within(refreshAhead >= 0 && refreshAhead < 1, refreshAhead, "refreshAhead", "0 to less than 1");
        within(earlyRefresh >= 0 && earlyRefresh <= 100, earlyRefresh, "earlyRefresh", "0 to 100");
        tags = Set.copyOf(tags);
        if (tags.size() > MOST_TAGS) {
            throw new IllegalArgumentException(
                    "tags must be few: tags=" + tags.size() + " (expected: at most " + MOST_TAGS + ")");
        }
        tags.forEach(EntryOptions::requireTag);
    }

    static void requireTag(String tag) {
        if (tag.isEmpty() || tag.length() > LONGEST_TAG) {
            throw new IllegalArgumentException(
                    "tag must be well-formed: length=" + tag.length() + " (expected: 1 to " + LONGEST_TAG + ")");
        }
    }

    private static void within(boolean holds, double value, String name, String expected) {
        if (!holds) { // asked so that NaN does not pass
            throw new IllegalArgumentException(
                    name + " must be in range: " + name + "=" + value + " (expected: " + expected + ")");
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
     * Returns options with one TTL for both levels, a jitter of a tenth, and nothing else: no negative entries, no stale
     * values, no early refresh, no tags.
     *
     * @param ttl how long a value counts as fresh
     * @return the options
     * @throws IllegalArgumentException if the TTL is out of range
     */
    public static EntryOptions of(Duration ttl) {
        return new EntryOptions(ttl, ttl, Duration.ZERO, Duration.ZERO, 0.1, 0, 0, Set.of());
    }

    /**
     * Returns these options with another TTL.
     *
     * @param ttl how long a value counts as fresh; a local TTL that is longer is shortened to it
     * @return the changed options
     */
    public EntryOptions ttl(Duration ttl) {
        Duration local = localTtl.compareTo(ttl) > 0 ? ttl : localTtl;
        return new EntryOptions(ttl, local, negativeTtl, staleFor, jitter, refreshAhead, earlyRefresh, tags);
    }

    /**
     * Returns these options with another TTL in the local level.
     *
     * @param localTtl how long a value counts as fresh there
     * @return the changed options
     */
    public EntryOptions localTtl(Duration localTtl) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter, refreshAhead, earlyRefresh, tags);
    }

    /**
     * Returns these options with another negative TTL.
     *
     * @param negativeTtl how long it is remembered that there is no value; zero: not at all
     * @return the changed options
     */
    public EntryOptions negativeTtl(Duration negativeTtl) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter, refreshAhead, earlyRefresh, tags);
    }

    /**
     * Returns these options with another stale time.
     *
     * @param staleFor how long after its TTL a value may still be given
     * @return the changed options
     */
    public EntryOptions staleFor(Duration staleFor) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter, refreshAhead, earlyRefresh, tags);
    }

    /**
     * Returns these options with another jitter.
     *
     * @param jitter the share of each TTL, in [0, 1], by which it is shortened at random
     * @return the changed options
     */
    public EntryOptions jitter(double jitter) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter, refreshAhead, earlyRefresh, tags);
    }

    /**
     * Returns these options with another time for the first reader to refresh.
     *
     * @param refreshAhead the last share of the TTL, in [0, 1)
     * @return the changed options
     */
    public EntryOptions refreshAhead(double refreshAhead) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter, refreshAhead, earlyRefresh, tags);
    }

    /**
     * Returns these options with another eagerness to refresh by chance.
     *
     * @param earlyRefresh the factor beta of XFetch, in [0, 100]; 1 is usual
     * @return the changed options
     */
    public EntryOptions earlyRefresh(double earlyRefresh) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter, refreshAhead, earlyRefresh, tags);
    }

    /**
     * Returns these options with other tags.
     *
     * @param tags what the entry belongs to, instead of what it belonged to
     * @return the changed options
     */
    public EntryOptions tags(String... tags) {
        return new EntryOptions(ttl, localTtl, negativeTtl, staleFor, jitter, refreshAhead, earlyRefresh, Set.of(tags));
    }
}
