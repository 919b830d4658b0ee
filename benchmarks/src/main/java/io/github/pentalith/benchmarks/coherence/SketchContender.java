// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.URI;
import java.time.Duration;
import java.util.function.LongUnaryOperator;
import redis.clients.jedis.RedisClient;

/** What most guides print: a local cache, then Redis, then the database, and deletion from both after a commit. */
final class SketchContender implements Contender {
    static final Maker MAKER = new Maker() {
        @Override
        public String name() {
            return "sketch";
        }

        @Override
        public String setup() {
            return "Caffeine, then Jedis SETEX, as guides print it; deleted from both after commit";
        }

        @Override
        public Contender make(URI redis, LongUnaryOperator database) {
            return new SketchContender(redis, database);
        }
    };

    private static final Duration TTL = Duration.ofMinutes(10);

    private final Cache<Long, Long> local =
            Caffeine.newBuilder().maximumSize(100_000).expireAfterWrite(TTL).build();
    private final RedisClient remote;
    private final LongUnaryOperator database;

    private SketchContender(URI redis, LongUnaryOperator database) {
        this.remote = RedisClient.create(redis);
        this.database = database;
    }

    @Override
    public long read(long key) {
        return local.get(key, missing -> {
            String name = Long.toString(missing);
            String value = remote.get(name);
            if (value != null) {
                return Long.parseLong(value);
            }
            long version = database.applyAsLong(missing);
            remote.setex(name, TTL.toSeconds(), Long.toString(version));
            return version;
        });
    }

    @Override
    public void written(long key, long version) {
        remote.del(Long.toString(key));
        local.invalidate(key);
    }

    @Override
    public void close() {
        remote.close();
    }
}
