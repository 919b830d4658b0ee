// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.cache;

import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.testkit.RealRedis;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import redis.clients.jedis.RedisClient;

/** Asking Redis for what is not there, and getting the lease to fill it; Jedis only looks, at what is there. */
@State(Scope.Benchmark)
@Question(
        library = "cache",
        id = "remote-miss",
        title = "A miss that takes a lease",
        floor = "jedis",
        threads = 1,
        waits = true)
public class RemoteMiss {
    private static final int KEYS = 1_024;
    private static final Duration LEASE = Duration.ofSeconds(1);

    @Param({"pentalith", "jedis"})
    public String subject;

    private RealRedis redis;
    private IntFunction<Object> ask;

    @Setup
    public void setUp() throws InterruptedException {
        redis = RealRedis.launch();
        switch (subject) {
            case "pentalith" -> {
                RedisStore store = RemoteGet.subscribed(redis.uri().toString());
                AtomicLong next = new AtomicLong();
                ask = unused -> {
                    byte[] key = RemoteGet.bytes("link:" + next.incrementAndGet());
                    if (store.fetch(List.of(key), LEASE).get(0).lease() == 0) {
                        throw new IllegalStateException("a lease was promised");
                    }
                    return key;
                };
            }
            case "jedis" -> {
                RedisClient jedis = RedisClient.create(redis.uri().toString());
                for (int i = 0; i < KEYS; i++) {
                    jedis.set("link:" + i, "v".repeat(100));
                }
                ask = i -> jedis.get("link:" + i);
            }
            default -> throw new IllegalArgumentException(subject);
        }
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        redis.close();
    }

    @Benchmark
    public Object miss(Cursor cursor) {
        return ask.apply(cursor.next(KEYS));
    }
}
