// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The remote level of caches: bytes under keys, leases as fencing tokens, and a feed of changes. An SPI; {@code
 * redis.RedisStore} is the one that is carried.
 *
 * <p>Implementations are thread-safe, work on the caller's thread in bounded time and throw unchecked exceptions when
 * the server does not do as asked; the cache never lets those reach a reader. A store is open while it has a
 * subscription, and closes what it opened when the last one ends.
 *
 * <p>The law that the cache builds on: <em>once {@link #invalidate}, {@link #write}, {@link #mark} or {@link #settle} has
 * returned, no value that was fetched, or loaded under a lease that was granted, before the call began can be stored or fetched
 * again, and every live {@link Feed} is told of the key before it is told that it is {@linkplain Feed#verified
 * verified} as of a later time.</em>
 */
public interface RemoteStore {
    /** For {@link #write}: whatever version is there. */
    long ANY_VERSION = -1;

    /**
     * Reads values; a caller that means to load what is missing or stale asks for leases too.
     *
     * @param keys the keys
     * @param lease how long a lease that is granted holds; zero: none is wanted
     * @return one answer per key, in the order of the keys
     */
    List<Fetched> fetch(List<byte[]> keys, Duration lease);

    /**
     * Does the same where a value of a given version counts as none, because who asks has reasons to want a newer one.
     * The value stays until it is replaced.
     *
     * @param keys the keys
     * @param versions for each key the version that counts as none
     * @param lease how long a lease that is granted holds
     * @return one answer per key, in the order of the keys
     */
    List<Fetched> refetch(List<byte[]> keys, List<Long> versions, Duration lease);

    /**
     * Stores loaded values, each only if its lease is still held, and ends the leases.
     *
     * @param fills what to store
     * @return for each fill the version that was stored, 0 if nothing was
     */
    List<Long> fill(List<Fill> fills);

    /**
     * Stores a value and voids the lease of its key. While a {@linkplain #mark write is marked}, the value is dropped.
     *
     * @param key the key
     * @param ifVersion the version that must be there, 0 for none at all, or {@link #ANY_VERSION}
     * @param value the value
     * @param ttl how long it is fresh
     * @param staleFor how long it is kept after that
     * @return the version stored, greater than the one before; 0 if another version was there, or a write is marked
     */
    long write(byte[] key, long ifVersion, byte[] value, Duration ttl, Duration staleFor);

    /**
     * Removes values and voids the leases of their keys. Feeds are told also of a key that had nothing but a lease.
     *
     * @param keys the keys
     */
    void invalidate(List<byte[]> keys);

    /**
     * Marks that a write to the source begins: drops the value, voids the lease, and from now on neither stores a value
     * nor grants a lease until all marks of the key are settled or have expired.
     *
     * @param key the key
     * @param ifVersion the version that must be there, 0 for none at all, or {@link #ANY_VERSION}; if it is given, no
     *     other write may be marked
     * @param atMost how long the mark holds, should it not be settled
     * @return the mark, greater than all marks and versions of the key before; 0 if another version was there
     */
    long mark(byte[] key, long ifVersion, Duration atMost);

    /**
     * Ends a mark. The value is stored only if no other mark of the key was open at any time while this one was, and it
     * has not expired; else there is no value afterwards. Feeds are told in any case.
     *
     * @param key the key
     * @param mark what {@link #mark} returned
     * @param value the value, whose version will be the mark; null: none
     * @param ttl how long it is fresh
     * @param staleFor how long it is kept after that
     * @return whether the value was stored
     */
    boolean settle(byte[] key, long mark, byte @Nullable [] value, Duration ttl, Duration staleFor);

    /**
     * Begins to listen to changes of the keys that begin with a prefix, and does not wait for the connection.
     *
     * @param prefix the prefix
     * @param feed is told, by one thread of the store
     * @return ends the subscription, its thread and its connection
     */
    Subscription subscribe(byte[] prefix, Feed feed);

    /**
     * What the store has under a key.
     *
     * @param value the value, null if there is none
     * @param version its version, 0 if there is none
     * @param fresh how much is left of its TTL, zero if it is stale
     * @param stale how long it may be served after that
     * @param lease the lease that was granted, 0 if none was. If there is no value, a lease was wanted, none was granted
     *     and nobody else holds it, then a {@linkplain #mark write is marked}: what is loaded now must not be kept
     * @param busy whether a lease was wanted and somebody else holds it
     */
    @SuppressWarnings("ArrayRecordComponent") // carries bytes; nobody compares it
    record Fetched(byte @Nullable [] value, long version, Duration fresh, Duration stale, long lease, boolean busy) {}

    /**
     * A value to be stored under a lease.
     *
     * @param key the key
     * @param lease the lease
     * @param value the value; null: only the lease is ended
     * @param ttl how long the value is fresh
     * @param staleFor how long it is kept after that
     */
    @SuppressWarnings("ArrayRecordComponent") // carries bytes; nobody compares it
    record Fill(byte[] key, long lease, byte @Nullable [] value, Duration ttl, Duration staleFor) {}

    /** Is told what happens to keys. */
    interface Feed {
        /**
         * Returns the time of the listener's clock.
         *
         * @return nanoseconds, monotonic
         */
        long now();

        /** All changes from now on will be told. If this throws, the feed is torn down and begins again. */
        void live();

        /**
         * A value was stored, removed or expired, or a lease voided.
         *
         * @param key the key
         */
        void changed(byte[] key);

        /** Any key may have changed. */
        void flushed();

        /**
         * All changes that were acknowledged to whoever made them before a point in time have been told.
         *
         * @param asOf a time that {@link #now} returned
         */
        void verified(long asOf);

        /**
         * The feed has ended, or could not begin again. The store keeps trying.
         *
         * @param cause why
         */
        void lost(Exception cause);
    }

    /** A running subscription. */
    interface Subscription extends AutoCloseable {
        /** Ends the subscription. Idempotent, bounded in time. */
        @Override
        void close();
    }
}
