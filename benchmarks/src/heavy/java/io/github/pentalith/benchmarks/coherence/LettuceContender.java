// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.support.caching.CacheAccessor;
import io.lettuce.core.support.caching.CacheFrontend;
import io.lettuce.core.support.caching.ClientSideCaching;
import java.net.URI;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongUnaryOperator;

/** Lettuce's client-side caching. The writer sets the value in Redis. */
final class LettuceContender implements Contender {
    /** Found as a service. */
    public static final class Maker implements Contender.Maker {
        @Override
        public String name() {
            return "lettuce";
        }

        @Override
        public String setup() {
            return "ClientSideCaching with tracking, writer sets the value";
        }

        @Override
        public Contender make(URI redis, LongUnaryOperator database) {
            return new LettuceContender(redis, database);
        }
    }

    private final RedisClient client;
    private final StatefulRedisConnection<String, String> writer;
    private final CacheFrontend<String, String> cache;
    private final LongUnaryOperator database;

    private LettuceContender(URI redis, LongUnaryOperator database) {
        this.database = database;
        client = RedisClient.create(RedisURI.create(redis.getHost(), redis.getPort()));
        writer = client.connect();
        cache = ClientSideCaching.enable(
                CacheAccessor.forMap(new ConcurrentHashMap<>()), client.connect(), TrackingArgs.Builder.enabled());
    }

    @Override
    public long read(long key) {
        String value = cache.get(Long.toString(key));
        return value == null ? database.applyAsLong(key) : Long.parseLong(value);
    }

    @Override
    public void written(long key, long version) {
        writer.sync().set(Long.toString(key), Long.toString(version));
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
