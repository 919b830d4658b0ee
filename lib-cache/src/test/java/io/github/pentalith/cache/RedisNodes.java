// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.testkit.RealRedis;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests on {@link Nodes} that remember absent keys, with short names for what they use most. */
abstract class RedisNodes {
    static final Duration PATIENCE = Nodes.PATIENCE;

    Nodes nodes;
    RealRedis redis;
    Map<String, String> source;
    AtomicInteger loads;
    ExecutorService threads;

    @BeforeEach
    void launch() {
        nodes = new Nodes();
        redis = nodes.redis;
        source = nodes.source;
        loads = nodes.loads;
        threads = nodes.threads;
    }

    @AfterEach
    void close() {
        nodes.close();
    }

    /** With a generous timeout, because this machine may be busy. */
    RedisStore store() {
        return store(Duration.ofSeconds(10));
    }

    /** For tests in which Redis does not answer; a busy machine may make it a fault more. */
    RedisStore hasty() {
        return store(Duration.ofMillis(300));
    }

    private RedisStore store(Duration timeout) {
        return RedisStore.builder(redis.uri().toString()).timeout(timeout).build();
    }

    CacheBuilder<String, String> settings() {
        return settings(store());
    }

    CacheBuilder<String, String> settings(RedisStore store) {
        return nodes.settings("node", store)
                .entry(EntryOptions.of(Duration.ofMinutes(10)).negativeTtl(Duration.ofMinutes(1)));
    }

    TieredCache<String, String> node(CacheBuilder<String, String> settings) {
        return nodes.open(settings);
    }

    TieredCache<String, String> liveNode(CacheBuilder<String, String> settings) {
        return nodes.live(settings);
    }

    TieredCache<String, String> liveNode() {
        return liveNode(settings());
    }

    static void awaitLive(TieredCache<?, ?> cache) {
        Nodes.awaitLive(cache);
    }

    static void awaitHeld(TieredCache<String, String> cache, String key, String value) {
        Nodes.awaitHeld(cache, key, value);
    }

    static void awaitHeldBy(TieredCache<String, String> cache, String key, String value) {
        Nodes.awaitHeldAfterGet(cache, key, value);
    }
}
