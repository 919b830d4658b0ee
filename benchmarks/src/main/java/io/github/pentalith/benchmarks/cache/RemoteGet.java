// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.cache;

import com.alicp.jetcache.Cache;
import com.alicp.jetcache.redis.RedisCacheBuilder;
import com.alicp.jetcache.support.Fastjson2KeyConvertor;
import com.alicp.jetcache.support.Kryo5ValueDecoder;
import com.alicp.jetcache.support.Kryo5ValueEncoder;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.cache.CacheLoader;
import io.github.pentalith.cache.EntryOptions;
import io.github.pentalith.cache.RemoteStore;
import io.github.pentalith.cache.TieredCache;
import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.testkit.RealRedis;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Param;
import redis.clients.jedis.RedisClient;

/**
 * Reading 100 bytes from a Redis on the same machine: the store alone, and the whole cache without a local level, with its
 * pipeline, flights and codecs.
 */
@Question(
        library = "cache",
        id = "remote-get",
        title = "A read from Redis",
        floor = "jedis",
        threads = {1, 8},
        waits = true)
public class RemoteGet extends AskRedis {
    @Param({"pentalith", "pentalith-cache", "jedis", "jetcache"})
    public String subject;

    private static final Duration TTL = Duration.ofHours(1);

    @Override
    IntFunction<Object> start(RealRedis redis) throws InterruptedException {
        String[] keys = IntStream.range(0, ROUND)
                .mapToObj(i -> "link:" + Integer.toString(i * 7_919, 36))
                .toArray(String[]::new);
        Function<String, Object> get = reader(subject, redis, keys, "v".repeat(100));
        return i -> get.apply(keys[i]);
    }

    /** Writes the keys, and reads them as the subject does. */
    public static Function<String, Object> reader(String subject, RealRedis redis, String[] keys, String value)
            throws InterruptedException {
        switch (subject) {
            case "pentalith" -> {
                RedisStore store = subscribed(redis.uri().toString());
                for (String key : keys) {
                    store.write(bytes(key), RemoteStore.ANY_VERSION, bytes(value), TTL, Duration.ZERO);
                }
                return key ->
                        store.fetch(List.of(bytes(key)), Duration.ofSeconds(1)).get(0);
            }
            case "pentalith-cache" -> {
                TieredCache<String, String> cache = cache(redis, 0);
                for (String key : keys) {
                    cache.put(key, value);
                }
                CacheLoader<String, String> none = key -> null;
                return key -> cache.get(key, none);
            }
            case "jedis" -> { // pooled, as it is shared by threads
                RedisClient jedis = RedisClient.create(redis.uri().toString());
                for (String key : keys) {
                    jedis.setex(key, TTL.toSeconds(), value);
                }
                return jedis::get;
            }
            case "jetcache" -> {
                Cache<String, String> cache = jetcache(redis.uri().toString());
                for (String key : keys) {
                    cache.put(key, value);
                }
                return cache::get;
            }
            default -> throw new IllegalArgumentException(subject);
        }
    }

    /** On the same pooled Jedis; Fastjson2 for keys, as in its documentation, and Kryo, its fastest, for values. */
    private static Cache<String, String> jetcache(String uri) {
        return RedisCacheBuilder.createRedisCacheBuilder()
                .keyConvertor(Fastjson2KeyConvertor.INSTANCE)
                .valueEncoder(Kryo5ValueEncoder.INSTANCE)
                .valueDecoder(Kryo5ValueDecoder.INSTANCE)
                .jedis(RedisClient.create(uri))
                .keyPrefix("bench:")
                .expireAfterWrite(TTL.toMinutes(), TimeUnit.MINUTES)
                .buildCache();
    }

    /** A cache of strings whose feed is live. */
    static TieredCache<String, String> cache(RealRedis redis, int maximumSize) throws InterruptedException {
        CountDownLatch live = new CountDownLatch(1);
        TieredCache<String, String> cache = TieredCache.builder("bench", String.class, String.class)
                .maximumSize(maximumSize)
                .remote(RedisStore.of(redis.uri().toString()))
                .entry(EntryOptions.of(TTL))
                .observer(new TieredCache.Observer() {
                    @Override
                    public void onRemoteState(String name, TieredCache.RemoteState state) {
                        live.countDown();
                    }
                })
                .build();
        await(live);
        return cache;
    }

    private static void await(CountDownLatch live) throws InterruptedException {
        if (!live.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the feed did not come to life");
        }
    }

    /** A store answers while somebody is subscribed, as a cache on it always is. */
    static RedisStore subscribed(String uri) throws InterruptedException {
        RedisStore store = RedisStore.of(uri);
        CountDownLatch live = new CountDownLatch(1);
        store.subscribe(bytes("link:"), new RemoteStore.Feed() {
            @Override
            public long now() {
                return System.nanoTime();
            }

            @Override
            public void live() {
                live.countDown();
            }

            @Override
            public void changed(byte[] key) {}

            @Override
            public void flushed() {}

            @Override
            public void verified(long asOf) {}

            @Override
            public void lost(Exception cause) {}
        });
        await(live);
        return store;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
