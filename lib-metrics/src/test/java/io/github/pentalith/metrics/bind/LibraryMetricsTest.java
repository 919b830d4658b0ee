// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.bind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.cache.CacheStats;
import io.github.pentalith.cache.TieredCache;
import io.github.pentalith.loadbalance.Endpoint;
import io.github.pentalith.loadbalance.EndpointHolder;
import io.github.pentalith.loadbalance.LoadBalancer;
import io.github.pentalith.loadbalance.NoEndpointException;
import io.github.pentalith.loadbalance.scaling.MetricSample;
import io.github.pentalith.loadbalance.scaling.ScalingController;
import io.github.pentalith.loadbalance.scaling.ScalingSpec;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.export.Exposition;
import io.github.pentalith.metrics.health.Health;
import io.github.pentalith.metrics.health.HealthCheck;
import io.github.pentalith.metrics.health.HealthRegistry;
import io.github.pentalith.metrics.health.HealthReport;
import io.github.pentalith.resilience.Bulkhead;
import io.github.pentalith.resilience.CircuitBreaker;
import io.github.pentalith.resilience.KeyedRateLimiter;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.resilience.Rate;
import io.github.pentalith.resilience.RateLimiter;
import io.github.pentalith.resilience.RejectedCallException;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.ShardMap;
import io.github.pentalith.sharding.ShardMapHolder;
import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LibraryMetricsTest {
    private final MetricRegistry registry = MetricRegistry.of("shop");

    private String text() {
        String text = Exposition.prometheus().text(registry);
        assertThat(registry.stats().failedHooks()).isZero();
        return text;
    }

    private static HealthReport.Check ask(HealthCheck check) {
        try (HealthRegistry health = HealthRegistry.of("test")) {
            health.register(check.timeout(Duration.ofMinutes(1)));
            return health.report().checks().get(0);
        }
    }

    @Test
    void shardMap_bound_showsItsEpochAndChanges() {
        var holder = ShardMapHolder.of("links", ShardMap.of("a", "b"));
        Registration binding = ShardMetrics.bind(registry, holder);
        holder.update(map -> map.with(Node.of("c")));
        holder.publish(ShardMap.of("x"));
        long epoch = holder.current().epoch();
        assertThat(text())
                .contains("pentalith_shard_map_epoch{map=\"links\"} " + epoch + "\n")
                .contains("pentalith_shard_map_nodes{map=\"links\"} 3\n")
                .contains("pentalith_shard_map_publications_total{map=\"links\",result=\"published\"} 1\n")
                .contains("pentalith_shard_map_publications_total{map=\"links\",result=\"rejected\"} 1\n");
        binding.close();
        assertThat(text()).doesNotContain("links");
    }

    @Test
    void pipeline_boundAndObserved_showsCallsAndDurations() {
        CircuitBreaker breaker = CircuitBreaker.of("db");
        Pipeline pipeline = Pipeline.builder("db")
                .breaker(breaker)
                .observer(ResilienceMetrics.observer(registry))
                .build();
        ResilienceMetrics.bind(registry, pipeline);
        assertThat(pipeline.<String, RuntimeException>call(() -> "row")).isEqualTo("row");
        assertThatThrownBy(() -> pipeline.call(() -> {
                    throw new IOException("no");
                }))
                .isInstanceOf(IOException.class);
        breaker.forceOpen();
        assertThatThrownBy(() -> pipeline.call(() -> "row")).isInstanceOf(RejectedCallException.class);
        assertThat(text())
                .contains("pentalith_pipeline_calls_total{pipeline=\"db\",outcome=\"success\"} 1\n")
                .contains("pentalith_pipeline_calls_total{pipeline=\"db\",outcome=\"failure\"} 1\n")
                .contains("pentalith_pipeline_calls_total{pipeline=\"db\",outcome=\"rejected\"} 1\n")
                .contains("pentalith_pipeline_retries_total{pipeline=\"db\"} 0\n")
                .contains("pentalith_pipeline_call_duration_seconds_count{pipeline=\"db\",outcome=\"success\"} 1\n")
                .contains("pentalith_pipeline_call_duration_seconds_count{pipeline=\"db\",outcome=\"failure\"} 1\n")
                .contains("pentalith_pipeline_rejections_total{pipeline=\"db\",reason=\"breaker_open\"} 1\n");
    }

    @Test
    void breaker_bound_showsItsStateAsOneHot() throws Exception {
        CircuitBreaker breaker = CircuitBreaker.of("db");
        Registration binding = ResilienceMetrics.bind(registry, breaker);
        HealthCheck check = ResilienceMetrics.health(breaker);
        breaker.run(() -> {});
        assertThat(text())
                .contains("pentalith_breaker_state{breaker=\"db\",state=\"closed\"} 1\n")
                .contains("pentalith_breaker_state{breaker=\"db\",state=\"open\"} 0\n")
                .contains("pentalith_breaker_calls_total{breaker=\"db\",outcome=\"success\"} 1\n")
                .contains("pentalith_breaker_failures_ratio{breaker=\"db\"} 0\n");
        assertThat(ask(check).health().status()).isEqualTo(Health.Status.UP);
        breaker.forceOpen();
        assertThat(text())
                .contains("pentalith_breaker_state{breaker=\"db\",state=\"closed\"} 0\n")
                .contains("pentalith_breaker_state{breaker=\"db\",state=\"forced_open\"} 1\n");
        HealthReport.Check open = ask(check);
        assertThat(open.health().status()).isEqualTo(Health.Status.DOWN);
        assertThat(open.critical()).isFalse(); // an open breaker does not take the instance out of service
        binding.close();
        assertThat(text()).doesNotContain("breaker=\"db\"");
    }

    @Test
    void bulkheadAndLimiters_bound_showWhatTheyAdmit() {
        Bulkhead bulkhead = Bulkhead.of("db", 1);
        RateLimiter limiter = RateLimiter.of("api", Rate.perSecond(1));
        KeyedRateLimiter<String> clients = KeyedRateLimiter.of("clients", Rate.perSecond(1), 100);
        ResilienceMetrics.bind(registry, bulkhead);
        ResilienceMetrics.bind(registry, limiter);
        ResilienceMetrics.bind(registry, clients);
        assertThatThrownBy(() -> bulkhead.run(() -> bulkhead.run(() -> {}))).isInstanceOf(RejectedCallException.class);
        limiter.tryAcquire();
        clients.tryAcquire("a");
        assertThat(text())
                .contains("pentalith_bulkhead_limit{bulkhead=\"db\"} 1\n")
                .contains("pentalith_bulkhead_in_flight{bulkhead=\"db\"} 0\n")
                .contains("pentalith_bulkhead_calls_total{bulkhead=\"db\",outcome=\"admitted\"} 1\n")
                .contains("pentalith_bulkhead_calls_total{bulkhead=\"db\",outcome=\"rejected\"} 1\n")
                .contains("pentalith_rate_limiter_permits_total{limiter=\"api\",outcome=\"granted\"} 1\n")
                .contains("pentalith_rate_limiter_permits_total{limiter=\"clients\",outcome=\"granted\"} 1\n")
                .contains("pentalith_rate_limiter_keys{limiter=\"clients\"} 1\n");
    }

    @Test
    void balancer_boundAndObserved_showsPicksAndEndpointsThatComeAndGo() {
        Endpoint a = Endpoint.of("a", "127.0.0.1", 1);
        Endpoint b = Endpoint.of("b", "127.0.0.1", 2);
        EndpointHolder fleet = EndpointHolder.of("fleet", a, b);
        try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("nodes", fleet)
                .observer(LoadBalancerMetrics.observer(registry))
                .build()) {
            Registration binding = LoadBalancerMetrics.bind(registry, balancer);
            HealthCheck check = LoadBalancerMetrics.health(balancer);
            try (var lease = balancer.acquire()) {
                lease.success();
            }
            assertThat(text())
                    .contains("pentalith_loadbalance_eligible{balancer=\"nodes\"} 2\n")
                    .contains("pentalith_loadbalance_picks_total{balancer=\"nodes\",result=\"acquired\"} 1\n")
                    .contains("pentalith_loadbalance_calls_total{balancer=\"nodes\",outcome=\"success\"} 1\n")
                    .contains("pentalith_loadbalance_endpoint_ready{balancer=\"nodes\",endpoint=\"b\"} 1\n")
                    .contains(
                            "pentalith_loadbalance_call_duration_seconds_count{balancer=\"nodes\",outcome=\"success\"} 1\n");
            assertThat(ask(check).health().status()).isEqualTo(Health.Status.UP);
            fleet.update(set -> set.without("b"));
            assertThat(text()).contains("endpoint=\"a\"").doesNotContain("endpoint=\"b\"");
            fleet.update(set -> set.without("a"));
            assertThatThrownBy(balancer::acquire).isInstanceOf(NoEndpointException.class);
            assertThat(text())
                    .contains("pentalith_loadbalance_refusals_total{balancer=\"nodes\",reason=\"empty\"} 1\n")
                    .doesNotContain("endpoint=");
            assertThat(ask(check).health().status()).isEqualTo(Health.Status.DOWN);
            binding.close();
            assertThat(text()).doesNotContain("pentalith_loadbalance_picks_total{");
        }
    }

    @Test
    void scaler_bound_showsServersAndActions() {
        VirtualTime time = VirtualTime.create();
        AtomicInteger servers = new AtomicInteger(2);
        ScalingController.Actuator fleet = new ScalingController.Actuator() {
            @Override
            public int servers() {
                return servers.get();
            }

            @Override
            public CompletionStage<?> scaleTo(int wanted) {
                servers.set(wanted);
                return CompletableFuture.completedStage(null);
            }
        };
        ScalingSpec spec = ScalingSpec.of(1, 10, ScalingSpec.Metric.average("load", 8));
        try (ScalingController controller = ScalingController.builder("fleet", spec, fleet)
                .metrics(() -> List.of(MetricSample.of("load", List.of(16.0, 16.0))))
                .coolDown(Duration.ofMinutes(5), Duration.ofMinutes(5))
                .interval(Duration.ofSeconds(15))
                .executor(Runnable::run)
                .ticker(time)
                .clock(time)
                .scheduler(time)
                .build()) {
            Registration binding = LoadBalancerMetrics.bind(registry, controller);
            time.advance(Duration.ofSeconds(30));
            assertThat(text())
                    .contains("pentalith_scaler_servers{scaler=\"fleet\"} " + servers.get() + "\n")
                    .contains("pentalith_scaler_desired{scaler=\"fleet\"} " + servers.get() + "\n")
                    .contains("pentalith_scaler_in_flight{scaler=\"fleet\"} 0\n")
                    .contains("pentalith_scaler_cooling_down{scaler=\"fleet\"} 1\n")
                    .contains("pentalith_scaler_evaluations_total{scaler=\"fleet\"} 2\n")
                    .contains("pentalith_scaler_actions_total{scaler=\"fleet\",direction=\"up\"} 1\n")
                    .contains("pentalith_scaler_actions_total{scaler=\"fleet\",direction=\"down\"} 0\n")
                    .contains("pentalith_scaler_failures_total{scaler=\"fleet\"} 0\n");
            assertThat(servers).hasValueGreaterThan(2);
            binding.close();
            assertThat(text()).doesNotContain("pentalith_scaler_servers{");
        }
    }

    private static CacheStats cacheStats(TieredCache.RemoteState state) {
        return new CacheStats(
                "links",
                1,
                2,
                3,
                4,
                5,
                19,
                20,
                21,
                6_500_000_000L,
                7,
                8,
                9,
                10,
                11,
                18,
                12,
                13,
                14,
                15,
                16,
                17,
                1_500_000_000L,
                state);
    }

    @Test
    void cache_bound_showsEveryFigureOfItsStats() {
        Registration binding = CacheMetrics.bind(registry, "links", () -> cacheStats(TieredCache.RemoteState.LIVE));
        assertThat(text())
                .contains("pentalith_cache_requests_total{cache=\"links\",result=\"local_hit\"} 1\n")
                .contains("pentalith_cache_requests_total{cache=\"links\",result=\"remote_hit\"} 2\n")
                .contains("pentalith_cache_requests_total{cache=\"links\",result=\"miss\"} 3\n")
                .contains("pentalith_cache_loads_total{cache=\"links\",outcome=\"success\"} 4\n")
                .contains("pentalith_cache_loads_total{cache=\"links\",outcome=\"failure\"} 5\n")
                .contains("pentalith_cache_loading_seconds_total{cache=\"links\"} 6.5\n")
                .contains("pentalith_cache_refreshes_total{cache=\"links\"} 19\n")
                .contains("pentalith_cache_writes_total{cache=\"links\",outcome=\"success\"} 20\n")
                .contains("pentalith_cache_writes_total{cache=\"links\",outcome=\"failure\"} 21\n")
                .contains("pentalith_cache_stale_served_total{cache=\"links\"} 7\n")
                .contains("pentalith_cache_wait_timeouts_total{cache=\"links\"} 8\n")
                .contains("pentalith_cache_refused_values_total{cache=\"links\",level=\"local\"} 9\n")
                .contains("pentalith_cache_refused_values_total{cache=\"links\",level=\"remote\"} 10\n")
                .contains("pentalith_cache_remote_failures_total{cache=\"links\"} 11\n")
                .contains("pentalith_cache_encode_failures_total{cache=\"links\"} 18\n")
                .contains("pentalith_cache_decode_failures_total{cache=\"links\"} 12\n")
                .contains("pentalith_cache_invalidations_total{cache=\"links\"} 13\n")
                .contains("pentalith_cache_feed_losses_total{cache=\"links\"} 14\n")
                .contains("pentalith_cache_entries{cache=\"links\"} 15\n")
                .contains("pentalith_cache_evictions_total{cache=\"links\"} 16\n")
                .contains("pentalith_cache_pending_writes{cache=\"links\"} 17\n")
                .contains("pentalith_cache_unverified_seconds{cache=\"links\"} 1.5\n")
                .contains("pentalith_cache_remote_state{cache=\"links\",state=\"live\"} 1\n")
                .contains("pentalith_cache_remote_state{cache=\"links\",state=\"unverified\"} 0\n");
        binding.close();
        assertThat(text()).doesNotContain("links");
    }

    @Test
    void cache_unverified_isDegradedButNotCritical() {
        HealthReport.Check away =
                ask(CacheMetrics.health("links", () -> cacheStats(TieredCache.RemoteState.UNVERIFIED)));
        assertThat(away.health().status()).isEqualTo(Health.Status.DEGRADED);
        assertThat(away.critical()).isFalse();
        assertThat(ask(CacheMetrics.health("links", () -> cacheStats(TieredCache.RemoteState.NONE)))
                        .health()
                        .status())
                .isEqualTo(Health.Status.UP);
    }

    @Test
    void cacheObserver_ofLoadsAndRemoteCalls_recordsDurations() {
        TieredCache.Observer observer = CacheMetrics.observer(registry);
        observer.onLoad("links", 1_000, true);
        observer.onLoad("links", 1_000, false);
        observer.onRemoteCall("links", 1_000, true);
        observer.onRemoteCall("links", 1_000, false);
        assertThat(text())
                .contains("pentalith_cache_load_duration_seconds_count{cache=\"links\",outcome=\"success\"} 1\n")
                .contains("pentalith_cache_load_duration_seconds_count{cache=\"links\",outcome=\"failure\"} 1\n")
                .contains("pentalith_cache_remote_duration_seconds_count{cache=\"links\",outcome=\"success\"} 1\n")
                .contains("pentalith_cache_remote_duration_seconds_count{cache=\"links\",outcome=\"failure\"} 1\n");
    }
}
