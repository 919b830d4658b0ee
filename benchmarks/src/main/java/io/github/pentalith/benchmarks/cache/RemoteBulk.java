// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.cache;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.cache.TieredCache;
import io.github.pentalith.testkit.RealRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.openjdk.jmh.annotations.Param;
import redis.clients.jedis.RedisClient;

/** 100 values of which this process holds 50; Jedis asks for the other 50 only, with one MGET. */
@Question(
        library = "cache",
        id = "remote-bulk",
        title = "100 values, 50 of them held",
        floor = "jedis",
        threads = 1,
        waits = true)
public class RemoteBulk extends AskRedis {
    private static final int HALF = 50;
    private static final int REST = 256; // times 50 keys: none stays in a local level of 150

    @Param({"pentalith", "jedis"})
    public String subject;

    @Override
    IntFunction<Object> start(RealRedis redis) throws InterruptedException {
        String value = "v".repeat(100);
        switch (subject) {
            case "pentalith" -> {
                TieredCache<String, String> cache = RemoteGet.cache(redis, 150);
                List<List<String>> bulks = bulks(true);
                bulks.forEach(bulk -> bulk.forEach(key -> cache.put(key, value)));
                return i -> cache.getAll(bulks.get(i % REST), key -> null);
            }
            case "jedis" -> {
                RedisClient jedis = RedisClient.create(redis.uri().toString());
                List<String[]> bulks = bulks(false).stream()
                        .map(bulk -> bulk.toArray(String[]::new))
                        .toList();
                bulks.forEach(bulk -> List.of(bulk).forEach(key -> jedis.set(key, value)));
                return i -> jedis.mget(bulks.get(i % REST));
            }
            default -> throw new IllegalArgumentException(subject);
        }
    }

    private static List<List<String>> bulks(boolean withHeld) {
        List<List<String>> bulks = new ArrayList<>();
        for (int bulk = 0; bulk < REST; bulk++) {
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < HALF; i++) {
                keys.add("link:" + bulk + ":" + i);
                if (withHeld) {
                    keys.add("held:" + i);
                }
            }
            bulks.add(keys);
        }
        return bulks;
    }
}
