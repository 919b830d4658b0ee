// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import com.alicp.jetcache.Cache;
import com.alicp.jetcache.CacheBuilder;
import com.alicp.jetcache.SimpleCacheManager;
import com.alicp.jetcache.anno.CacheType;
import com.alicp.jetcache.embedded.CaffeineCacheBuilder;
import com.alicp.jetcache.redis.RedisCacheBuilder;
import com.alicp.jetcache.support.Fastjson2KeyConvertor;
import com.alicp.jetcache.support.Kryo5ValueDecoder;
import com.alicp.jetcache.support.Kryo5ValueEncoder;
import com.alicp.jetcache.template.CacheBuilderTemplate;
import com.alicp.jetcache.template.NotifyMonitorInstaller;
import com.alicp.jetcache.template.QuickConfig;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import redis.clients.jedis.RedisClient;

/** JetCache on two levels, cache-aside, with everything on that it has against stale values and stampedes. */
final class JetCacheContender implements Contender {
    /** Found as a service. */
    public static final class Maker implements Contender.Maker {
        @Override
        public String name() {
            return "jetcache";
        }

        @Override
        public String setup() {
            return "two levels, syncLocal, penetration protection, remove after commit";
        }

        @Override
        public Contender make(URI redis, LongUnaryOperator database) {
            return new JetCacheContender(redis, database);
        }
    }

    private final SimpleCacheManager manager = new SimpleCacheManager();
    private final Cache<Long, Long> cache;

    @SuppressWarnings({"unchecked", "rawtypes"})
    private JetCacheContender(URI redis, LongUnaryOperator database) {
        RedisClient client = RedisClient.create(redis);
        CacheBuilder remote = RedisCacheBuilder.createRedisCacheBuilder()
                .keyConvertor(Fastjson2KeyConvertor.INSTANCE)
                .valueEncoder(Kryo5ValueEncoder.INSTANCE)
                .valueDecoder(Kryo5ValueDecoder.INSTANCE)
                .broadcastChannel("ledger")
                .keyPrefix("ledger:")
                .jedis(client);
        CacheBuilder local = CaffeineCacheBuilder.createCaffeineCacheBuilder()
                .keyConvertor(Fastjson2KeyConvertor.INSTANCE)
                .limit(100_000);
        // Maps that can grow: the manager adds areas.
        CacheBuilderTemplate template = new CacheBuilderTemplate(
                true, new HashMap<>(Map.of("default", local)), new HashMap<>(Map.of("default", remote)));
        template.getCacheMonitorInstallers().add(new NotifyMonitorInstaller(area -> remote));
        manager.setCacheBuilderTemplate(template);
        cache = manager.getOrCreateCache(QuickConfig.newBuilder("ledger:")
                .cacheType(CacheType.BOTH)
                .syncLocal(true)
                .penetrationProtect(true)
                .expire(Duration.ofMinutes(10))
                .build());
        this.database = database;
    }

    private final LongUnaryOperator database;

    @Override
    public long read(long key) {
        return cache.computeIfAbsent(key, database::applyAsLong);
    }

    @Override
    public void written(long key, long version) {
        if (!cache.REMOVE(key).isSuccess()) {
            throw new IllegalStateException("not removed: " + key); // it reports failures as results
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
