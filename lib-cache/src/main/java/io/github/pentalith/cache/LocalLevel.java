// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.pentalith.cache.Coherence.Mark;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The local level: Caffeine bounded by size. Entries carry their own times, because Caffeine's variable expiry costs
 * several times a plain look-up; one that nobody reads any more leaves by its size policy.
 */
final class LocalLevel<K, V> {
    private final @Nullable Cache<K, Entry<V>> cache;
    private final Coherence coherence;
    private final LongAdder evictions = new LongAdder();
    private final LongAdder refused = new LongAdder();

    LocalLevel(long maximumSize, Coherence coherence) {
        this.coherence = coherence;
        this.cache = maximumSize == 0
                ? null
                : Caffeine.newBuilder()
                        .maximumSize(maximumSize)
                        .executor(Runnable::run) // maintenance on callers: no thread of ours or of the common pool
                        .evictionListener((key, entry, cause) -> evictions.increment())
                        .build();
    }

    /** The entry if it may be given as it is. The hot path: no allocation, no write but Caffeine's own. */
    @Nullable
    Entry<V> fresh(K key) {
        Entry<V> entry = held(key);
        if (entry == null) {
            return null;
        }
        long now = coherence.now();
        return entry.fresh(now) && trusted(entry, now) ? entry : null;
    }

    /** A value past its TTL but within its stale time, of which no invalidation can have been missed. */
    @Nullable
    Entry<V> stale(K key) {
        Entry<V> entry = lastResort(key);
        return entry != null && trusted(entry, coherence.now()) ? entry : null;
    }

    /** The same for when the remote level cannot be asked and the load failed: without proof. */
    @Nullable
    Entry<V> lastResort(K key) {
        Entry<V> entry = held(key);
        return entry != null
                        && entry.value != null
                        && entry.servable(coherence.now())
                        && coherence.sameGeneration(entry.generation)
                ? entry
                : null;
    }

    private @Nullable Entry<V> held(K key) {
        return cache == null ? null : cache.getIfPresent(key);
    }

    private boolean trusted(Entry<V> entry, long now) {
        return coherence.trusts(entry.askedAt, entry.epoch, entry.generation, now);
    }

    void insert(K key, Entry<V> entry, Mark mark) {
        if (cache != null) {
            cache.asMap().compute(key, (same, old) -> {
                if (coherence.unchanged(mark)) {
                    return entry;
                }
                refused.increment();
                return old;
            });
        }
    }

    /** What a user wrote: there is no older state that it could overwrite unknowingly. */
    void put(K key, Entry<V> entry) {
        if (cache != null) {
            cache.put(key, entry);
        }
    }

    /** Counts, then removes, in this order; see {@link Coherence}. */
    void invalidate(K key) {
        coherence.invalidated(key);
        if (cache != null) {
            cache.asMap().remove(key);
        }
    }

    void clear() {
        coherence.dropped();
        if (cache != null) {
            cache.invalidateAll();
        }
    }

    long size() {
        return cache == null ? 0 : cache.estimatedSize();
    }

    long evictions() {
        return evictions.sum();
    }

    long refused() {
        return refused.sum();
    }
}
