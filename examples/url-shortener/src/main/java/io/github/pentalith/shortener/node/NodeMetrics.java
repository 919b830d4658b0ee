// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.node;

import io.github.pentalith.cache.TieredCache;
import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.Gauge;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.shortener.click.ClickCounter;

/** The numbers of a node that the libraries do not bring by themselves. */
final class NodeMetrics {
    private NodeMetrics() {}

    static void bind(MetricRegistry registry, ClickCounter clicks, TieredCache<?, ?> cache) {
        bindClicks(registry, clicks);
        bindCache(registry, cache);
    }

    private static void bindClicks(MetricRegistry registry, ClickCounter clicks) {
        Counter counted = registry.counter("clicks", "Clicks taken in").register();
        Counter written = registry.counter("clicks_written", "Clicks written to the databases")
                .register();
        Counter dropped = registry.counter("clicks_dropped", "Clicks lost").register();
        Gauge waiting = registry.gauge("clicks_waiting_links", "Links with clicks not yet written")
                .register();
        registry.onCollect(() -> {
            ClickCounter.Stats stats = clicks.stats();
            counted.observe(stats.counted());
            written.observe(stats.written());
            dropped.observe(stats.dropped());
            waiting.set((double) stats.waiting());
        });
    }

    private static void bindCache(MetricRegistry registry, TieredCache<?, ?> cache) {
        Family<Counter> reads =
                registry.counter("cache_reads", "Look-ups by who answered").labels("level");
        Counter local = reads.with("local");
        Counter remote = reads.with("remote");
        Counter missed = reads.with("none");
        Gauge live = registry.gauge("cache_remote_live", "1 while Redis and its feed of invalidations work")
                .register();
        registry.onCollect(() -> {
            TieredCache.Stats stats = cache.stats();
            local.observe(stats.localHits());
            remote.observe(stats.remoteHits());
            missed.observe(stats.misses());
            live.set(stats.remoteState() == TieredCache.RemoteState.LIVE ? 1 : 0);
        });
    }
}
