// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.resilience.Pipeline;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A cache of two levels.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class TieredCache<K, V> implements AutoCloseable {
    private TieredCache() {}

    /**
     * Begins a cache whose codecs follow from its types.
     *
     * @param <K> the type of the keys
     * @param <V> the type of the values
     * @param name the name: 1 to 64 of letters, digits, dot, underscore and hyphen
     * @param keyType the type of the keys
     * @param valueType the type of the values
     * @return a builder
     */
    public static <K, V> Builder<K, V> builder(String name, Class<K> keyType, Class<V> valueType) {
        throw new UnsupportedOperationException();
    }

    /**
     * Begins a cache without codecs: a remote level needs {@link Builder#codecs}.
     *
     * @param <K> the type of the keys
     * @param <V> the type of the values
     * @param name the name: 1 to 64 of letters, digits, dot, underscore and hyphen
     * @return a builder
     */
    public static <K, V> Builder<K, V> builder(String name) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return the name}
     */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /**
     * Returns the value of a key, loading it with the cache's loader if there is one and no level has it.
     *
     * @param key the key
     * @return the value, or null
     */
    public @Nullable V get(K key) {
        throw new UnsupportedOperationException();
    }

    /**
     * Returns the value of a key, loading it if no level has it.
     *
     * @param key the key
     * @param loader the loader
     * @return the value, or null
     */
    public @Nullable V get(K key, CacheLoader<? super K, ? extends V> loader) {
        throw new UnsupportedOperationException();
    }

    /**
     * Returns the values of many keys.
     *
     * @param keys the keys
     * @return those that have a value, in the order of the keys
     */
    public Map<K, V> getAll(Iterable<? extends K> keys) {
        throw new UnsupportedOperationException();
    }

    /**
     * Returns the values of many keys, loading together those that no level has.
     *
     * @param keys the keys
     * @param loader the loader
     * @return those that have a value, in the order of the keys
     */
    public Map<K, V> getAll(Iterable<? extends K> keys, CacheLoader<K, V> loader) {
        throw new UnsupportedOperationException();
    }

    /**
     * Looks a key up in both levels without loading it.
     *
     * @param key the key
     * @return what is known
     */
    public Lookup<V> peek(K key) {
        throw new UnsupportedOperationException();
    }

    /**
     * Stores a value in the cache.
     *
     * @param key the key
     * @param value the value
     */
    public void put(K key, V value) {
        throw new UnsupportedOperationException();
    }

    /**
     * Stores a value in the cache, with options of its own.
     *
     * @param key the key
     * @param value the value
     * @param options the options
     */
    public void put(K key, V value, EntryOptions options) {
        throw new UnsupportedOperationException();
    }

    /**
     * Drops a key from both levels, in all processes.
     *
     * @param key the key
     */
    public void invalidate(K key) {
        throw new UnsupportedOperationException();
    }

    /**
     * Drops keys from both levels, in all processes.
     *
     * @param keys the keys
     */
    public void invalidateAll(Iterable<? extends K> keys) {
        throw new UnsupportedOperationException();
    }

    /** Drops all keys of this cache from both levels, in all processes. */
    public void clear() {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return counts since creation and states now}
     */
    public Stats stats() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** What the cache knows of its remote level. */
    public enum RemoteState {
        /** There is none. */
        NONE,
        /** Reachable, and the feed of invalidations works. */
        LIVE,
        /** The feed of invalidations does not work: the local level is used only up to the bound. */
        UNVERIFIED
    }

    /**
     * Counts since creation and states now.
     *
     * @param name the name of the cache
     * @param localHits answers from the local level, negative ones included
     * @param remoteHits answers from the remote level, negative ones included
     * @param misses keys that no level knew
     * @param loads loads that succeeded
     * @param loadFailures loads that threw
     * @param loadNanos time spent in loads
     * @param staleServed answers with a value past its TTL
     * @param timeouts callers that gave up waiting for a load
     * @param localRefused values not put in the local level because an invalidation came meanwhile
     * @param remoteRefused loaded values that the remote level refused because the lease was void
     * @param remoteFailures calls to the remote level that failed or were refused
     * @param decodeFailures values of the remote level that were broken or of another schema
     * @param invalidationsReceived keys that the feed told of
     * @param feedLosses how often the feed was lost
     * @param localSize entries in the local level, about
     * @param localEvictions entries evicted from the local level for its size
     * @param pendingWrites invalidations waiting for the remote level's return
     * @param unverifiedNanos how old the youngest proof is that all invalidations have been heard; 0 without a remote
     *     level
     * @param remoteState what is known of the remote level
     */
    public record Stats(
            String name,
            long localHits,
            long remoteHits,
            long misses,
            long loads,
            long loadFailures,
            long loadNanos,
            long staleServed,
            long timeouts,
            long localRefused,
            long remoteRefused,
            long remoteFailures,
            long decodeFailures,
            long invalidationsReceived,
            long feedLosses,
            long localSize,
            long localEvictions,
            long pendingWrites,
            long unverifiedNanos,
            RemoteState remoteState) {}

    /** Hears of loads, remote calls and states. Called outside locks; what it throws is contained. */
    public interface Observer {
        /**
         * A load ended.
         *
         * @param name the name of the cache
         * @param nanos how long it took
         * @param success whether it returned
         */
        default void loaded(String name, long nanos, boolean success) {}

        /**
         * A call to the remote level ended.
         *
         * @param name the name of the cache
         * @param nanos how long it took
         * @param success whether it returned
         */
        default void remoteCalled(String name, long nanos, boolean success) {}

        /**
         * The state of the remote level changed.
         *
         * @param name the name of the cache
         * @param state the state now
         */
        default void remoteChanged(String name, RemoteState state) {}
    }

    /**
     * Sets up a cache.
     *
     * @param <K> the type of the keys
     * @param <V> the type of the values
     */
    public static final class Builder<K, V> {
        private Builder() {}

        /**
         * Sets the codecs.
         *
         * @param keyCodec equal keys must have equal bytes, other keys other bytes
         * @param valueCodec of the values
         * @return this
         */
        public Builder<K, V> codecs(Codec<K> keyCodec, Codec<V> valueCodec) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets the size of the local level.
         *
         * @param entries 0 for no local level
         * @return this
         */
        public Builder<K, V> maximumSize(long entries) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets the options of entries.
         *
         * @param options the options
         * @return this
         */
        public Builder<K, V> entry(EntryOptions options) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets the loader.
         *
         * @param loader the loader
         * @return this
         */
        public Builder<K, V> loader(CacheLoader<? super K, ? extends V> loader) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets how long a caller waits for a load.
         *
         * @param timeout the longest wait
         * @return this
         */
        public Builder<K, V> loadTimeout(Duration timeout) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets how many loads may run at once.
         *
         * @param loads the number
         * @return this
         */
        public Builder<K, V> maximumLoads(int loads) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets the remote level.
         *
         * @param store the remote level
         * @return this
         */
        public Builder<K, V> remote(RemoteStore store) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets how long the local level is trusted without proof that all invalidations have been heard.
         *
         * @param bound the bound
         * @return this
         */
        public Builder<K, V> maxUnverified(Duration bound) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets whether writes and invalidations throw when the remote level is away; otherwise they are queued.
         *
         * @param strict whether they throw
         * @return this
         */
        public Builder<K, V> strictWrites(boolean strict) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets the pipeline that calls to the remote level go through.
         *
         * @param pipeline the pipeline
         * @return this
         */
        public Builder<K, V> remotePipeline(Pipeline pipeline) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets the clock.
         *
         * @param ticker monotonic nanoseconds
         * @return this
         */
        public Builder<K, V> ticker(LongSupplier ticker) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets the source of jitter.
         *
         * @param random the source
         * @return this
         */
        public Builder<K, V> random(RandomGenerator random) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets the observer.
         *
         * @param observer the observer
         * @return this
         */
        public Builder<K, V> observer(Observer observer) {
            throw new UnsupportedOperationException();
        }

        /**
         * {@return the cache}
         */
        public TieredCache<K, V> build() {
            throw new UnsupportedOperationException();
        }
    }
}
