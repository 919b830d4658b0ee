// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.pentalith.loadbalance.LoadBalancer.Candidate;
import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Priorities, zones, and slow start across them, through the balancer. */
class PriorityZoneTest {
    private static final int CALLS = 20_000;
    private final VirtualTime time = VirtualTime.create();
    private EndpointHolder holder = EndpointHolder.of("nodes");

    private LoadBalancerBuilder<Endpoint> builder(Endpoint... endpoints) {
        holder = EndpointHolder.of("nodes", endpoints);
        return LoadBalancer.builder("nodes", holder)
                .scheduler(time)
                .ticker(time)
                .executor(Runnable::run)
                .random(Fleets.seeded(7));
    }

    static List<Policy> policies() {
        return List.of(
                Policy.roundRobin(),
                Policy.random(),
                Policy.weighted(),
                Policy.leastRequest(),
                Policy.peakEwma(),
                Policy.consistentHash(io.github.pentalith.sharding.Placement.ring()));
    }

    /** Ten endpoints of each priority. */
    private static Endpoint[] priorities(int count) {
        Endpoint[] endpoints = new Endpoint[10 * count];
        for (int i = 0; i < endpoints.length; i++) {
            endpoints[i] = Fleets.endpoint(i).priority(i / 10);
        }
        return endpoints;
    }

    private void sick(int priority, int count) {
        for (int i = 0; i < count; i++) {
            holder.health(Fleets.endpoint(10 * priority + i).id(), false);
        }
    }

    /** The share of calls by what the endpoints have in common. */
    private static Map<String, Double> shares(
            LoadBalancer<Endpoint> balancer, java.util.function.Function<Endpoint, String> by) {
        Map<String, Double> shares = new TreeMap<>();
        for (int i = 0; i < CALLS; i++) {
            try (Lease<Endpoint> lease = balancer.acquire()) {
                shares.merge(by.apply(lease.target()), 1.0 / CALLS, Double::sum);
            }
        }
        return shares;
    }

    private static double priorityShare(LoadBalancer<Endpoint> balancer, int priority) {
        return shares(balancer, e -> "" + e.priority()).getOrDefault("" + priority, 0.0);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void priorities_asTheFirstLosesEndpoints_passCallsOn(Policy policy) {
        try (LoadBalancer<Endpoint> balancer =
                builder(priorities(2)).policy(policy).build()) {
            assertThat(priorityShare(balancer, 0)).isEqualTo(1, within(1e-9));
            sick(0, 2);
            assertThat(priorityShare(balancer, 0)).as("80 % x 1.4").isEqualTo(1, within(1e-9));
            sick(0, 5);
            assertThat(priorityShare(balancer, 0)).isCloseTo(0.7, within(0.02));
            sick(0, 10);
            assertThat(priorityShare(balancer, 0)).isZero();
            for (int i = 0; i < 10; i++) {
                holder.health(Fleets.endpoint(i).id(), true);
            }
            assertThat(priorityShare(balancer, 0)).isEqualTo(1, within(1e-9));
        }
    }

    @Test
    void priorities_allTooSick_panicTogetherBySize() {
        try (LoadBalancer<Endpoint> balancer = builder(priorities(2)).build()) {
            sick(0, 8);
            sick(1, 8);
            assertThat(balancer.stats().panic()).isTrue();
            assertThat(balancer.stats().eligible()).isEqualTo(20);
            assertThat(priorityShare(balancer, 0)).isCloseTo(0.5, within(0.02));
        }
    }

    @Test
    void priorities_oneBelowTheThreshold_isNoPanicWhileTheOthersCanTakeAll() {
        try (LoadBalancer<Endpoint> balancer = builder(priorities(2)).build()) {
            sick(0, 9);
            assertThat(balancer.stats().panic()).isFalse();
            assertThat(priorityShare(balancer, 0)).isCloseTo(0.14, within(0.02));
        }
    }

    @Test
    void overprovisioning_ofOne_passesOnWhatIsLost() {
        try (LoadBalancer<Endpoint> balancer =
                builder(priorities(2)).overprovisioning(1).build()) {
            sick(0, 2);
            assertThat(priorityShare(balancer, 0)).isCloseTo(0.8, within(0.02));
        }
    }

    @Test
    void explain_ofAReserve_saysWhyNot() {
        try (LoadBalancer<Endpoint> balancer = builder(priorities(2)).build()) {
            List<Candidate> candidates = balancer.explain(PickContext.create());
            assertThat(candidates.get(0).eligible()).isTrue();
            assertThat(candidates.get(15).eligible()).isFalse();
            assertThat(candidates.get(15).why())
                    .isEqualTo("ready, not probed; in reserve, as a better priority takes all calls");
            sick(0, 5);
            assertThat(balancer.explain(PickContext.create()).get(15).why())
                    .isEqualTo("ready, not probed; its priority and zone get 30 % of the calls");
        }
    }

    // Zones

    private static Endpoint in(int i, String zone) {
        return Fleets.endpoint(i).zone(zone);
    }

    private static Endpoint[] zones() {
        return new Endpoint[] {
            in(0, "eu/a"), in(1, "eu/a"), in(2, "eu/b"), in(3, "eu/b"), in(4, "us/a"), in(5, "us/a"),
        };
    }

    @ParameterizedTest
    @MethodSource("policies")
    void zone_isPreferredThenItsRegionThenAnybody(Policy policy) {
        try (LoadBalancer<Endpoint> balancer =
                builder(zones()).zone("eu/a").policy(policy).build()) {
            assertThat(shares(balancer, Endpoint::zone)).containsOnlyKeys("eu/a");
            holder.health(Fleets.endpoint(0).id(), false);
            Map<String, Double> shares = shares(balancer, Endpoint::zone);
            assertThat(shares).containsOnlyKeys("eu/a", "eu/b");
            assertThat(shares.get("eu/a")).isCloseTo(0.7, within(0.02));
            holder.update(set -> set.without(Fleets.endpoint(2).id())
                    .without(Fleets.endpoint(3).id()));
            assertThat(shares(balancer, Endpoint::zone)).containsOnlyKeys("eu/a", "us/a");
            holder.update(set -> set.without(Fleets.endpoint(0).id())
                    .without(Fleets.endpoint(1).id()));
            assertThat(shares(balancer, Endpoint::zone)).containsOnlyKeys("us/a");
        }
    }

    @ParameterizedTest
    @CsvSource({"0.2, 1", "0.5, 0.4", "1, 0.2"})
    void zone_withTheShareOfItsCalls_keepsEndpointsEquallyBusy(double clients, double kept) {
        Endpoint[] endpoints = new Endpoint[10];
        for (int i = 0; i < 10; i++) {
            endpoints[i] = in(i, i < 2 ? "eu/a" : "eu/b");
        }
        try (LoadBalancer<Endpoint> balancer =
                builder(endpoints).zone("eu/a", clients).build()) {
            double near = shares(balancer, Endpoint::zone).get("eu/a");
            assertThat(near).isCloseTo(kept, within(0.02));
            // The law: what this zone's endpoints get of all calls, if the others' clients stay at home too.
            double load = near * clients + (1 - clients) * Math.max(0, 0.2 - clients) / 0.8;
            assertThat(load / 0.2).as("per endpoint, in terms of the mean").isCloseTo(1, within(0.1));
        }
    }

    @Test
    void zone_withoutEndpointsOfItsOwn_usesTheOthers() {
        try (LoadBalancer<Endpoint> balancer =
                builder(in(0, "us/a"), Fleets.endpoint(1)).zone("plain").build()) {
            assertThat(shares(balancer, Endpoint::id)).hasSize(2);
        }
        try (LoadBalancer<Endpoint> balancer =
                builder(in(0, "plain"), in(1, "other")).zone("plain", 0.01).build()) {
            assertThat(shares(balancer, Endpoint::id)).containsOnlyKeys("e0000");
        }
        try (LoadBalancer<Endpoint> balancer =
                builder(in(0, "plain"), in(1, "plain")).zone("plain", 1).build()) {
            assertThat(shares(balancer, Endpoint::id)).hasSize(2);
        }
    }

    @ParameterizedTest
    @MethodSource("policies")
    void retry_whenTheZoneWasTried_goesToTheNextZone(Policy policy) {
        try (LoadBalancer<Endpoint> balancer = builder(in(0, "eu/a"), in(1, "us/a"), in(2, "us/a"))
                .zone("eu/a")
                .policy(policy)
                .build()) {
            for (int i = 0; i < 50; i++) {
                PickContext request = PickContext.create();
                List<String> tried = new ArrayList<>();
                for (int attempt = 0; attempt < 3; attempt++) {
                    try (Lease<Endpoint> lease = balancer.acquire(request)) {
                        tried.add(lease.endpoint().id());
                    }
                }
                assertThat(tried).startsWith("e0000").doesNotHaveDuplicates();
            }
            assertThat(balancer.explain(PickContext.create()).get(1).why())
                    .endsWith("; only for retries, as a nearer zone takes all calls");
        }
    }

    @Test
    void affinity_acrossGroups_staysWithOneEndpoint() {
        try (LoadBalancer<Endpoint> balancer = builder(priorities(2))
                .policy(Policy.consistentHash(io.github.pentalith.sharding.Placement.ring()))
                .build()) {
            sick(0, 5);
            for (int key = 0; key < 200; key++) {
                String first = null;
                for (int i = 0; i < 3; i++) {
                    try (Lease<Endpoint> lease =
                            balancer.acquire(PickContext.create().affinity("user-" + key))) {
                        first = first == null ? lease.endpoint().id() : first;
                        assertThat(lease.endpoint().id()).isEqualTo(first);
                    }
                }
            }
        }
    }

    // Slow start

    private double share(LoadBalancer<Endpoint> balancer, int endpoint) {
        return shares(balancer, Endpoint::id)
                .getOrDefault(Fleets.endpoint(endpoint).id(), 0.0);
    }

    @ParameterizedTest
    @MethodSource("policies")
    void slowStart_newEndpointsShare_growsAndIsWholeAtTheEnd(Policy policy) {
        try (LoadBalancer<Endpoint> balancer = builder(Fleets.equal(4))
                .policy(policy)
                .slowStart(Duration.ofSeconds(20))
                .build()) {
            holder.update(set -> set.with(Fleets.endpoint(4)));
            double before = 0;
            for (int second = 0; second <= 20; second += 4) {
                double now = share(balancer, 4);
                assertThat(now).isGreaterThanOrEqualTo(before - 0.02);
                before = now;
                time.advance(Duration.ofSeconds(4));
            }
            assertThat(before).isCloseTo(0.2, within(policy.toString().startsWith("consistent") ? 0.06 : 0.02));
        }
    }

    @Test
    void slowStart_aPriorityOfOneEndpoint_takesOverGradually() {
        try (LoadBalancer<Endpoint> balancer = builder(
                        Fleets.endpoint(0), Fleets.endpoint(1).priority(1))
                .slowStart(Duration.ofSeconds(100))
                .build()) {
            holder.health("e0000", false);
            assertThat(share(balancer, 0)).isZero();
            holder.health("e0000", true);
            assertThat(share(balancer, 0)).isCloseTo(0.14, within(0.02));
            time.advance(Duration.ofSeconds(50));
            assertThat(share(balancer, 0)).isCloseTo(0.7, within(0.02));
            time.advance(Duration.ofSeconds(50));
            assertThat(share(balancer, 0)).isEqualTo(1, within(1e-9));
        }
    }

    @Test
    void slowStart_newFleetWhoseProbesPassOneByOne_beginsAtFullShare() {
        Map<String, CompletableFuture<Boolean>> answers = new ConcurrentHashMap<>();
        try (LoadBalancer<Endpoint> balancer = builder(Fleets.equal(4))
                .policy(Policy.weighted())
                .healthProbe(HealthProbe.of(
                                endpoint -> answers.computeIfAbsent(endpoint.id(), id -> new CompletableFuture<>()))
                        .interval(Duration.ofSeconds(10))
                        .fastInterval(Duration.ofSeconds(1))
                        .timeout(Duration.ofSeconds(9)))
                .slowStart(Duration.ofMinutes(1))
                .build()) {
            time.advance(Duration.ofSeconds(8));
            for (CompletableFuture<Boolean> answer : List.copyOf(answers.values())) {
                answer.complete(true);
                time.advance(Duration.ofMillis(20));
            }
            assertThat(answers).hasSize(4);
            assertThat(balancer.stats().eligible()).isEqualTo(4);
            for (int i = 0; i < 4; i++) {
                assertThat(share(balancer, i)).as("endpoint %d", i).isCloseTo(0.25, within(0.01));
            }
            answers.put("e0004", CompletableFuture.completedFuture(true));
            holder.update(set -> set.with(Fleets.endpoint(4)));
            time.advance(Duration.ofSeconds(5));
            assertThat(share(balancer, 4)).as("one that comes later").isLessThan(0.05);
        }
    }

    @Test
    void builder_badValues_sayWhatWasExpected() {
        LoadBalancerBuilder<Endpoint> builder = builder();
        assertThatThrownBy(() -> builder.overprovisioning(0.9))
                .hasMessage("overprovisioning must be in range: overprovisioning=0.9 (expected: 1 or more)");
        assertThatThrownBy(() -> builder.zone("a", 0))
                .hasMessage("share must be in range: share=0.0 (expected: more than 0, at most 1)");
    }
}
