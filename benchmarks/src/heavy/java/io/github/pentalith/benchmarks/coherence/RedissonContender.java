// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import java.net.URI;
import java.util.function.LongUnaryOperator;
import org.redisson.Redisson;
import org.redisson.api.RLocalCachedMap;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.LocalCachedMapOptions;
import org.redisson.client.codec.LongCodec;
import org.redisson.config.Config;

/** Redisson's locally cached map. It is the store: the writer puts the value. */
final class RedissonContender implements Contender {
    /** The map with its defaults. */
    public static final class Maker implements Contender.Maker {
        @Override
        public String name() {
            return "redisson";
        }

        @Override
        public String setup() {
            return "RLocalCachedMap with its defaults (invalidation), writer puts the value";
        }

        @Override
        public Contender make(URI redis, LongUnaryOperator database) {
            return new RedissonContender(redis, database, LocalCachedMapOptions.ReconnectionStrategy.NONE);
        }
    }

    /** The map as it is meant to survive a lost connection. */
    public static final class ClearingMaker implements Contender.Maker {
        @Override
        public String name() {
            return "redisson-clear";
        }

        @Override
        public String setup() {
            return "RLocalCachedMap (invalidation) that is cleared on reconnection, writer puts the value";
        }

        @Override
        public Contender make(URI redis, LongUnaryOperator database) {
            return new RedissonContender(redis, database, LocalCachedMapOptions.ReconnectionStrategy.CLEAR);
        }
    }

    private final RedissonClient client;
    private final RLocalCachedMap<Long, Long> map;
    private final LongUnaryOperator database;

    private RedissonContender(
            URI redis, LongUnaryOperator database, LocalCachedMapOptions.ReconnectionStrategy reconnection) {
        this.database = database;
        Config config = new Config();
        config.useSingleServer()
                .setAddress("redis://" + redis.getHost() + ":" + redis.getPort())
                .setConnectionPoolSize(8)
                .setConnectionMinimumIdleSize(1);
        client = Redisson.create(config);
        map = client.getLocalCachedMap(LocalCachedMapOptions.<Long, Long>name("ledger")
                .codec(LongCodec.INSTANCE)
                .cacheSize(100_000)
                .reconnectionStrategy(reconnection));
    }

    @Override
    public long read(long key) {
        Long version = map.get(key);
        return version == null ? database.applyAsLong(key) : version;
    }

    @Override
    public void written(long key, long version) {
        map.fastPut(key, version);
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
