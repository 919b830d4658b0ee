// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.spring;

import io.github.pentalith.cache.TieredCache;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;

/**
 * Tiered caches for Spring's {@code @Cacheable}, {@code @CachePut} and {@code @CacheEvict}, each under its own name.
 *
 * <p>Thread-safe. A look-up adds one map access to what {@link TieredCache} does.
 *
 * <p><b>Use {@code @Cacheable(sync = true)}.</b> Spring then hands the method to the cache, which calls it once per key
 * over all processes and keeps no result that an eviction overtook. Without {@code sync}, Spring looks up, calls the
 * method and puts the result by itself: no cache can tell that put from a newer one, so a value that was read before an
 * eviction may be put after it and stays until its TTL.
 *
 * <p><b>Null.</b> A method that returns null makes an entry as long as the cache's {@code negativeTtl}; where that is
 * zero, nothing is remembered and the method is called again.
 *
 * <p><b>Failure.</b> What a method throws reaches its callers as without a cache, those too who waited for the same
 * call. Trouble of the remote level reaches nobody who reads; with {@code strictWrites} it reaches {@code @CachePut} and
 * {@code @CacheEvict}.
 *
 * <p>A cache with a loader of its own is read through: the loader is asked before the method is.
 *
 * <pre>{@code
 * @Bean
 * SpringCaches cacheManager(TieredCache<Long, User> users) {
 *     return SpringCaches.of(users);
 * }
 *
 * @Cacheable(cacheNames = "users", sync = true)
 * public User find(Long id) { ... }
 * }</pre>
 *
 * <p>Behaves as {@link org.springframework.cache.support.AbstractValueAdaptingCache} says.
 */
public final class SpringCaches implements CacheManager, AutoCloseable {
    private final Map<String, SpringCache> caches = new LinkedHashMap<>();

    private SpringCaches(Executor executor, TieredCache<?, ?>... caches) {
        Objects.requireNonNull(executor, "executor");
        for (TieredCache<?, ?> cache : caches) {
            if (this.caches.putIfAbsent(cache.name(), new SpringCache(cache, executor)) != null) {
                throw new IllegalArgumentException(
                        "names of caches must differ: name=" + cache.name() + " (expected: each once)");
            }
        }
    }

    /**
     * Returns a manager of these caches. Methods that return futures are waited for on the common pool.
     *
     * @param caches the caches, whose names differ; they are closed with the manager
     * @return a manager
     * @throws IllegalArgumentException if two have one name
     */
    public static SpringCaches of(TieredCache<?, ?>... caches) {
        return new SpringCaches(ForkJoinPool.commonPool(), caches);
    }

    /**
     * Returns a manager of these caches that does on an executor what Spring wants done asynchronously.
     *
     * @param executor runs look-ups, and calls and awaits methods, for methods that return a future or a publisher; one
     *     that makes a thread per task is right, best a virtual one
     * @param caches the caches, whose names differ; they are closed with the manager, the executor is not
     * @return a manager
     * @throws IllegalArgumentException if two have one name
     */
    public static SpringCaches of(Executor executor, TieredCache<?, ?>... caches) {
        return new SpringCaches(executor, caches);
    }

    /**
     * Returns a cache.
     *
     * @param name its name
     * @return the cache, or null if there is none of this name
     */
    @Override
    public @Nullable Cache getCache(String name) {
        return caches.get(name);
    }

    /**
     * Returns the names of the caches.
     *
     * @return the names, unmodifiable
     */
    @Override
    public Collection<String> getCacheNames() {
        return Collections.unmodifiableSet(caches.keySet());
    }

    /** Closes the caches. Idempotent. */
    @Override
    public void close() {
        caches.values().forEach(cache -> cache.getNativeCache().close());
    }

    /** Returns the names of the caches. */
    @Override
    public String toString() {
        return "SpringCaches" + caches.keySet();
    }
}
