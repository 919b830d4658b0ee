// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.heavy;

import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.benchmarks.cache.RemoteGet;
import io.github.pentalith.testkit.RealRedis;
import java.util.function.Function;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Reading 100 bytes from a server on the same machine, one caller at a time; Hazelcast asks a member of its own. */
@State(Scope.Benchmark)
@Question(
        library = "heavy",
        id = "heavy-remote-get",
        title = "A read from a server: data grids",
        floor = "jedis",
        threads = 1,
        waits = true)
public class HeavyRemoteGet {
    @Param({"pentalith", "jedis", "redisson", "hazelcast"})
    public String subject;

    private final String[] keys = new String[1_024];
    private Function<String, Object> get;
    private AutoCloseable grid;

    @Setup
    public void setUp() throws Exception {
        for (int i = 0; i < keys.length; i++) {
            keys[i] = "link:" + Integer.toString(i * 7_919, 36);
        }
        String value = "v".repeat(100);
        switch (subject) {
            case "redisson" -> {
                Grids.Redisson redisson = new Grids.Redisson(RealRedis.launch());
                grid = redisson;
                for (String key : keys) {
                    redisson.bucket(key).set(value);
                }
                get = key -> redisson.bucket(key).get();
            }
            case "hazelcast" -> {
                Grids.Hazelcast hazelcast = new Grids.Hazelcast();
                grid = hazelcast;
                var map = hazelcast.map(Grids.Hazelcast.FAR);
                for (String key : keys) {
                    map.set(key, value);
                }
                get = map::get;
            }
            default -> {
                RealRedis redis = RealRedis.launch();
                grid = redis;
                get = RemoteGet.reader(subject, redis, keys, value);
            }
        }
    }

    @TearDown(Level.Trial)
    public void tearDown() throws Exception {
        grid.close();
    }

    @Benchmark
    public Object get(Cursor cursor) {
        return get.apply(keys[cursor.next(keys.length)]);
    }
}
