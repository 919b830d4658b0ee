// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.node;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Gauge;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.shortener.click.ClickCounter;

/** Shows a {@link ClickCounter} in a registry, in the way of the libraries' binders: one look at it per scrape. */
final class ClickMetrics {
    private ClickMetrics() {}

    static void bind(MetricRegistry registry, ClickCounter clicks) {
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
}
