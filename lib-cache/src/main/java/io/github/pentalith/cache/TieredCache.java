// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A cache of two levels, a local one in this process and a remote one that processes share, that loads each value once
 * and does not keep what is no longer true.
 *
 * <p>Either level may be left out: without {@link CacheBuilder#remote} it is a local cache with single flights, negative
 * entries and stale values; with {@code maximumSize(0)} it is a client of the remote level with leases.
 *
 * <p><b>What is promised.</b> When {@link #invalidate}, {@link #invalidateTag}, {@link #put} or {@link #clear} has returned
 * and nothing was {@linkplain CacheStats#pendingWrites pending}, a {@code get} that begins later than {@code maxUnverified} never returns an
 * older value, in any process; one that begins at once never does in this process, and within a network round trip
 * elsewhere while the feed is live. A value whose load overlapped the invalidation is in no level. With {@code
 * strictWrites} nothing is ever pending: the write throws instead. {@code docs/guide/cache.md} says what can be stale
 * when.
 *
 * <p><b>Threads.</b> Thread-safe. Loads and remote calls run on the caller's thread; a cache has one thread that listens
 * to its remote level's feed, and others only while values are refreshed early or {@link #async} is used. Readers of the local level never lock.
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
    private final @Nullable CacheLoader<? super K, V> loader;
    private final EntryOptions options;
    private final Coherence coherence;
    private final LocalLevel<K, V> local;
    private final @Nullable RemoteLevel<K, V> remote;
    private final Workers workers;
    private final Loading<K, V> loading;
    private final Writing<K, V> writing;
    private final Counters counters;
    private final AsyncCache<K, V> async;
    private final String description;
    private volatile boolean closed;

    TieredCache(CacheBuilder<K, V> settings) {
        this.name = settings.name;
        this.loader = settings.loader;
        this.options = settings.options;
        this.counters = new Counters(name, settings.observer);
        long bound = settings.store == null ? Coherence.UNBOUNDED : Nanos.of(settings.maxUnverified);
        this.coherence = new Coherence(settings.ticker, bound);
        this.local = new LocalLevel<>(settings.maximum, settings.weigher, coherence);
        this.remote = settings.remoteLevel(local, coherence, counters);
        this.workers = new Workers(settings.executor, settings.maximumLoads);
        this.loading = new Loading<>(settings, local, remote, coherence, counters, workers);
        this.writing = new Writing<>(settings, loading);
        this.async = new AsyncCache<>(this, loading, loader, workers);
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
    public static <K, V> CacheBuilder<K, V> builder(String name, Class<K> keyType, Class<V> valueType) {
        CacheBuilder<K, V> builder = builder(name);
        builder.keyType = Objects.requireNonNull(keyType, "keyType");
        builder.valueType = Objects.requireNonNull(valueType, "valueType");
        return builder;
    }

    /**
     * Begins a cache of any types. With a remote level it needs {@link CacheBuilder#codecs}.
     *
     * @param <K> the type of the keys
     * @param <V> the type of the values
     * @param name as in {@link #builder(String, Class, Class)}
     * @return a builder
     * @throws IllegalArgumentException if the name is not well-formed
     */
    public static <K, V> CacheBuilder<K, V> builder(String name) {
        return new CacheBuilder<>(name);
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
        Entry<V> entry = held(key);
        return entry != null ? entry.value : find(key, loader);
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
    public @Nullable V get(K key, CacheLoader<? super K, V> loader) {
        Entry<V> entry = held(key);
        return entry != null ? entry.value : find(key, Objects.requireNonNull(loader, "loader"));
    }

    private @Nullable V find(K key, @Nullable CacheLoader<? super K, V> by) {
        requireOpen();
        if (by != null) {
            return loading.get(key, by);
        }
        Entry<V> entry = loading.fresh(key, null);
        return entry != null
                ? entry.value
                : loading.counted(loading.lookUp(List.of(key)).get(0));
    }

    /** The value if the local level has it and nothing is to be done about it. */
    @Nullable
    Entry<V> held(K key) {
        Entry<V> entry = local.quiet(key);
        if (entry != null) {
            counters.localHits.increment();
        }
        return entry;
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
        return many(keys, loader);
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
    public Map<K, V> getAll(Iterable<? extends K> keys, CacheLoader<? super K, V> loader) {
        return many(keys, Objects.requireNonNull(loader, "loader"));
    }

    private Map<K, V> many(Iterable<? extends K> keys, @Nullable CacheLoader<? super K, V> by) {
        BulkReads<K, V> reads = new BulkReads<>(loading, by, keys);
        if (!reads.complete()) {
            requireOpen();
            reads.search();
        }
        return reads.values();
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
            Duration age = Duration.ofNanos(Math.max(0, now - entry.life.askedAt));
            return new Lookup<>(entry.value, Lookup.Source.LOCAL, entry.life.version, age, !entry.life.fresh(now));
        }
        requireOpen();
        return loading.lookUp(List.of(key)).get(0);
    }

    /**
     * Stores a value, with the cache's options; with a {@linkplain CacheBuilder#writer writer}, writes it to the source
     * first.
     *
     * @param key the key
     * @param value the value
     * @throws CacheWriteException if the writer threw a checked exception; unchecked ones pass through
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw. Then the local level
     *     has forgotten the key, and whether the remote level has the old value, the new one or none is not known
     * @throws IllegalStateException if the cache is closed
     */
    public void put(K key, V value) {
        put(key, value, options);
    }

    /**
     * Stores a value, with options of its own; with a {@linkplain CacheBuilder#writer writer}, writes it to the source
     * first. While the remote level is away, the value is held in this process for {@code maxUnverified}, and when it is
     * back, an older one is removed there. Of values that are written through at the same time none is stored: the source
     * knows which is the last.
     *
     * @param key the key
     * @param value the value
     * @param options the options
     * @throws CacheWriteException if the writer threw a checked exception; unchecked ones pass through
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw. Then the local level
     *     has forgotten the key, and whether the remote level has the old value, the new one or none is not known; the
     *     source has been written if the value could be removed before
     * @throws IllegalStateException if the cache is closed
     */
    public void put(K key, V value, EntryOptions options) {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(options, "options");
        requireOpen();
        writing.put(key, value, options);
    }

    /**
     * Stores a value if the remote level still has the version that {@link #peek} told, atomically among all processes:
     * of writers that saw the same version, one wins. With a {@linkplain CacheBuilder#writer writer}, the winner writes
     * to the source.
     *
     * @param key the key
     * @param version the version that must be there; 0: no value at all
     * @param value the value
     * @return whether it was written; false if there is another version, or none
     * @throws CacheWriteException if the writer threw a checked exception; unchecked ones pass through
     * @throws RuntimeException whatever the remote level threw; then it is not known whether the value was stored
     * @throws IllegalArgumentException if the version is negative, or the remote level cannot hold the value
     * @throws IllegalStateException if the cache is closed, or has no remote level
     */
    public boolean replaceIfVersion(K key, long version, V value) {
        Objects.requireNonNull(value, "value");
        if (version < 0) {
            throw new IllegalArgumentException(
                    "version must be in range: version=" + version + " (expected: 0 for none, or what peek told)");
        }
        requireOpen();
        return writing.replace(key, version, value, options);
    }

    /**
     * Removes a value; with a {@linkplain CacheBuilder#writer writer}, from the source first. Without one it is
     * {@link #invalidate}.
     *
     * @param key the key
     * @throws CacheWriteException if the writer threw a checked exception; unchecked ones pass through
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw
     * @throws IllegalStateException if the cache is closed
     */
    public void remove(K key) {
        requireOpen();
        writing.remove(key);
    }

    /**
     * Begins a write to the source that the cache cannot make itself. Until it is closed, for {@link
     * CacheBuilder#writeTimeout} at most, no process keeps a value of the key: neither a crash nor a slow reader between
     * the commit and its end leaves an old one behind.
     *
     * @param key the key
     * @return the write, to be closed after the commit
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw; nothing should be written
     * @throws IllegalStateException if the cache is closed
     */
    public WriteIntent<K, V> beginWrite(K key) {
        requireOpen();
        return writing.begin(key);
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
        requireOpen();
        writing.invalidate(List.of(key));
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
        requireOpen();
        writing.invalidate(List.copyOf(BulkReads.inOrder(keys).keySet()));
    }

    /**
     * Drops all entries of a {@linkplain EntryOptions#tags tag} from both levels, in all processes, in one step whatever
     * their number; loads that run now will not be kept under it. In the remote level the entries remain, and are nobody's,
     * until they are loaded again or expire.
     *
     * @param tag the tag
     * @throws IllegalArgumentException if the tag is empty or too long
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw. Then the local level
     *     has forgotten the entries, and whether the remote level has is not known
     * @throws IllegalStateException if the cache is closed
     */
    public void invalidateTag(String tag) {
        EntryOptions.requireTag(tag);
        requireOpen();
        writing.invalidateTag(tag);
    }

    /**
     * Drops all keys of this cache from both levels, in all processes, in one step whatever their number; loads that run
     * now will not be kept anywhere. It is the invalidation of a tag that every entry has.
     *
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw
     * @throws IllegalStateException if the cache is closed
     */
    public void clear() {
        requireOpen();
        writing.invalidateTag(Tags.ALL);
    }

    /**
     * Returns the same cache for callers that do not wait.
     *
     * @return the asynchronous view, which lives as long as this
     */
    public AsyncCache<K, V> async() {
        return async;
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("cache " + name + " is closed");
        }
    }

    /**
     * Returns counts since creation and states now. Cheap enough to read at every scrape.
     *
     * @return the statistics
     */
    public CacheStats stats() {
        return new CacheStats(
                name,
                counters.localHits.sum(),
                counters.remoteHits.sum(),
                counters.misses.sum(),
                counters.loads.sum(),
                counters.loadFailures.sum(),
                counters.refreshes.sum(),
                counters.writes.sum(),
                counters.writeFailures.sum(),
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
     * Ends the cache's threads and its use of the remote store, and forgets all values. Calls that run now end
     * as they would have. Idempotent, bounded by the store's timeouts. Invalidations that are still pending are lost.
     */
    @Override
    public void close() {
        closed = true;
        workers.close();
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
}
