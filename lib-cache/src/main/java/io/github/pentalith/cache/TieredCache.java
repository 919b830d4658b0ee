// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.resilience.Bulkhead;
import io.github.pentalith.resilience.CircuitBreaker;
import io.github.pentalith.resilience.Pipeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A cache of two levels, a local one in this process and a remote one that processes share, that loads each value once
 * and does not keep what is no longer true.
 *
 * <p>Either level may be left out: without {@link Builder#remote} it is a local cache with single flights, negative
 * entries and stale values; with {@code maximumSize(0)} it is a client of the remote level with leases.
 *
 * <p><b>What is promised.</b> When {@link #invalidate}, {@link #put} or {@link #clear} has returned and nothing was
 * {@linkplain Stats#pendingWrites pending}, a {@code get} that begins later than {@code maxUnverified} never returns an
 * older value, in any process; one that begins at once never does in this process, and within a network round trip
 * elsewhere while the feed is live. A value whose load overlapped the invalidation is in no level. With {@code
 * strictWrites} nothing is ever pending: the write throws instead. {@code docs/guide/cache.md} says what can be stale
 * when.
 *
 * <p><b>Threads.</b> Thread-safe. Loads and remote calls run on the caller's thread; the only thread of a cache is the
 * one that listens to its remote level's feed. Readers of the local level never lock.
 *
 * <p><b>Cost.</b> A hit in the local level is one look-up in Caffeine, one clock reading and one counter, without
 * allocation. A hit in the remote level is one round trip; a miss is two and the load.
 *
 * <p><b>Failure.</b> Trouble of the remote level never reaches a reader: after at most its short timeout, and at once
 * when the breaker is open, the value is loaded without it. What a loader throws reaches the caller, unless a stale
 * value may be served.
 *
 * <pre>{@code
 * TieredCache<Long, User> users = TieredCache.builder("users", Long.class, User.class)
 *         .maximumSize(100_000)
 *         .remote(RedisStore.of("redis://127.0.0.1:6379"))
 *         .entry(EntryOptions.of(Duration.ofMinutes(10)).negativeTtl(Duration.ofSeconds(30)))
 *         .loader(dao::find)
 *         .build();
 * User user = users.get(42L);
 * dao.update(changed);
 * users.invalidate(42L);
 * }</pre>
 *
 * <p>Leases: Nishtala et al., Scaling Memcache at Facebook, NSDI 2013. The bound by heartbeats: the watermarks of
 * Skybridge, OSDI 2025. The feed: client-side caching of Redis 6 and later, broadcast mode.
 *
 * @param <K> the type of the keys; as of any hash map, with {@code equals} and {@code hashCode} by value
 * @param <V> the type of the values; a value that is shared by callers must not be changed by them
 */
public final class TieredCache<K, V> implements AutoCloseable {
    private final String name;
    private final @Nullable CacheLoader<? super K, ? extends V> loader;
    private final EntryOptions options;
    private final Coherence coherence;
    private final LocalLevel<K, V> local;
    private final @Nullable RemoteLevel<K, V> remote;
    private final Loading<K, V> loading;
    private final Counters counters;
    private final String description;
    private volatile boolean closed;

    private TieredCache(Builder<K, V> settings) {
        this.name = settings.name;
        this.loader = settings.loader;
        this.options = settings.options;
        this.counters = new Counters(name, settings.observer);
        long bound = settings.store == null ? Coherence.UNBOUNDED : Nanos.of(settings.maxUnverified);
        this.coherence = new Coherence(settings.ticker, bound);
        this.local = new LocalLevel<>(settings.maximumSize, coherence);
        this.remote = settings.remoteLevel(local, coherence, counters);
        this.loading = new Loading<>(settings, local, remote, coherence, counters);
        this.description = settings.describe(remote);
        if (remote != null) {
            remote.subscribe();
        }
    }

    /**
     * Begins a cache whose codecs follow from its types; see {@link Codec#of}.
     *
     * @param <K> the type of the keys
     * @param <V> the type of the values
     * @param name the name: 1 to 64 of letters, digits, dot, underscore and hyphen. Caches of one name share their
     *     values in a remote store
     * @param keyType the type of the keys: {@code String}, a number, {@code UUID}, an enum, or a record of such
     * @param valueType the type of the values
     * @return a builder
     * @throws IllegalArgumentException if the name is not well-formed
     */
    public static <K, V> Builder<K, V> builder(String name, Class<K> keyType, Class<V> valueType) {
        Builder<K, V> builder = builder(name);
        builder.keyType = Objects.requireNonNull(keyType, "keyType");
        builder.valueType = Objects.requireNonNull(valueType, "valueType");
        return builder;
    }

    /**
     * Begins a cache of any types. With a remote level it needs {@link Builder#codecs}.
     *
     * @param <K> the type of the keys
     * @param <V> the type of the values
     * @param name the name: 1 to 64 of letters, digits, dot, underscore and hyphen. Caches of one name share their
     *     values in a remote store
     * @return a builder
     * @throws IllegalArgumentException if the name is not well-formed
     */
    public static <K, V> Builder<K, V> builder(String name) {
        return new Builder<>(name);
    }

    /**
     * Returns the name.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * Returns the value of a key; if no level has it, loads it with the cache's loader, if there is one.
     *
     * @param key the key
     * @return the value, or null if there is none
     * @throws CacheLoadException if the loader threw a checked exception; unchecked ones pass through
     * @throws CacheTimeoutException if the wait for a load was too long
     * @throws java.util.concurrent.CancellationException if the thread was interrupted while it waited; the flag stays
     * @throws IllegalStateException if the cache is closed and the value is not held, or a load asks for its own key
     */
    public @Nullable V get(K key) {
        Entry<V> entry = local.fresh(key);
        if (entry != null) {
            counters.localHits.increment();
            return entry.value;
        }
        return loader == null ? lookUp(key).value() : find(key, loader);
    }

    /**
     * Returns the value of a key, loading it if no level has it.
     *
     * @param key the key
     * @param loader the loader, instead of the cache's
     * @return the value, or null if there is none
     * @throws CacheLoadException if the loader threw a checked exception; unchecked ones pass through
     * @throws CacheTimeoutException if the wait for a load was too long
     * @throws java.util.concurrent.CancellationException if the thread was interrupted while it waited; the flag stays
     * @throws IllegalStateException if the cache is closed and the value is not held, or a load asks for its own key
     */
    public @Nullable V get(K key, CacheLoader<? super K, ? extends V> loader) {
        Entry<V> entry = local.fresh(key);
        if (entry != null) {
            counters.localHits.increment();
            return entry.value;
        }
        return find(key, Objects.requireNonNull(loader, "loader"));
    }

    private @Nullable V find(K key, CacheLoader<? super K, ? extends V> loader) {
        requireOpen();
        return loading.get(key, loader);
    }

    /** Both levels, counted, and nothing else. */
    private Lookup<V> lookUp(K key) {
        requireOpen();
        Lookup<V> lookup = askRemote(List.of(key)).get(0);
        if (lookup.known()) {
            counters.remoteHits.increment();
        } else {
            counters.misses.increment();
        }
        return lookup;
    }

    private List<Lookup<V>> askRemote(List<K> keys) {
        List<Lookup<V>> lookups = new ArrayList<>(keys.size());
        if (remote == null) {
            keys.forEach(key -> lookups.add(absent()));
            return lookups;
        }
        List<Coherence.Mark> marks = new ArrayList<>(keys.size());
        keys.forEach(key -> marks.add(coherence.mark(key)));
        List<Answer<V>> answers = remote.fetch(keys, Duration.ZERO);
        for (int i = 0; i < keys.size(); i++) {
            Answer<V> answer = answers.get(i);
            switch (answer.kind()) {
                case HIT -> {
                    loading.keep(keys.get(i), answer, marks.get(i));
                    lookups.add(remote(answer, false));
                }
                case STALE -> lookups.add(remote(answer, true));
                default -> lookups.add(absent());
            }
        }
        return lookups;
    }

    private Lookup<V> remote(Answer<V> answer, boolean stale) {
        return new Lookup<>(answer.value(), Lookup.Source.REMOTE, answer.version(), Duration.ZERO, stale);
    }

    private Lookup<V> absent() {
        return new Lookup<>(null, Lookup.Source.ABSENT, 0, Duration.ZERO, false);
    }

    /**
     * Returns the values of many keys, as {@link #get(Object)} does for one: one trip to the remote level for those
     * that are not held, one bulk load for those that nobody has.
     *
     * @param keys the keys; duplicates are asked for once
     * @return a new map of those that have a value, in the order of the keys
     * @throws CacheLoadException if the loader threw a checked exception; unchecked ones pass through
     * @throws CacheTimeoutException if the wait for a load was too long
     * @throws java.util.concurrent.CancellationException if the thread was interrupted while it waited; the flag stays
     * @throws IllegalStateException if the cache is closed, or a load asks for its own key
     */
    public Map<K, V> getAll(Iterable<? extends K> keys) {
        Map<K, V> found = new LinkedHashMap<>();
        Set<K> wanted = distinct(keys);
        List<K> missing = localHits(wanted, found);
        if (loader != null) {
            loadAll(missing, loader, found);
        } else if (!missing.isEmpty()) {
            requireOpen();
            List<Lookup<V>> lookups = askRemote(missing);
            for (int i = 0; i < missing.size(); i++) {
                (lookups.get(i).known() ? counters.remoteHits : counters.misses).increment();
                V value = lookups.get(i).value();
                if (value != null) {
                    found.put(missing.get(i), value);
                }
            }
        }
        return ordered(wanted, found);
    }

    /**
     * Returns the values of many keys, loading those that no level has with one call of {@link CacheLoader#loadAll}.
     *
     * @param keys the keys; duplicates are asked for once
     * @param loader the loader, instead of the cache's
     * @return a new map of those that have a value, in the order of the keys
     * @throws CacheLoadException if the loader threw a checked exception; unchecked ones pass through
     * @throws CacheTimeoutException if the wait for a load was too long
     * @throws java.util.concurrent.CancellationException if the thread was interrupted while it waited; the flag stays
     * @throws IllegalStateException if the cache is closed, or a load asks for its own key
     */
    public Map<K, V> getAll(Iterable<? extends K> keys, CacheLoader<? super K, ? extends V> loader) {
        Map<K, V> found = new LinkedHashMap<>();
        Set<K> wanted = distinct(keys);
        loadAll(localHits(wanted, found), Objects.requireNonNull(loader, "loader"), found);
        return ordered(wanted, found);
    }

    private Set<K> distinct(Iterable<? extends K> keys) {
        Set<K> distinct = new LinkedHashSet<>();
        for (K key : keys) {
            distinct.add(Objects.requireNonNull(key, "key"));
        }
        return distinct;
    }

    private List<K> localHits(Set<K> keys, Map<K, V> found) {
        List<K> missing = new ArrayList<>();
        for (K key : keys) {
            Entry<V> entry = local.fresh(key);
            if (entry == null) {
                missing.add(key);
                continue;
            }
            counters.localHits.increment();
            if (entry.value != null) {
                found.put(key, entry.value);
            }
        }
        return missing;
    }

    private void loadAll(List<K> missing, CacheLoader<? super K, ? extends V> loader, Map<K, V> found) {
        if (!missing.isEmpty()) {
            requireOpen();
            new BulkLoading<>(loading, loader, found).getAll(missing);
        }
    }

    private Map<K, V> ordered(Set<K> keys, Map<K, V> found) {
        Map<K, V> ordered = new LinkedHashMap<>();
        for (K key : keys) {
            V value = found.get(key);
            if (value != null) {
                ordered.put(key, value);
            }
        }
        return ordered;
    }

    /**
     * Looks a key up in both levels, without loading it and without counting it.
     *
     * @param key the key
     * @return what is known; a remote level that cannot be asked knows nothing
     * @throws IllegalStateException if the cache is closed and the value is not held
     */
    public Lookup<V> peek(K key) {
        Entry<V> entry = local.fresh(key);
        if (entry == null) {
            entry = local.stale(key);
        }
        if (entry != null) {
            long now = coherence.now();
            Duration age = Duration.ofNanos(Math.max(0, now - entry.askedAt));
            return new Lookup<>(entry.value, Lookup.Source.LOCAL, entry.version, age, !entry.fresh(now));
        }
        requireOpen();
        return askRemote(List.of(key)).get(0);
    }

    /**
     * Stores a value in the cache, with the cache's options. The source is not touched.
     *
     * @param key the key
     * @param value the value
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw. Then the local level
     *     has forgotten the key, and whether the remote level has the old value, the new one or none is not known
     * @throws IllegalStateException if the cache is closed
     */
    public void put(K key, V value) {
        put(key, value, options);
    }

    /**
     * Stores a value in the cache, with options of its own. The source is not touched. While the remote level is away,
     * the value is held in this process for {@code maxUnverified}, and when it is back, an older one is removed there.
     *
     * @param key the key
     * @param value the value
     * @param options the options
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw. Then the local level
     *     has forgotten the key, and whether the remote level has the old value, the new one or none is not known
     * @throws IllegalStateException if the cache is closed
     */
    public void put(K key, V value, EntryOptions options) {
        Objects.requireNonNull(value, "value");
        requireOpen();
        RemoteLevel.Loaded<K, V> written = loading.loaded(key, value, options, 0);
        boolean stored;
        try {
            stored = remote != null && remote.write(key, value, written.ttl(), written.staleFor());
        } finally {
            local.invalidate(key);
        }
        if (!stored) {
            local.put(key, loading.unwatched(written, options, coherence.mark(key)));
        }
    }

    /**
     * Drops a key from both levels, in all processes; loads of it that run now will not be kept anywhere.
     *
     * @param key the key
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw. Then the local level
     *     has forgotten the key, and whether the remote level has is not known
     * @throws IllegalStateException if the cache is closed
     */
    public void invalidate(K key) {
        drop(List.of(key));
    }

    /**
     * Drops keys from both levels, in all processes; loads of them that run now will not be kept anywhere.
     *
     * @param keys the keys
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw. Then the local level
     *     has forgotten the keys, and which of them the remote level has is not known
     * @throws IllegalStateException if the cache is closed
     */
    public void invalidateAll(Iterable<? extends K> keys) {
        drop(List.copyOf(distinct(keys)));
    }

    private void drop(List<K> keys) {
        requireOpen();
        try {
            if (remote != null) {
                remote.invalidate(keys);
            }
        } finally {
            keys.forEach(local::invalidate);
        }
    }

    /**
     * Drops all keys of this cache from both levels, in all processes. In the remote level the time grows with the
     * number of keys that the server holds, this cache's or not, and other calls run meanwhile; a key that is stored
     * while this runs may be dropped or not.
     *
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw
     * @throws IllegalStateException if the cache is closed
     */
    public void clear() {
        requireOpen();
        try {
            if (remote != null) {
                remote.clear();
            }
        } finally {
            local.clear();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("cache " + name + " is closed");
        }
    }

    /**
     * Returns counts since creation and states now. Cheap enough to read at every scrape.
     *
     * @return the statistics
     */
    public Stats stats() {
        return new Stats(
                name,
                counters.localHits.sum(),
                counters.remoteHits.sum(),
                counters.misses.sum(),
                counters.loads.sum(),
                counters.loadFailures.sum(),
                counters.loadNanos.sum(),
                counters.staleServed.sum(),
                counters.timeouts.sum(),
                local.refused(),
                counters.remoteRefused.sum(),
                counters.remoteFailures.sum(),
                counters.encodeFailures.sum(),
                counters.decodeFailures.sum(),
                counters.invalidationsReceived.sum(),
                counters.feedLosses.sum(),
                local.size(),
                local.evictions(),
                remote == null ? 0 : remote.debts(),
                remote == null ? 0 : coherence.unverifiedNanos(),
                remote == null ? RemoteState.NONE : remote.state());
    }

    /**
     * Ends the feed's thread and this cache's use of the remote store, and forgets all values. Calls that run now end
     * as they would have. Idempotent, bounded by the store's timeouts. Invalidations that are still pending are lost.
     */
    @Override
    public void close() {
        closed = true;
        if (remote != null) {
            remote.close();
        }
        local.clear();
    }

    /** Returns the effective configuration, without credentials. */
    @Override
    public String toString() {
        return description;
    }

    /** What the cache knows of its remote level. */
    public enum RemoteState {
        /** There is no remote level. */
        NONE,
        /** The feed of invalidations works: what the local level holds is verified at each heartbeat. */
        LIVE,
        /** The feed of invalidations does not work: the local level holds what is younger than the bound. */
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
     * @param encodeFailures values that the remote level could not be given: too large, or the codec threw
     * @param decodeFailures values of the remote level that were broken or of another schema
     * @param invalidationsReceived keys that the feed told of
     * @param feedLosses how often the feed was lost
     * @param localSize entries in the local level, about
     * @param localEvictions entries that left the local level for its size
     * @param pendingWrites keys that will be invalidated in the remote level when it is back, because a write to them
     *     failed; the total of them as one, when they are too many
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
            long encodeFailures,
            long decodeFailures,
            long invalidationsReceived,
            long feedLosses,
            long localSize,
            long localEvictions,
            long pendingWrites,
            long unverifiedNanos,
            RemoteState remoteState) {}

    /**
     * Is told of loads, remote calls and states, on the thread where they happened, outside locks. What it throws is
     * contained; on the feed's thread it delays invalidations, so it must be quick.
     */
    public interface Observer {
        /**
         * A load has ended.
         *
         * @param name the name of the cache
         * @param nanos how long the loader took
         * @param success whether it returned
         */
        default void onLoad(String name, long nanos, boolean success) {}

        /**
         * A call to the remote level has ended, or was refused by its pipeline.
         *
         * @param name the name of the cache
         * @param nanos how long it took
         * @param success whether it returned
         */
        default void onRemoteCall(String name, long nanos, boolean success) {}

        /**
         * The state of the remote level has changed.
         *
         * @param name the name of the cache
         * @param state the state now
         */
        default void onRemoteState(String name, RemoteState state) {}
    }

    /**
     * Collects the settings of a cache. Not thread-safe.
     *
     * @param <K> the type of the keys
     * @param <V> the type of the values
     */
    public static final class Builder<K, V> {
        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
        private static final Observer NOBODY = new Observer() {};

        final String name;

        @Nullable
        Class<K> keyType;

        @Nullable
        Class<V> valueType;

        private @Nullable Codec<K> keyCodec;
        private @Nullable Codec<V> valueCodec;
        long maximumSize = 10_000;
        int maximumValueBytes = 1 << 20;
        EntryOptions options = EntryOptions.of(Duration.ofMinutes(5));

        @Nullable
        CacheLoader<? super K, ? extends V> loader;

        Duration loadTimeout = Duration.ofSeconds(10);
        int maximumLoads = 64;

        @Nullable
        RemoteStore store;

        private @Nullable Pipeline pipeline;
        Duration maxUnverified = Duration.ofMillis(500);
        boolean strictWrites;
        LongSupplier ticker = System::nanoTime;
        RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
        Observer observer = NOBODY;

        private Builder(String name) {
            if (!NAME.matcher(Objects.requireNonNull(name, "name")).matches()) {
                throw new IllegalArgumentException("name must be well-formed: name=" + name
                        + " (expected: 1 to 64 of letters, digits, dot, underscore and hyphen)");
            }
            this.name = name;
        }

        /**
         * Sets the codecs for the remote level.
         *
         * @param keyCodec of the keys: equal keys have equal bytes, other keys have others
         * @param valueCodec of the values
         * @return this
         */
        public Builder<K, V> codecs(Codec<K> keyCodec, Codec<V> valueCodec) {
            this.keyCodec = Objects.requireNonNull(keyCodec, "keyCodec");
            this.valueCodec = Objects.requireNonNull(valueCodec, "valueCodec");
            return this;
        }

        /**
         * Sets the size of the local level; the default is 10,000.
         *
         * @param entries the largest number of entries; 0: no local level
         * @return this
         * @throws IllegalArgumentException if the number is negative
         */
        public Builder<K, V> maximumSize(long entries) {
            this.maximumSize = inRange(entries, 0, Long.MAX_VALUE, "maximumSize");
            return this;
        }

        /**
         * Sets how large a value may be in the remote level; the default is 1 MiB. A larger one is given to the caller
         * and held in the local level for {@code maxUnverified}.
         *
         * @param bytes the largest number of bytes, encoded
         * @return this
         * @throws IllegalArgumentException if the number is not positive
         */
        public Builder<K, V> maximumValueBytes(int bytes) {
            this.maximumValueBytes = (int) inRange(bytes, 1, Integer.MAX_VALUE, "maximumValueBytes");
            return this;
        }

        /**
         * Sets the options of entries; the default is a TTL of five minutes.
         *
         * @param options the options
         * @return this
         */
        public Builder<K, V> entry(EntryOptions options) {
            this.options = Objects.requireNonNull(options, "options");
            return this;
        }

        /**
         * Sets the loader of {@link TieredCache#get(Object)} and {@link TieredCache#getAll(Iterable)}.
         *
         * @param loader the loader
         * @return this
         */
        public Builder<K, V> loader(CacheLoader<? super K, ? extends V> loader) {
            this.loader = Objects.requireNonNull(loader, "loader");
            return this;
        }

        /**
         * Sets how long a caller waits for another's load or for one of the permitted loads; the default is 10 seconds,
         * and a shorter {@link io.github.pentalith.resilience.Deadline} counts. A lease in the remote level holds for
         * half of it: a load that takes longer may be repeated by another process, and is then not kept.
         *
         * @param timeout the longest wait
         * @return this
         * @throws IllegalArgumentException if the time is shorter than 2 milliseconds
         */
        public Builder<K, V> loadTimeout(Duration timeout) {
            this.loadTimeout = atLeast(Duration.ofMillis(2), timeout, "loadTimeout");
            return this;
        }

        /**
         * Sets how many loads may run at once in this process; the default is 64. While the remote level is away, this
         * bounds what the source has to bear.
         *
         * @param loads the number
         * @return this
         * @throws IllegalArgumentException if the number is not positive
         */
        public Builder<K, V> maximumLoads(int loads) {
            this.maximumLoads = (int) inRange(loads, 1, Integer.MAX_VALUE, "maximumLoads");
            return this;
        }

        /**
         * Sets the remote level. The cache does not wait for it: until the feed is live, and whenever it is lost, the
         * local level holds values for {@code maxUnverified}.
         *
         * @param store the remote level
         * @return this
         */
        public Builder<K, V> remote(RemoteStore store) {
            this.store = Objects.requireNonNull(store, "store");
            return this;
        }

        /**
         * Sets the pipeline that calls to the remote level go through. The default has a breaker, which opens when half
         * of at least 5 among the last 20 calls failed, tries again after 250 ms and closes at once when the feed
         * is live again, and a bulkhead of 256 calls. It needs no retry, which costs more than a load.
         *
         * @param pipeline the pipeline
         * @return this
         */
        public Builder<K, V> remotePipeline(Pipeline pipeline) {
            this.pipeline = Objects.requireNonNull(pipeline, "pipeline");
            return this;
        }

        /**
         * Sets how long the local level is trusted without proof that all invalidations have been heard; the default is
         * 500 ms. Less than a few heartbeats of the feed (100 ms each) makes the local level useless.
         *
         * @param bound the bound
         * @return this
         * @throws IllegalArgumentException if the bound is negative
         */
        public Builder<K, V> maxUnverified(Duration bound) {
            this.maxUnverified = atLeast(Duration.ZERO, bound, "maxUnverified");
            return this;
        }

        /**
         * Sets what writes and invalidations do when the remote level fails: throw (true), or take effect in this
         * process at once and elsewhere when it is back (false, the default).
         *
         * @param strict whether they throw
         * @return this
         */
        public Builder<K, V> strictWrites(boolean strict) {
            this.strictWrites = strict;
            return this;
        }

        /**
         * Sets the clock; the default is {@link System#nanoTime}.
         *
         * @param ticker monotonic nanoseconds
         * @return this
         */
        public Builder<K, V> ticker(LongSupplier ticker) {
            this.ticker = Objects.requireNonNull(ticker, "ticker");
            return this;
        }

        /**
         * Sets the source of jitter; the default is {@link ThreadLocalRandom}.
         *
         * @param random a thread-safe source
         * @return this
         */
        public Builder<K, V> random(RandomGenerator random) {
            this.random = Objects.requireNonNull(random, "random");
            return this;
        }

        /**
         * Sets the observer; by default there is none.
         *
         * @param observer the observer
         * @return this
         */
        public Builder<K, V> observer(Observer observer) {
            this.observer = Objects.requireNonNull(observer, "observer");
            return this;
        }

        /**
         * Builds the cache.
         *
         * @return a cache, to be closed
         * @throws IllegalArgumentException if there is neither level, or a remote one without codecs, or a type has no
         *     codec
         */
        public TieredCache<K, V> build() {
            if (store == null && maximumSize == 0) {
                throw new IllegalArgumentException("cache must have a level: name=" + name
                        + ", maximumSize=0, remote=none (expected: a size of 1 or more, or a remote store)");
            }
            return new TieredCache<>(this);
        }

        @Nullable
        RemoteLevel<K, V> remoteLevel(LocalLevel<K, V> local, Coherence coherence, Counters counters) {
            if (store == null) {
                return null;
            }
            CircuitBreaker breaker = null;
            Pipeline through = pipeline;
            if (through == null) {
                String part = name + "-remote";
                breaker = CircuitBreaker.builder(part)
                        .window(20)
                        .minimumCalls(5)
                        .failureRate(0.5)
                        .openFor(Duration.ofMillis(250))
                        .build();
                Bulkhead bulkhead = Bulkhead.builder(part)
                        .limit(256)
                        .maxWait(Duration.ofMillis(50))
                        .build();
                through = Pipeline.builder(part)
                        .breaker(breaker)
                        .bulkhead(bulkhead)
                        .build();
            }
            Runnable revive = breaker == null ? () -> {} : breaker::reset;
            return new RemoteLevel<>(this, store, through, revive, keyEncoder(), codec(), local, coherence, counters);
        }

        private KeyEncoder<K> keyEncoder() {
            if (keyCodec != null) {
                return KeyEncoder.of(name, keyCodec);
            }
            if (keyType == null) {
                throw noCodecs();
            }
            return KeyEncoder.of(name, keyType);
        }

        private Codec<V> codec() {
            if (valueCodec != null) {
                return valueCodec;
            }
            if (valueType == null) {
                throw noCodecs();
            }
            return Codec.of(valueType);
        }

        private IllegalArgumentException noCodecs() {
            return new IllegalArgumentException("remote level must have codecs: name=" + name
                    + " (expected: builder(name, keyType, valueType) or codecs(keyCodec, valueCodec))");
        }

        String describe(@Nullable RemoteLevel<K, V> remote) {
            return "TieredCache[" + name + ", maximumSize=" + maximumSize + ", " + options + ", loadTimeout="
                    + loadTimeout + ", maximumLoads=" + maximumLoads + ", remote="
                    + (remote == null ? "none" : remote + ", maxUnverified=" + maxUnverified) + "]";
        }

        private long inRange(long value, long least, long most, String what) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(what + " must be in range: " + what + "=" + value + " (expected: "
                        + least + " to " + most + ")");
            }
            return value;
        }

        private Duration atLeast(Duration least, Duration value, String what) {
            Objects.requireNonNull(value, what);
            if (value.compareTo(least) < 0) {
                throw new IllegalArgumentException(
                        what + " must be in range: " + what + "=" + value + " (expected: " + least + " or more)");
            }
            return value;
        }
    }
}
