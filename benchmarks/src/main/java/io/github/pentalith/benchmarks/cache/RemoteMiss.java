// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.cache;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.testkit.RealRedis;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.openjdk.jmh.annotations.Param;
import redis.clients.jedis.RedisClient;

/** Asking Redis for what is not there, and getting the lease to fill it; Jedis only looks, at what is there. */
@Question(
        library = "cache",
        id = "remote-miss",
        title = "A miss that takes a lease",
        floor = "jedis",
        threads = 1,
        waits = true)
public class RemoteMiss extends AskRedis {
    private static final Duration LEASE = Duration.ofSeconds(1);

    @Param({"pentalith", "jedis"})
    public String subject;

    @Override
    IntFunction<Object> start(RealRedis redis) throws InterruptedException {
        switch (subject) {
            case "pentalith" -> {
                RedisStore store = RemoteGet.subscribed(redis.uri().toString());
                AtomicLong next = new AtomicLong();
                return unused -> {
                    byte[] key = RemoteGet.bytes("link:" + next.incrementAndGet());
                    if (store.fetch(List.of(key), LEASE).get(0).lease() == 0) {
                        throw new IllegalStateException("a lease was promised");
                    }
                    return key;
                };
            }
            case "jedis" -> {
                RedisClient jedis = RedisClient.create(redis.uri().toString());
                for (int i = 0; i < ROUND; i++) {
                    jedis.set("link:" + i, "v".repeat(100));
                }
                return i -> jedis.get("link:" + i);
            }
            default -> throw new IllegalArgumentException(subject);
        }
    }
}
