// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.cache.TieredCache.RemoteState;
import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.testkit.RealRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A real Redis, a source of truth, and as many caches on them as a test wants. */
abstract class RedisNodes {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    final List<TieredCache<?, ?>> open = new ArrayList<>();
    final ExecutorService threads = Executors.newCachedThreadPool();
    final Map<String, String> source = new ConcurrentHashMap<>();
    final AtomicInteger loads = new AtomicInteger();
    RealRedis redis;

    @BeforeEach
    void launch() {
        redis = RealRedis.launch();
    }

    @AfterEach
    void close() {
        open.forEach(TieredCache::close);
        threads.shutdownNow();
        redis.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .as("threads after close")
                .noneMatch(thread -> thread.getName().startsWith("pentalith-cache") && thread.isAlive());
    }

    /** A generous timeout, because this machine may be busy; the tests of the timeout set their own. */
    RedisStore store() {
        return RedisStore.builder(redis.uri().toString())
                .timeout(Duration.ofSeconds(5))
                .build();
    }

    CacheBuilder<String, String> settings() {
        return TieredCache.builder("users", String.class, String.class)
                .remote(store())
                .entry(EntryOptions.of(Duration.ofMinutes(10)).negativeTtl(Duration.ofMinutes(1)))
                .loader(this::load);
    }

    String load(String key) {
        loads.incrementAndGet();
        return source.get(key);
    }

    TieredCache<String, String> node(CacheBuilder<String, String> settings) {
        TieredCache<String, String> cache = settings.build();
        open.add(cache);
        return cache;
    }

    TieredCache<String, String> liveNode() {
        TieredCache<String, String> cache = node(settings());
        awaitLive(cache);
        return cache;
    }

    static void awaitLive(TieredCache<?, ?> cache) {
        await().atMost(PATIENCE).until(() -> cache.stats().remoteState() == RemoteState.LIVE);
    }

    /** Reads until the key is in the local level: the echo of the fill may remove it once. */
    static void awaitHeld(TieredCache<String, String> cache, String key, String value) {
        await().atMost(PATIENCE).until(() -> {
            Lookup<String> lookup = cache.peek(key);
            return lookup.source() == Lookup.Source.LOCAL && value.equals(lookup.value());
        });
    }

    static void awaitHeldBy(TieredCache<String, String> cache, String key, String value) {
        String unused = cache.get(key);
        awaitHeld(cache, key, value);
    }

    static boolean longForm() {
        return "long".equals(System.getProperty("pentalith.tests"));
    }

    /** On the first node a load reads the old value; then the source changes, {@code between} runs, and the load ends. */
    void overlapped(TieredCache<String, String> node, String key, Runnable between) throws Exception {
        source.put(key, "old");
        CountDownLatch read = new CountDownLatch(1);
        CountDownLatch proceed = new CountDownLatch(1);
        Future<String> slow = threads.submit(() -> node.get(key, k -> {
            String old = source.get(k);
            read.countDown();
            proceed.await();
            return old;
        }));
        read.await();
        source.put(key, "new");
        between.run();
        proceed.countDown();
        assertThat(slow.get()).isEqualTo("old");
    }
}
