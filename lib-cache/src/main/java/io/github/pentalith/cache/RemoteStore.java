// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The remote level: bytes under keys, leases as fencing tokens, and a feed of invalidations. An SPI; the one that is
 * carried is {@code redis.RedisStore}. Thread-safe; works on the caller's thread and throws unchecked exceptions.
 */
public interface RemoteStore {
    /**
     * Reads values; a caller that means to load what is missing asks for leases too.
     *
     * @param keys the keys
     * @param lease how long a granted lease holds; zero: none is wanted
     * @return one answer per key, in the order of the keys
     */
    List<Fetched> fetch(List<byte[]> keys, Duration lease);

    /**
     * Stores loaded values, each only while its lease is held, and gives the leases back.
     *
     * @param fills what to store
     * @return for each whether it was stored
     */
    List<Boolean> fill(List<Fill> fills);

    /**
     * Writes a value and voids the lease of its key.
     *
     * @param key the key
     * @param ifVersion the version that must be there, or {@link #ANY}
     * @param value the value
     * @param ttl how long it is kept
     * @return the new version, or 0 if another version was there
     */
    long write(byte[] key, long ifVersion, byte[] value, Duration ttl);

    /**
     * Removes values and voids leases, in such a way that every feed hears of it.
     *
     * @param keys the keys
     */
    void invalidate(List<byte[]> keys);

    /**
     * Removes all values with a prefix and voids all their leases.
     *
     * @param prefix the prefix
     */
    void clear(byte[] prefix);

    /**
     * Listens to changes of keys with a prefix until the subscription is closed.
     *
     * @param prefix the prefix
     * @param feed who is told
     * @return the subscription; the store is open while there is one
     */
    Subscription subscribe(byte[] prefix, Feed feed);

    /** For {@link #write}: whatever version is there. */
    long ANY = -1;

    /**
     * An answer of {@link #fetch}.
     *
     * @param value the value or null
     * @param version its version
     * @param remaining how long the store will keep it
     * @param lease the lease granted, 0 if none
     * @param busy whether somebody else holds the lease
     */
    record Fetched(byte @Nullable [] value, long version, Duration remaining, long lease, boolean busy) {}

    /**
     * A value to be stored under a lease.
     *
     * @param key the key
     * @param lease the lease
     * @param value the value; null only gives the lease back
     * @param ttl how long it is kept
     */
    record Fill(byte[] key, long lease, byte @Nullable [] value, Duration ttl) {}

    /** Hears what happens to keys. */
    interface Feed {
        /**
         * {@return the time of the cache's clock, in nanoseconds}
         */
        long now();

        /** The feed works from now on. If this throws, the feed starts again. */
        void live();

        /**
         * A key changed or went.
         *
         * @param key the key
         */
        void changed(byte[] key);

        /** Anything may have changed. */
        void flushed();

        /**
         * All changes that were acknowledged before a point in time have been told.
         *
         * @param asOf a value of {@link #now}
         */
        void verified(long asOf);

        /**
         * The feed does not work, or still not.
         *
         * @param cause why
         */
        void lost(Throwable cause);
    }

    /** A running subscription. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
