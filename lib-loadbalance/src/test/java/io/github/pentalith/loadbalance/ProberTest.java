// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.loadbalance.LoadBalancer.State;
import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Rhythm and verdicts, in virtual time and with a check of the test's own. */
class ProberTest {
    private final VirtualTime time = VirtualTime.startingAt(java.time.Instant.EPOCH, Long.MAX_VALUE - 1_000_000_000L);
    private final EndpointHolder holder = EndpointHolder.of("nodes", Fleets.equal(4));
    private final Map<String, CompletionStage<Boolean>> answers = new HashMap<>();
    private final Map<String, List<Duration>> checks = new HashMap<>();

    private final HealthProbe probe = HealthProbe.of(endpoint -> {
                checks.computeIfAbsent(endpoint.id(), id -> new ArrayList<>()).add(time.elapsed());
                return answers.getOrDefault(endpoint.id(), CompletableFuture.completedFuture(true));
            })
            .interval(Duration.ofSeconds(2))
            .fastInterval(Duration.ofMillis(400))
            .timeout(Duration.ofMillis(300))
            .jitter(0);

    private LoadBalancer<Endpoint> build(HealthProbe probe) {
        return LoadBalancer.builder("nodes", holder)
                .healthProbe(probe)
                .scheduler(time)
                .ticker(time)
                .executor(Runnable::run)
                .random(Fleets.seeded(3))
                .build();
    }

    private State state(LoadBalancer<Endpoint> balancer, int i) {
        return balancer.stats().endpoints().get(i).state();
    }

    @Test
    void firstCheck_ofEachEndpoint_decidesAlone() {
        answers.put("e0002", CompletableFuture.completedFuture(false));
        LoadBalancer<Endpoint> balancer = build(probe);
        assertThat(balancer.stats().endpoints())
                .allSatisfy(endpoint -> assertThat(endpoint.state()).isEqualTo(State.PENDING));
        assertThat(balancer.stats().eligible()).as("hope, until somebody knows").isEqualTo(4);
        assertThat(balancer.stats().panic()).isFalse();
        assertThat(balancer.explain(PickContext.create()).get(0).why())
                .isEqualTo("not probed yet; used as too few are ready");

        time.advance(Duration.ofMillis(400));

        assertThat(state(balancer, 0)).isEqualTo(State.READY);
        assertThat(state(balancer, 2)).isEqualTo(State.UNHEALTHY);
        assertThat(balancer.stats().eligible()).isEqualTo(3);
        assertThat(balancer.explain(PickContext.create()).get(2).why()).isEqualTo("probe: answered: not well");
        assertThat(balancer.explain(PickContext.create()).get(1).why()).isEqualTo("ready, probe: passed");
    }

    @Test
    void fall_badChecksInARow_comeFastAndThenCount() {
        LoadBalancer<Endpoint> balancer = build(probe.fall(3));
        time.advance(Duration.ofSeconds(3));
        assertThat(state(balancer, 1)).isEqualTo(State.READY);

        answers.put("e0001", CompletableFuture.failedFuture(new IllegalStateException("broken")));
        checks.clear();
        // At most one interval until the first bad check, then two fast ones.
        time.advance(Duration.ofMillis(2_000 + 2 * 400));

        assertThat(state(balancer, 1)).isEqualTo(State.UNHEALTHY);
        assertThat(balancer.explain(PickContext.create()).get(1).why()).contains("broken");
        List<Duration> times = checks.get("e0001");
        assertThat(times.get(1).minus(times.get(0))).isEqualTo(Duration.ofMillis(400));
        assertThat(times.get(2).minus(times.get(1))).isEqualTo(Duration.ofMillis(400));
    }

    @Test
    void fall_goodCheckInBetween_beginsAnew() {
        LoadBalancer<Endpoint> balancer = build(probe.fall(2));
        time.advance(Duration.ofSeconds(3));
        for (int i = 0; i < 6; i++) {
            answers.put("e0001", CompletableFuture.completedFuture(i % 2 == 0 ? Boolean.FALSE : Boolean.TRUE));
            int seen = checks.get("e0001").size();
            while (checks.get("e0001").size() == seen) {
                time.advance(Duration.ofMillis(100));
            }
        }
        assertThat(state(balancer, 1)).isEqualTo(State.READY);
    }

    @Test
    void rise_goodChecksInARow_bringItBack() {
        answers.put("e0001", CompletableFuture.completedFuture(false));
        LoadBalancer<Endpoint> balancer = build(probe.rise(3));
        time.advance(Duration.ofSeconds(3));
        assertThat(state(balancer, 1)).isEqualTo(State.UNHEALTHY);

        answers.remove("e0001");
        checks.clear();
        while (checks.getOrDefault("e0001", List.of()).size() < 2) {
            time.advance(Duration.ofMillis(100));
        }
        assertThat(state(balancer, 1)).isEqualTo(State.UNHEALTHY);
        time.advance(Duration.ofMillis(400));
        assertThat(state(balancer, 1)).isEqualTo(State.READY);
    }

    @Test
    void timeout_noAnswer_isBadAndTheCheckIsCancelledAndDelaysNobody() {
        CompletableFuture<Boolean> never = new CompletableFuture<>();
        answers.put("e0003", never);
        LoadBalancer<Endpoint> balancer = build(probe);

        time.advance(Duration.ofMillis(700));

        assertThat(state(balancer, 3)).isEqualTo(State.UNHEALTHY);
        assertThat(never).isCancelled();
        assertThat(balancer.explain(PickContext.create()).get(3).why()).isEqualTo("probe: no answer within PT0.3S");
        assertThat(state(balancer, 0)).isEqualTo(State.READY);
        time.advance(Duration.ofSeconds(20));
        assertThat(checks.get("e0000")).hasSizeBetween(10, 11);
    }

    @Test
    void check_throws_isBad() {
        LoadBalancer<Endpoint> balancer = build(HealthProbe.of(endpoint -> {
            throw new IllegalStateException("thrown");
        }));

        time.advance(Duration.ofSeconds(1));

        assertThat(balancer.stats().panic()).isTrue();
        assertThat(balancer.explain(PickContext.create()).get(0).why()).contains("thrown");
    }

    @Test
    void firstChecks_ofALargeFleet_areSpreadOverOneFastInterval() {
        int n = 2_000;
        holder.update(set -> set.withAll(List.of(Fleets.equal(n))));
        try (LoadBalancer<Endpoint> unused = build(probe)) {
            time.advance(Duration.ofMillis(400));
        }
        double[] starts = checks.values().stream()
                .mapToDouble(times -> times.get(0).toNanos() / 400e6)
                .sorted()
                .toArray();
        assertThat(starts).hasSize(n);
        double distance = 0; // Kolmogorov-Smirnov
        for (int i = 0; i < n; i++) {
            distance = Math.max(distance, Math.max(starts[i] - i / (double) n, (i + 1) / (double) n - starts[i]));
        }
        assertThat(distance).isLessThan(2.2 / Math.sqrt(n)); // p < 10^-4
    }

    @Test
    void jitter_ofIntervals_staysWithinItsShare() {
        LoadBalancer<Endpoint> unused = build(probe.jitter(0.5));
        time.advance(Duration.ofMinutes(5));
        List<Duration> times = checks.get("e0000");
        List<Long> gaps = new ArrayList<>();
        for (int i = 1; i < times.size(); i++) {
            gaps.add(times.get(i).minus(times.get(i - 1)).toMillis());
        }
        assertThat(gaps).allSatisfy(gap -> assertThat(gap).isBetween(1_499L, 2_501L));
        assertThat(gaps.stream().distinct().count()).isGreaterThan(50);
    }

    @Test
    void update_newEndpoint_waitsForItsFirstVerdictWhileOthersAreReady() {
        LoadBalancer<Endpoint> balancer = build(probe);
        time.advance(Duration.ofSeconds(1));

        holder.update(set -> set.with(Fleets.endpoint(9)));
        assertThat(balancer.stats().eligible()).isEqualTo(4);
        time.advance(Duration.ofMillis(400));

        assertThat(balancer.stats().eligible()).isEqualTo(5);
    }

    @Test
    void update_allEndpointsReplaced_theNewOnesServeAtOnce() {
        LoadBalancer<Endpoint> balancer = build(probe);
        time.advance(Duration.ofSeconds(1));

        holder.update(set -> set.withAll(List.of(Fleets.endpoint(7), Fleets.endpoint(8))));

        assertThat(balancer.stats().eligible()).isEqualTo(2);
        assertThat(balancer.stats().panic()).isFalse();
    }

    @Test
    void update_endpointLeaves_itsChecksEnd() {
        LoadBalancer<Endpoint> balancer = build(probe);
        time.advance(Duration.ofSeconds(1));

        holder.update(set -> set.without("e0003"));
        checks.clear();
        time.advance(Duration.ofMinutes(1));

        assertThat(checks).containsOnlyKeys("e0000", "e0001", "e0002");
        balancer.close();
        assertThat(time.pendingTasks()).isZero();
    }

    @Test
    void panic_allUnhealthyAndThresholdZero_refuses() {
        LoadBalancer<Endpoint> balancer = LoadBalancer.builder("nodes", holder)
                .healthProbe(probe)
                .panicThreshold(0)
                .scheduler(time)
                .ticker(time)
                .executor(Runnable::run)
                .build();
        for (Endpoint endpoint : holder.current().endpoints()) {
            answers.put(endpoint.id(), CompletableFuture.completedFuture(false));
        }
        assertThat(balancer.stats().eligible()).as("nobody is known to be sick").isEqualTo(4);
        time.advance(Duration.ofSeconds(1));

        assertThatThrownBy(balancer::acquire).hasMessageContaining("UNHEALTHY");
    }

    @Test
    void scheduler_shutDown_stopsChecksQuietly() {
        LoadBalancer<Endpoint> balancer = build(probe);
        time.shutdown();
        time.advance(Duration.ofMinutes(1));

        assertThat(balancer.acquire().endpoint()).isNotNull();
        balancer.close();
        assertThat(time.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
}
