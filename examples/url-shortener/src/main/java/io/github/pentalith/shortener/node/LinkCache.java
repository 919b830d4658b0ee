// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.node;

import io.github.pentalith.cache.CacheLoader;
import io.github.pentalith.cache.EntryOptions;
import io.github.pentalith.cache.TieredCache;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.bind.CacheMetrics;
import io.github.pentalith.metrics.health.HealthRegistry;
import io.github.pentalith.shortener.link.Link;
import io.github.pentalith.shortener.store.Address;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Links in memory and in Redis, for a service that promises that a deleted link is never served again, by any node.
 *
 * <p>While Redis is there, {@code TieredCache} keeps that promise but for the moment that news need to travel; so a
 * writer waits ({@link #forgetEverywhere}) for as long as another node may trust its memory without hearing from Redis.
 *
 * <p>When Redis comes back from a pause, it still holds what was deleted meanwhile, until the node that deleted it has
 * sent its waiting invalidations. So for some seconds after each outage, as during it, this node asks the databases and
 * remembers links for a moment only.
 */
final class LinkCache implements AutoCloseable {
    /** For how long memory is believed while Redis is silent. */
    private static final Duration MAX_UNVERIFIED = Duration.ofMillis(500);

    /** Memory during an outage; with the time of a slow load it must end before {@link #SEEN_BY_ALL}. */
    private static final Duration MOMENT = Duration.ofMillis(250);

    /** After this no node serves from memory what was there before. */
    private static final Duration SEEN_BY_ALL = MAX_UNVERIFIED.plusMillis(100);

    /** How long a writer waits at most for Redis to take its invalidations; longer outages all nodes have noticed. */
    private static final Duration LONGEST_WAIT = Duration.ofMillis(1_500);

    /** After an outage: longer than any node needs to connect again and to send what waits. */
    private static final Duration QUARANTINE = Duration.ofSeconds(5);

    private final TieredCache<String, Link> links;
    private final TieredCache<String, Link> moment;
    private final Outage outage;

    /** A running cache that tells {@code metrics} how long its loads take. */
    LinkCache(Address redis, CacheLoader<String, Link> loader, MetricRegistry metrics) {
        TieredCache.Observer durations = CacheMetrics.observer(metrics);
        outage = new Outage(durations);
        links = TieredCache.builder("links", String.class, Link.class)
                .maximumSize(100_000) // some 50 MB for URLs of usual length
                .remote(RedisUrl.store(redis))
                .maxUnverified(MAX_UNVERIFIED)
                // Unknown codes are remembered too, so that guessing does not reach the databases.
                .entry(EntryOptions.of(Duration.ofMinutes(10)).negativeTtl(Duration.ofSeconds(30)))
                .loader(loader)
                .observer(outage)
                .build();
        moment = TieredCache.<String, Link>builder("moment")
                .maximumSize(10_000)
                .entry(EntryOptions.of(MOMENT))
                .loader(loader)
                .observer(durations)
                .build();
    }

    /** {@return the link of a code, or null} */
    @Nullable
    Link get(String code) {
        return (outage.isOver() ? links : moment).get(code);
    }

    /** Makes all nodes forget what they know of a code, and returns when they have. */
    void forgetEverywhere(String code) {
        forget(code);
        awaitSeenByAll();
    }

    /** Makes all nodes forget that there was no link; waits only if one of them may know that. */
    void forgetAbsence(String code) {
        boolean known = !outage.isOver() || links.peek(code).known(); // what a node has in memory, Redis has too
        forget(code);
        if (known || links.stats().pendingWrites() > 0) {
            awaitSeenByAll();
        }
    }

    private void forget(String code) {
        links.invalidate(code);
        moment.invalidate(code);
    }

    private void awaitSeenByAll() {
        long start = System.nanoTime();
        waitUntil(start + SEEN_BY_ALL.toNanos());
        while (links.stats().pendingWrites() > 0 && System.nanoTime() - start < LONGEST_WAIT.toNanos()) {
            waitUntil(System.nanoTime() + 10_000_000);
        }
    }

    private static void waitUntil(long nanoTime) {
        for (long left = nanoTime - System.nanoTime();
                left > 0 && !Thread.currentThread().isInterrupted();
                left = nanoTime - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Shows both caches to operators. Without Redis the health is degraded, and the node goes on. */
    void show(MetricRegistry metrics, HealthRegistry health) {
        CacheMetrics.bind(metrics, links);
        CacheMetrics.bind(metrics, moment); // busy during an outage only
        health.register(CacheMetrics.health(links).critical(false));
    }

    @Override
    public void close() {
        links.close();
        moment.close();
    }

    /** Knows since when Redis is there without a break, and passes the durations on. */
    private static final class Outage implements TieredCache.Observer {
        private final TieredCache.Observer durations;
        private volatile @Nullable Long backSince; // null while it is away; boxed twice per outage

        Outage(TieredCache.Observer durations) {
            this.durations = durations;
        }

        @Override
        public void onLoad(String name, long nanos, boolean success) {
            durations.onLoad(name, nanos, success);
        }

        @Override
        public void onRemoteCall(String name, long nanos, boolean success) {
            durations.onRemoteCall(name, nanos, success);
        }

        @Override
        public void onRemoteState(String name, TieredCache.RemoteState state) {
            backSince = state == TieredCache.RemoteState.LIVE ? (Long) System.nanoTime() : null;
        }

        boolean isOver() {
            Long since = backSince;
            return since != null && System.nanoTime() - since >= QUARANTINE.toNanos();
        }
    }
}
