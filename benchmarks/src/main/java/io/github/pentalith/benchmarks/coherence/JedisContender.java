// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import java.net.URI;
import java.util.function.LongUnaryOperator;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.csc.CacheConfig;
import redis.clients.jedis.csc.CacheFactory;
import redis.clients.jedis.csc.DefaultCache;
import redis.clients.jedis.csc.DefaultCacheable;
import redis.clients.jedis.csc.EvictionPolicy;

/** The client-side cache of Jedis. It has no loader: the writer sets the value in Redis. */
final class JedisContender implements Contender {
    static final Maker MAKER = new Maker() {
        @Override
        public String name() {
            return "jedis";
        }

        @Override
        public String setup() {
            return "client-side cache, writer sets the value";
        }

        @Override
        public Contender make(URI redis, LongUnaryOperator database) {
            return new JedisContender(redis, database);
        }
    };

    /** Jedis asks for a server of 7.4; all that its cache needs is in 7.0. */
    public static final class AnyServer extends DefaultCache {
        public AnyServer(int maximumSize, EvictionPolicy policy) {
            super(maximumSize, DefaultCacheable.INSTANCE, policy);
        }

        @Override
        public boolean compatibilityMode() {
            return true;
        }
    }

    private final RedisClient client;
    private final LongUnaryOperator database;

    private JedisContender(URI redis, LongUnaryOperator database) {
        this.database = database;
        client = RedisClient.builder()
                .hostAndPort(new HostAndPort(redis.getHost(), redis.getPort()))
                .clientConfig(DefaultJedisClientConfig.builder()
                        .protocol(RedisProtocol.RESP3)
                        .build())
                .cache(CacheFactory.getCache(CacheConfig.builder()
                        .maxSize(100_000)
                        .cacheClass(AnyServer.class)
                        .build()))
                .build();
    }

    @Override
    public long read(long key) {
        String value = client.get(Long.toString(key));
        return value == null ? database.applyAsLong(key) : Long.parseLong(value);
    }

    @Override
    public void written(long key, long version) {
        client.set(Long.toString(key), Long.toString(version));
    }

    @Override
    public void close() {
        client.close();
    }
}
