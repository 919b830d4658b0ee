// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import io.github.pentalith.cache.EntryOptions;
import io.github.pentalith.cache.TieredCache;
import io.github.pentalith.cache.redis.RedisStore;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongUnaryOperator;

/** Ours, cache-aside: the writer commits to the database and invalidates. */
final class PentalithContender implements Contender {
    static final Maker MAKER = new Maker() {
        @Override
        public String name() {
            return "pentalith";
        }

        @Override
        public String setup() {
            return "strict writes, invalidate after commit";
        }

        @Override
        public Contender make(URI redis, LongUnaryOperator database) {
            return new PentalithContender(redis, database);
        }
    };

    private final TieredCache<Long, Long> cache;

    private PentalithContender(URI redis, LongUnaryOperator database) {
        // Strict, as only an acknowledged write is judged: one that cannot reach Redis throws and is repeated.
        cache = TieredCache.builder("ledger", Long.class, Long.class)
                .maximumSize(100_000)
                .remote(RedisStore.of(redis.toString()))
                .entry(EntryOptions.of(Duration.ofMinutes(10)))
                .loader(database::applyAsLong)
                .strictWrites(true)
                .build();
    }

    @Override
    public long read(long key) {
        return Objects.requireNonNull(cache.get(key), "the loader never answers null");
    }

    @Override
    public void written(long key, long version) {
        cache.invalidate(key);
    }

    @Override
    public void close() {
        cache.close();
    }
}
