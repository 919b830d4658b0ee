// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.bind;

import io.github.pentalith.cache.CacheStats;
import io.github.pentalith.cache.TieredCache;
import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.Gauge;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.Timer;
import io.github.pentalith.metrics.Unit;
import io.github.pentalith.metrics.health.Health;
import io.github.pentalith.metrics.health.HealthCheck;
import java.util.function.Supplier;

/**
 * Shows lib-cache in a registry, under {@code pentalith_cache_*}; the guide lists the names. A modular application
 * requires {@code io.github.pentalith.cache} itself.
 *
 * <p>Thread-safe. Counts and states are read from one {@link TieredCache#stats()} per scrape; durations of loads and of
 * calls to the remote level come from an observer, so a hit costs nothing more.
 *
 * <pre>{@code
 * TieredCache<String, Link> links = TieredCache.builder("links", String.class, Link.class)
 *         .observer(CacheMetrics.observer(registry)) ... .build();
 * CacheMetrics.bind(registry, links);
 * }</pre>
 */
public final class CacheMetrics {
    private CacheMetrics() {}

    /**
     * Makes an observer that records how long loads and calls to the remote level take. One serves all caches.
     *
     * @param registry where it is shown
     * @return an observer for {@code TieredCache.Builder.observer}
     */
    public static TieredCache.Observer observer(MetricRegistry registry) {
        MetricRegistry named = Binding.in(registry);
        Family<Timer> loads =
                named.timer("cache_load_duration", "Duration of loads.").labels("cache", "outcome");
        Family<Timer> remote = named.timer("cache_remote_duration", "Duration of calls to the remote level.")
                .labels("cache", "outcome");
        return new TieredCache.Observer() {
            @Override
            public void onLoad(String name, long nanos, boolean success) {
                loads.with(name, success ? "success" : "failure").recordNanos(nanos);
            }

            @Override
            public void onRemoteCall(String name, long nanos, boolean success) {
                remote.with(name, success ? "success" : "failure").recordNanos(nanos);
            }
        };
    }

    /**
     * Shows what a cache answered, loaded, refused and holds.
     *
     * @param registry where it is shown
     * @param cache what is shown, under its name; two of one name would share their series
     * @return what takes it away again
     */
    public static Registration bind(MetricRegistry registry, TieredCache<?, ?> cache) {
        return bind(registry, cache.name(), cache::stats);
    }

    static Registration bind(MetricRegistry registry, String name, Supplier<CacheStats> source) {
        Binding binding = new Binding(registry, "cache", name);
        String requests = "Look-ups by where the answer was.";
        Counter localHits = binding.counter("cache_requests", requests, "result", "local_hit");
        Counter remoteHits = binding.counter("cache_requests", requests, "result", "remote_hit");
        Counter misses = binding.counter("cache_requests", requests, "result", "miss");
        Counter loads = binding.counter("cache_loads", "Loads by outcome.", "outcome", "success");
        Counter failedLoads = binding.counter("cache_loads", "Loads by outcome.", "outcome", "failure");
        Counter loading = binding.nanoseconds("cache_loading", "Time spent in loads.");
        Counter refreshes = binding.counter("cache_refreshes", "Loads of values that had not expired yet.");
        Counter writes = binding.counter("cache_writes", "Writes to the source by outcome.", "outcome", "success");
        Counter failedWrites =
                binding.counter("cache_writes", "Writes to the source by outcome.", "outcome", "failure");
        Counter stale = binding.counter("cache_stale_served", "Answers with a value past its time to live.");
        Counter timeouts = binding.counter("cache_wait_timeouts", "Callers that gave up waiting for a load.");
        String refused = "Values that were not kept because they might be out of date.";
        Counter localRefused = binding.counter("cache_refused_values", refused, "level", "local");
        Counter remoteRefused = binding.counter("cache_refused_values", refused, "level", "remote");
        Counter remoteFailures =
                binding.counter("cache_remote_failures", "Calls to the remote level that failed or were refused.");
        Counter encodeFailures = binding.counter("cache_encode_failures", "Values that the codec could not write.");
        Counter decodeFailures =
                binding.counter("cache_decode_failures", "Remote values that were broken or of another schema.");
        Counter invalidations = binding.counter("cache_invalidations", "Keys that the feed told of.");
        Counter feedLosses = binding.counter("cache_feed_losses", "How often the invalidation feed was lost.");
        Counter evictions = binding.counter("cache_evictions", "Entries evicted for the size of the local level.");
        Gauge entries = binding.gauge("cache_entries", "Entries in the local level, about.", Unit.NONE);
        Gauge pending = binding.gauge("cache_pending_writes", "Writes that wait for the remote level.", Unit.NONE);
        Gauge unverified = binding.gauge(
                "cache_unverified", "Age of the last proof that all invalidations were heard.", Unit.SECONDS);
        var state = binding.states(
                "cache_remote_state",
                "What is known of the remote level: 1 for the current state.",
                TieredCache.RemoteState.values());
        return binding.updatedBy(() -> {
            CacheStats stats = source.get();
            localHits.observe(stats.localHits());
            remoteHits.observe(stats.remoteHits());
            misses.observe(stats.misses());
            loads.observe(stats.loads());
            failedLoads.observe(stats.loadFailures());
            loading.observe(stats.loadNanos());
            refreshes.observe(stats.refreshes());
            writes.observe(stats.writes());
            failedWrites.observe(stats.writeFailures());
            stale.observe(stats.staleServed());
            timeouts.observe(stats.timeouts());
            localRefused.observe(stats.localRefused());
            remoteRefused.observe(stats.remoteRefused());
            remoteFailures.observe(stats.remoteFailures());
            encodeFailures.observe(stats.encodeFailures());
            decodeFailures.observe(stats.decodeFailures());
            invalidations.observe(stats.invalidationsReceived());
            feedLosses.observe(stats.feedLosses());
            evictions.observe(stats.localEvictions());
            entries.set((double) stats.localSize());
            pending.set((double) stats.pendingWrites());
            unverified.set(stats.unverifiedNanos() / 1e9);
            state.set(stats.remoteState());
        });
    }

    /**
     * Makes a check of a cache: degraded while its remote level cannot be verified. It is a readiness check that is not
     * critical, as the cache goes on without the remote level.
     *
     * @param cache what is looked at
     * @return a check to register
     */
    public static HealthCheck health(TieredCache<?, ?> cache) {
        return health(cache.name(), cache::stats);
    }

    static HealthCheck health(String name, Supplier<CacheStats> source) {
        return HealthCheck.readiness("cache:" + name, () -> {
                    CacheStats stats = source.get();
                    Health health = stats.remoteState() == TieredCache.RemoteState.UNVERIFIED
                            ? Health.degraded("the remote level cannot be verified")
                            : Health.up();
                    return health.with("pendingWrites", stats.pendingWrites());
                })
                .critical(false);
    }
}
