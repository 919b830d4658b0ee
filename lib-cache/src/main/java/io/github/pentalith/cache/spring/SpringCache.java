// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.spring;

import io.github.pentalith.cache.CacheLoader;
import io.github.pentalith.cache.Lookup;
import io.github.pentalith.cache.TieredCache;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.support.AbstractValueAdaptingCache;
import org.springframework.cache.support.NullValue;

/** One cache as Spring sees it. Null is a value to Spring and a negative entry to us. */
final class SpringCache extends AbstractValueAdaptingCache {
    private final TieredCache<Object, Object> cache;
    private final Executor executor;

    @SuppressWarnings("unchecked") // the types are the application's promise; codecs check them
    SpringCache(TieredCache<?, ?> cache, Executor executor) {
        super(true);
        this.cache = (TieredCache<Object, Object>) cache;
        this.executor = executor;
    }

    /** What a method or a loader threw, on its way through the cache. */
    private static final class MethodFailed extends RuntimeException {
        private static final long serialVersionUID = 1;

        MethodFailed(Throwable cause) {
            super(null, cause, false, false);
        }
    }

    @Override
    public String getName() {
        return cache.name();
    }

    @Override
    public TieredCache<Object, Object> getNativeCache() {
        return cache;
    }

    /** A miss and a negative entry are both null to {@code get}; {@code peek} can tell them apart. */
    @Override
    protected @Nullable Object lookup(Object key) {
        Object value = cache.get(key);
        if (value != null) {
            return value;
        }
        Lookup<Object> found = cache.peek(key);
        if (!found.known() || found.stale()) {
            return null;
        }
        return found.value() == null ? NullValue.INSTANCE : found.value();
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> @Nullable T get(Object key, Callable<T> valueLoader) {
        try {
            return (T) load(key, same -> called(valueLoader));
        } catch (MethodFailed e) {
            throw new ValueRetrievalException(key, valueLoader, Objects.requireNonNull(e.getCause()));
        }
    }

    private @Nullable Object load(Object key, CacheLoader<Object, Object> loader) {
        return cache.get(key, loader);
    }

    private static @Nullable Object called(Callable<?> loader) {
        try {
            return loader.call();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MethodFailed(e);
        } catch (Exception e) {
            throw new MethodFailed(e);
        }
    }

    @Override
    public CompletableFuture<?> retrieve(Object key) {
        return CompletableFuture.supplyAsync(() -> get(key), executor); // null: there was none after all
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> CompletableFuture<T> retrieve(Object key, Supplier<CompletableFuture<T>> valueLoader) {
        CompletableFuture<T> result = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                result.complete((T) load(key, same -> awaited(valueLoader)));
            } catch (MethodFailed e) {
                result.completeExceptionally(e.getCause());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private static @Nullable Object awaited(Supplier<? extends CompletableFuture<?>> loader) {
        try {
            return loader.get().join();
        } catch (CompletionException e) {
            throw new MethodFailed(e.getCause() == null ? e : e.getCause());
        } catch (RuntimeException e) {
            throw new MethodFailed(e);
        }
    }

    @Override
    public void put(Object key, @Nullable Object value) {
        if (value == null) {
            cache.invalidate(key);
            Object unused = load(key, same -> null);
        } else {
            cache.put(key, value);
        }
    }

    /** One load that brings the value, so that of many callers in all processes one wins. */
    @Override
    public @Nullable ValueWrapper putIfAbsent(Object key, @Nullable Object value) {
        boolean[] absent = {false};
        Object held = load(key, same -> {
            absent[0] = true;
            return value;
        });
        return absent[0] ? null : toValueWrapper(toStoreValue(held));
    }

    @Override
    public void evict(Object key) {
        cache.invalidate(key);
    }

    @Override
    public boolean evictIfPresent(Object key) {
        boolean present = cache.peek(key).known();
        cache.invalidate(key);
        return present;
    }

    @Override
    public void clear() {
        cache.clear();
    }

    @Override
    public String toString() {
        return cache.toString();
    }
}
