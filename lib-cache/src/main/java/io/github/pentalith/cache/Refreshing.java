// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.Coherence.Mark;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads values anew before they expire, beside their readers: once per entry and process, and under a lease, so that one
 * process does it. The old value stays until the new one is there; an invalidation meanwhile voids the lease.
 */
final class Refreshing<K, V> {
    private static final Logger LOG = LoggerFactory.getLogger(TieredCache.class);

    private final Loading<K, V> loading;
    private final Workers workers;

    Refreshing(Loading<K, V> loading, Workers workers) {
        this.loading = loading;
        this.workers = workers;
    }

    void consider(K key, Entry<V> entry, @Nullable CacheLoader<? super K, V> loader) {
        if (loader != null && entry.life.claimRefresh(loading.coherence.now(), loading.random())) {
            try {
                workers.execute(() -> refresh(key, entry, loader));
            } catch (RejectedExecutionException e) {
                LOG.debug("cache {}: a refresh was refused", loading.name(), e); // it expires as any other
            }
        }
    }

    private void refresh(K key, Entry<V> entry, CacheLoader<? super K, V> loader) {
        Mark mark = loading.coherence.mark(key);
        Flight<V> flight = new Flight<V>(mark, true).lead();
        if (loading.flights.putIfAbsent(key, flight) != null) {
            entry.life.leaveRefresh(); // perhaps it is the flight that brought this entry: the next reader tries
            return;
        }
        try {
            RemoteLevel<K, V> remote = loading.remote;
            Answer<V> answer = remote == null
                    ? Answer.without(Answer.Kind.AWAY, 0)
                    : remote.reads().refetch(key, entry.life.version, loading.lease);
            if (answer.kind() == Answer.Kind.HIT) {
                Entry<V> unused = loading.keep(key, answer, mark);
            } else if (answer.kind() == Answer.Kind.LEASE || remote == null) {
                loading.counters.refreshes.increment();
                Answer<V> old = new Answer<>(
                        answer.kind(), entry.value, entry.life.version, answer.span(), answer.seal(), answer.lease());
                flight.land(loading.load(key, loader, mark, old, loading.patience()));
            }
        } catch (RuntimeException e) {
            LOG.debug("cache {}: a refresh failed", loading.name(), e); // counted as a failed load
        } finally {
            flight.abandon();
            boolean unused = loading.flights.remove(key, flight);
        }
    }
}
