// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.heavy;

import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.benchmarks.cache.LocalHit;
import io.github.pentalith.testkit.RealRedis;
import java.util.function.UnaryOperator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A hit in the near cache of a data grid's client: 4,096 entries of which all fit. */
@State(Scope.Benchmark)
@Question(library = "heavy", id = "heavy-near-hit", title = "A hit in the local cache: data grids", floor = "caffeine")
public class HeavyNearHit {
    @Param({"pentalith", "caffeine", "redisson-local-map", "hazelcast-near-cache"})
    public String subject;

    private final String[] keys = new String[4_096];
    private UnaryOperator<String> get;
    private AutoCloseable grid;

    @Setup
    public void setUp() {
        switch (subject) {
            case "redisson-local-map" -> {
                RealRedis redis = RealRedis.launch();
                Grids.Redisson redisson = new Grids.Redisson(redis);
                grid = redisson;
                var map = redisson.localMap();
                fill(map::fastPut);
                get = map::get;
            }
            case "hazelcast-near-cache" -> {
                Grids.Hazelcast hazelcast = new Grids.Hazelcast();
                grid = hazelcast;
                var map = hazelcast.map(Grids.Hazelcast.NEAR);
                fill(map::set);
                get = map::get;
            }
            default -> {
                grid = () -> {};
                LocalHit.Store store = LocalHit.Store.of(subject);
                fill(store::put);
                get = store::get;
            }
        }
        for (String key : keys) {
            var unused = get.apply(key); // what is near after a read is near now
        }
    }

    private void fill(java.util.function.BiConsumer<String, String> put) {
        for (int i = 0; i < keys.length; i++) {
            keys[i] = "link:" + Integer.toString(i * 7_919, 36);
            put.accept(keys[i], "https://example.org/" + i);
        }
    }

    @TearDown(Level.Trial)
    public void tearDown() throws Exception {
        grid.close();
    }

    @Benchmark
    public String get(Cursor cursor) {
        return get.apply(keys[cursor.next(keys.length)]);
    }
}
