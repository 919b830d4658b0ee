// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.cache.TieredCache.RemoteState;
import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.testkit.RealRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Caches that share a real Redis and a source of truth. What it opened ends with it, and leaves no thread. */
final class Nodes implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final boolean LONG = "long".equals(System.getProperty("pentalith.tests"));

    final RealRedis redis;
    final Map<String, String> source = new ConcurrentHashMap<>();
    final AtomicInteger loads = new AtomicInteger();
    final Stops stops = new Stops();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<TieredCache<?, ?>> open = new ArrayList<>();

    Nodes() {
        this(RealRedis.launch());
    }

    Nodes(RealRedis redis) {
        this.redis = redis;
    }

    /** A node of a name, whose calls to Redis and whose loads can be stopped; a timeout for a busy machine. */
    CacheBuilder<String, String> settings(String node) {
        return settings(node, redis.uri().toString(), Duration.ofSeconds(10));
    }

    CacheBuilder<String, String> settings(String node, String uri, Duration timeout) {
        return settings(node, RedisStore.builder(uri).timeout(timeout).build());
    }

    CacheBuilder<String, String> settings(String node, RemoteStore store) {
        return TieredCache.builder("users", String.class, String.class)
                .remote(stops.in(node, store))
                .entry(EntryOptions.of(Duration.ofMinutes(10)))
                .loader(key -> load(node, key));
    }

    private String load(String node, String key) {
        String value = source.get(key);
        loads.incrementAndGet();
        stops.pass(node + " loading");
        return value;
    }

    TieredCache<String, String> open(CacheBuilder<String, String> settings) {
        TieredCache<String, String> cache = settings.build();
        open.add(cache);
        return cache;
    }

    TieredCache<String, String> live(CacheBuilder<String, String> settings) {
        TieredCache<String, String> cache = open(settings);
        awaitLive(cache);
        return cache;
    }

    TieredCache<String, String> live(String node) {
        return live(settings(node));
    }

    static void awaitLive(TieredCache<?, ?> cache) {
        await().atMost(PATIENCE).until(() -> cache.stats().remoteState() == RemoteState.LIVE);
    }

    static boolean holds(TieredCache<String, String> cache, String key, String value) {
        Lookup<String> lookup = cache.peek(key);
        return lookup.source() == Lookup.Source.LOCAL && value.equals(lookup.value());
    }

    static void awaitHeld(TieredCache<String, String> cache, String key, String value) {
        soon(() -> holds(cache, key, value));
    }

    /** Reads until the local level has it: the echo of the own fill may remove it once. */
    static void awaitHeldAfterGet(TieredCache<String, String> cache, String key, String value) {
        soon(() -> value.equals(cache.get(key)) && holds(cache, key, value));
    }

    /** Waits until the feed of a cache has told of something more than it had. */
    static void awaitHeard(TieredCache<?, ?> cache, long before) {
        soon(() -> cache.stats().invalidationsReceived() > before);
    }

    /** Waits for what is a matter of microseconds, usually. */
    static void soon(Callable<Boolean> condition) {
        await().pollInterval(Duration.ofMillis(1))
                .pollDelay(Duration.ZERO)
                .atMost(PATIENCE)
                .until(condition);
    }

    static void pass(Duration time) {
        long begin = System.nanoTime();
        soon(() -> System.nanoTime() - begin > time.toNanos());
    }

    <T> Future<T> start(Callable<T> work) {
        return threads.submit(work);
    }

    /** The keys k0 to k(n-1), all with one value. */
    static Map<String, String> keys(int n, String value) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (int i = 0; i < n; i++) {
            keys.put("k" + i, value);
        }
        return keys;
    }

    @Override
    public void close() {
        open.forEach(TieredCache::close);
        threads.shutdownNow();
        redis.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .as("threads after close")
                .noneMatch(thread -> thread.getName().startsWith("pentalith-cache") && thread.isAlive());
    }
}
