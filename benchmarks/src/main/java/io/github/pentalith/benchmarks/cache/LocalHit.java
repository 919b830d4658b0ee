// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.cache;

import com.alicp.jetcache.embedded.CaffeineCacheBuilder;
import com.alicp.jetcache.support.Fastjson2KeyConvertor;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.cache.EntryOptions;
import io.github.pentalith.cache.TieredCache;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A hit in the cache of this process: 4,096 entries of which all fit, entries live 10 minutes. */
@State(Scope.Benchmark)
@Question(library = "cache", id = "local-hit", title = "A hit in the local cache", floor = "caffeine")
public class LocalHit {
    private static final int MAXIMUM = 100_000;
    private static final Duration TTL = Duration.ofMinutes(10);

    @Param({"pentalith", "caffeine", "concurrent-hash-map", "jetcache"})
    public String subject;

    private final String[] keys = new String[4_096];
    private Store store;

    /** A cache of strings. */
    public interface Store {
        void put(String key, String value);

        String get(String key);

        static Store of(String subject) {
            return switch (subject) {
                case "pentalith" -> pentalith();
                case "caffeine" -> caffeine();
                case "concurrent-hash-map" -> {
                    ConcurrentHashMap<String, String> map = new ConcurrentHashMap<>();
                    yield store(map::put, map::get);
                }
                case "jetcache" -> jetcache();
                default -> throw new IllegalArgumentException(subject);
            };
        }
    }

    private static Store store(BiConsumer<String, String> put, UnaryOperator<String> get) {
        return new Store() {
            @Override
            public void put(String key, String value) {
                put.accept(key, value);
            }

            @Override
            public String get(String key) {
                return get.apply(key);
            }
        };
    }

    private static Store pentalith() {
        TieredCache<String, String> cache = TieredCache.<String, String>builder("bench")
                .maximumSize(MAXIMUM)
                .entry(EntryOptions.of(TTL))
                .build();
        return store(cache::put, cache::get);
    }

    private static Store caffeine() {
        Cache<String, String> cache =
                Caffeine.newBuilder().maximumSize(MAXIMUM).expireAfterWrite(TTL).build();
        return store(cache::put, cache::getIfPresent);
    }

    /** The key convertor of its documentation's examples; without one it cannot be made two-level later. */
    private static Store jetcache() {
        com.alicp.jetcache.Cache<String, String> cache = CaffeineCacheBuilder.createCaffeineCacheBuilder()
                .keyConvertor(Fastjson2KeyConvertor.INSTANCE)
                .limit(MAXIMUM)
                .expireAfterWrite(TTL.toMinutes(), TimeUnit.MINUTES)
                .buildCache();
        return store(cache::put, cache::get);
    }

    @Setup
    public void setUp() {
        store = Store.of(subject);
        for (int i = 0; i < keys.length; i++) {
            keys[i] = "link:" + Integer.toString(i * 7_919, 36);
            store.put(keys[i], "https://example.org/" + i);
        }
    }

    @Benchmark
    public String get(Cursor cursor) {
        String value = store.get(keys[cursor.next(keys.length)]);
        if (value == null) {
            throw new IllegalStateException("a hit was promised");
        }
        return value;
    }
}
