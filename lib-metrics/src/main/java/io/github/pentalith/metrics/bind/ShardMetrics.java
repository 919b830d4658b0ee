// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.bind;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Gauge;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.Unit;
import io.github.pentalith.sharding.ShardMapHolder;

/**
 * Shows lib-sharding in a registry, under {@code pentalith_shard_map_*}; the guide lists the names. A modular
 * application requires {@code io.github.pentalith.sharding} itself.
 *
 * <p>Thread-safe; one {@link ShardMapHolder#stats()} per scrape, nothing on the path of a look-up.
 *
 * <pre>{@code
 * ShardMetrics.bind(registry, holder);
 * }</pre>
 */
public final class ShardMetrics {
    private ShardMetrics() {}

    /**
     * Shows which map a holder holds and how often it changed.
     *
     * @param registry where it is shown
     * @param holder what is shown, under its name; two of one name would share their series
     * @return what takes it away again
     */
    public static Registration bind(MetricRegistry registry, ShardMapHolder<?> holder) {
        Binding binding = new Binding(registry, "map", holder.name());
        Gauge epoch = binding.gauge("shard_map_epoch", "Epoch of the shard map in use.", Unit.NONE);
        Gauge nodes = binding.gauge("shard_map_nodes", "Nodes of the shard map in use.", Unit.NONE);
        String help = "Shard maps offered to the holder.";
        Counter published = binding.counter("shard_map_publications", help, "result", "published");
        Counter rejected = binding.counter("shard_map_publications", help, "result", "rejected");
        return binding.updatedBy(() -> {
            ShardMapHolder.Stats stats = holder.stats();
            epoch.set((double) stats.epoch());
            nodes.set(stats.nodes());
            published.observe(stats.published());
            rejected.observe(stats.rejected());
        });
    }
}
