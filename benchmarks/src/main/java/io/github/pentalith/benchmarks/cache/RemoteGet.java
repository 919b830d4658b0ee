// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.cache;

import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.cache.RemoteStore;
import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.testkit.RealRedis;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import redis.clients.jedis.RedisClient;

/** Reading 100 bytes from a Redis on the same machine, one caller at a time. */
@State(Scope.Benchmark)
@Question(library = "cache", id = "remote-get", title = "A read from Redis", floor = "jedis", threads = 1, waits = true)
public class RemoteGet {
    @Param({"pentalith", "jedis"})
    public String subject;

    private final String[] keys = new String[1_024];
    private RealRedis redis;
    private Function<String, Object> get;

    @Setup
    public void setUp() throws InterruptedException {
        redis = RealRedis.launch();
        RedisClient jedis = RedisClient.create(redis.uri().toString());
        RedisStore store = subscribed(redis.uri().toString());
        String value = "v".repeat(100);
        for (int i = 0; i < keys.length; i++) {
            keys[i] = "link:" + Integer.toString(i * 7_919, 36);
            if (subject.equals("pentalith")) {
                store.write(bytes(keys[i]), RemoteStore.ANY_VERSION, bytes(value), Duration.ofHours(1), Duration.ZERO);
            } else {
                jedis.setex(keys[i], 3_600, value);
            }
        }
        get = switch (subject) {
            case "pentalith" ->
                key -> store.fetch(List.of(bytes(key)), Duration.ofSeconds(1)).get(0);
            case "jedis" -> jedis::get; // pooled, as it is shared by threads
            default -> throw new IllegalArgumentException(subject);
        };
    }

    /** A store answers while somebody is subscribed, as a cache on it always is. */
    private static RedisStore subscribed(String uri) throws InterruptedException {
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
        if (!live.await(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the feed did not come to life");
        }
        return store;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        redis.close();
    }

    @Benchmark
    public Object get(Cursor cursor) {
        return get.apply(keys[cursor.next(keys.length)]);
    }
}
