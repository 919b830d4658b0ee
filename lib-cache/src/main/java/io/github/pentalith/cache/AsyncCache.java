// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A {@link TieredCache} for callers that do not wait: the same verbs, the same promises, the same flights and leases.
 *
 * <p>A value that the local level has comes as a completed future. Calls that are made at the same time go to the remote
 * level together, as one pipeline, on one thread of the cache's executor; beside that only loads and writes occupy a
 * thread, because they run user code, and bulk loads.
 *
 * <p><b>Cancellation.</b> A call that is cancelled before it began is dropped; what runs goes on for others and the cache,
 * and only this caller's future is cancelled.
 *
 * <p><b>Failure.</b> As of the verbs of {@code TieredCache}: exceptions complete the future, a load's own unchanged. What
 * depends on a future without an executor of its own may run on the cache's threads and must not block them.
 *
 * <pre>{@code
 * CompletableFuture<User> user = users.async().get(42L);
 * }</pre>
 *
 * <p>Thread-safe.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class AsyncCache<K, V> {
    private final TieredCache<K, V> cache;
    private final @Nullable CacheLoader<? super K, V> loader;
    private final Workers workers;
    private final AsyncReads<K, V> reads;
    private final Combiner<Dropped<K>> drops;

    AsyncCache(
            TieredCache<K, V> cache,
            Loading<K, V> loading,
            @Nullable CacheLoader<? super K, V> loader,
            Workers workers) {
        this.cache = cache;
        this.loader = loader;
        this.workers = workers;
        this.reads = new AsyncReads<>(loading, workers);
        this.drops = new Combiner<>(
                workers, this::drop, (dropped, e) -> dropped.forEach(each -> each.result.completeExceptionally(e)));
    }

    private record Dropped<K>(Set<K> keys, CompletableFuture<@Nullable Void> result) {}

    /**
     * Returns the value of a key; if no level has it, loads it with the cache's loader, if there is one.
     *
     * @param key the key
     * @return the value, or null if there is none
     */
    public CompletableFuture<@Nullable V> get(K key) {
        return find(key, loader);
    }

    /**
     * Returns the value of a key, loading it if no level has it.
     *
     * @param key the key
     * @param loader the loader, instead of the cache's
     * @return the value, or null if there is none
     */
    public CompletableFuture<@Nullable V> get(K key, CacheLoader<? super K, V> loader) {
        return find(key, Objects.requireNonNull(loader, "loader"));
    }

    private CompletableFuture<@Nullable V> find(K key, @Nullable CacheLoader<? super K, V> by) {
        Entry<V> entry = cache.held(key);
        if (entry != null) {
            return CompletableFuture.completedFuture(entry.value);
        }
        try {
            cache.requireOpen();
        } catch (IllegalStateException e) {
            return CompletableFuture.failedFuture(e);
        }
        return reads.get(key, by);
    }

    /**
     * Returns the values of many keys: one trip to the remote level, one bulk load.
     *
     * @param keys the keys; duplicates are asked for once
     * @return a new map of those that have a value, in the order of the keys
     */
    public CompletableFuture<Map<K, V>> getAll(Iterable<? extends K> keys) {
        List<K> wanted = copied(keys);
        return run(() -> cache.getAll(wanted));
    }

    /**
     * Returns the values of many keys, loading those that no level has with one call of {@link CacheLoader#loadAll}.
     *
     * @param keys the keys; duplicates are asked for once
     * @param loader the loader, instead of the cache's
     * @return a new map of those that have a value, in the order of the keys
     */
    public CompletableFuture<Map<K, V>> getAll(Iterable<? extends K> keys, CacheLoader<? super K, V> loader) {
        Objects.requireNonNull(loader, "loader");
        List<K> wanted = copied(keys);
        return run(() -> cache.getAll(wanted, loader));
    }

    /**
     * Stores a value; see {@link TieredCache#put(Object, Object)}.
     *
     * @param key the key
     * @param value the value
     * @return done when it is stored, and written if there is a writer
     */
    public CompletableFuture<@Nullable Void> put(K key, V value) {
        Objects.requireNonNull(value, "value");
        return done(() -> cache.put(key, value));
    }

    /**
     * Stores a value with options of its own; see {@link TieredCache#put(Object, Object, EntryOptions)}.
     *
     * @param key the key
     * @param value the value
     * @param options the options
     * @return done when it is stored, and written if there is a writer
     */
    public CompletableFuture<@Nullable Void> put(K key, V value, EntryOptions options) {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(options, "options");
        return done(() -> cache.put(key, value, options));
    }

    /**
     * Stores a value if the remote level has a version; see {@link TieredCache#replaceIfVersion}.
     *
     * @param key the key
     * @param version the version that must be there; 0: no value at all
     * @param value the value
     * @return whether it was written
     */
    public CompletableFuture<Boolean> replaceIfVersion(K key, long version, V value) {
        Objects.requireNonNull(value, "value");
        return run(() -> cache.replaceIfVersion(key, version, value));
    }

    /**
     * Removes a value; see {@link TieredCache#remove}.
     *
     * @param key the key
     * @return done when it is removed
     */
    public CompletableFuture<@Nullable Void> remove(K key) {
        return done(() -> cache.remove(key));
    }

    /**
     * Drops a key from both levels, in all processes; see {@link TieredCache#invalidate}.
     *
     * @param key the key
     * @return done when it is dropped
     */
    public CompletableFuture<@Nullable Void> invalidate(K key) {
        return invalidateAll(List.of(key));
    }

    /**
     * Drops keys from both levels, in all processes; see {@link TieredCache#invalidateAll}.
     *
     * @param keys the keys
     * @return done when they are dropped
     */
    public CompletableFuture<@Nullable Void> invalidateAll(Iterable<? extends K> keys) {
        CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
        drops.add(new Dropped<>(new LinkedHashSet<>(copied(keys)), result));
        return result;
    }

    /**
     * Drops all entries of a tag; see {@link TieredCache#invalidateTag}.
     *
     * @param tag the tag
     * @return done when they are dropped
     */
    public CompletableFuture<@Nullable Void> invalidateTag(String tag) {
        return done(() -> cache.invalidateTag(tag));
    }

    /** All in one trip. */
    private void drop(List<Dropped<K>> dropped) {
        Set<K> keys = new LinkedHashSet<>();
        dropped.forEach(each -> keys.addAll(each.result.isDone() ? Set.of() : each.keys));
        try {
            cache.invalidateAll(keys);
            dropped.forEach(each -> each.result.complete(null));
        } catch (RuntimeException e) {
            dropped.forEach(each -> each.result.completeExceptionally(e));
        }
    }

    private static <K> List<K> copied(Iterable<? extends K> keys) {
        List<K> copy = new ArrayList<>();
        for (K key : keys) {
            copy.add(Objects.requireNonNull(key, "key"));
        }
        return copy;
    }

    private CompletableFuture<@Nullable Void> done(Runnable work) {
        return run(() -> {
            work.run();
            return null;
        });
    }

    private <T extends @Nullable Object> CompletableFuture<T> run(Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            workers.execute(() -> {
                if (result.isDone()) {
                    return; // cancelled before it began
                }
                try {
                    result.complete(work.get());
                } catch (RuntimeException | Error e) {
                    result.completeExceptionally(e);
                }
            });
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        }
        return result;
    }

    @Override
    public String toString() {
        return "AsyncCache of " + cache;
    }
}
