// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.pentalith.cache.Coherence.Mark;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToIntBiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The local level: Caffeine bounded by size or weight. Entries carry their own times, because Caffeine's variable expiry
 * costs several times a plain look-up; one that nobody reads any more leaves by its size policy.
 */
final class LocalLevel<K, V> {
    private final @Nullable Cache<K, Entry<V>> cache;
    private final Coherence coherence;
    private final Maintenance maintenance = new Maintenance();
    private final LongAdder evictions = new LongAdder();
    private final LongAdder refused = new LongAdder();

    /** {@code weigher}: null if the maximum is a number of entries. */
    LocalLevel(long maximum, @Nullable ToIntBiFunction<? super K, ? super V> weigher, Coherence coherence) {
        this.coherence = coherence;
        this.cache = maximum == 0 ? null : bounded(maximum, weigher);
    }

    private Cache<K, Entry<V>> bounded(long maximum, @Nullable ToIntBiFunction<? super K, ? super V> weigher) {
        Caffeine<K, Entry<V>> builder = Caffeine.newBuilder()
                .executor(maintenance)
                .evictionListener((key, entry, cause) -> evictions.increment());
        if (weigher == null) {
            return builder.maximumSize(maximum).build();
        }
        return builder.maximumWeight(maximum)
                .weigher((K key, Entry<V> entry) ->
                        entry.value == null ? 1 : Math.max(1, weigher.applyAsInt(key, entry.value)))
                .build();
    }

    /** The entry if it may be given as it is. The hot path: no allocation, no write but Caffeine's own. */
    @Nullable
    Entry<V> quiet(K key) {
        Entry<V> entry = held(key);
        return entry != null && entry.quiet(coherence, coherence.now()) ? entry : null;
    }

    /** The entry if it may be given; perhaps it should be refreshed. */
    @Nullable
    Entry<V> fresh(K key) {
        Entry<V> entry = held(key);
        return entry != null && entry.fresh(coherence, coherence.now()) ? entry : null;
    }

    /** A value past its TTL but within its stale time, of which no invalidation can have been missed. */
    @Nullable
    Entry<V> stale(K key) {
        Entry<V> entry = lastResort(key);
        return entry != null && entry.trusted(coherence, coherence.now()) ? entry : null;
    }

    /** The same for when the remote level cannot be asked and the load failed: without proof. */
    @Nullable
    Entry<V> lastResort(K key) {
        Entry<V> entry = held(key);
        return entry != null
                        && entry.value != null
                        && entry.life.servable(coherence.now())
                        && entry.sameGeneration(coherence)
                ? entry
                : null;
    }

    /** Whatever is there. */
    @Nullable
    Entry<V> held(K key) {
        return cache == null ? null : cache.getIfPresent(key);
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

    /** Runs insertions of many keys, and the maintenance that they make necessary once, after them. */
    void together(Runnable insertions) {
        maintenance.after(insertions);
    }

    /** Maintenance runs on callers: no thread of ours or of the common pool. */
    private static final class Maintenance implements Executor {
        private static final ThreadLocal<@Nullable List<Runnable>> LATER = new ThreadLocal<>();

        @Override
        public void execute(Runnable task) {
            List<Runnable> tasks = LATER.get();
            if (tasks == null) {
                task.run();
            } else {
                tasks.add(task);
            }
        }

        void after(Runnable insertions) {
            List<Runnable> tasks = new ArrayList<>(1);
            LATER.set(tasks);
            try {
                insertions.run();
            } finally {
                LATER.remove();
                tasks.forEach(Runnable::run);
            }
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

    /** Drops entries of which a tag is no longer what it was. */
    void dropDead() {
        if (cache != null) {
            cache.asMap().values().removeIf(entry -> !entry.sameGeneration(coherence));
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
