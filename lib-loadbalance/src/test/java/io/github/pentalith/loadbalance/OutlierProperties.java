// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.loadbalance.LoadBalancer.EndpointStats;
import io.github.pentalith.loadbalance.LoadBalancer.State;
import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Laws 8, 10 and 12: latency averages, ejection, slow start. */
class OutlierProperties {
    // Law 10

    @Property(tries = 40)
    void ejection_anyCallsAndChanges_keepsTheLimitAndGivesTheEjectedNothing(@ForAll long seed) {
        Random random = new Random(seed);
        double limit = random.nextInt(11) / 10.0;
        int n = 1 + random.nextInt(10);
        VirtualTime time = VirtualTime.create();
        EndpointHolder holder = EndpointHolder.of("nodes", Fleets.equal(n));
        try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("laws", holder)
                .outlierDetection(OutlierDetection.defaults()
                        .maxEjected(limit)
                        .consecutiveFailures(1 + random.nextInt(3))
                        .failureShare(0.6)
                        .minimumCalls(5)
                        .interval(Duration.ofSeconds(1))
                        .ejection(Duration.ofSeconds(2), Duration.ofSeconds(9)))
                .panicThreshold(0)
                .scheduler(time)
                .ticker(time)
                .executor(Runnable::run)
                .random(Fleets.seeded(seed))
                .build()) {
            for (int i = 0; i < 300; i++) {
                switch (random.nextInt(12)) {
                    case 0 -> time.advance(Duration.ofMillis(random.nextInt(1500)));
                    case 1 ->
                        holder.update(set ->
                                set.with(Fleets.endpoint(random.nextInt(n)).weight(random.nextInt(2))));
                    case 2 -> {
                        String id = Fleets.endpoint(random.nextInt(n)).id();
                        holder.update(set -> set.size() > 1 ? set.without(id) : set);
                    }
                    default -> call(balancer, random);
                }
                time.advance(Duration.ofMillis(11)); // whatever is coalesced is done
                List<EndpointStats> endpoints = balancer.stats().endpoints();
                long ejected = endpoints.stream()
                        .filter(endpoint -> endpoint.state() == State.EJECTED)
                        .count();
                long serving = endpoints.stream()
                        .filter(endpoint -> endpoint.weight() > 0)
                        .count();
                assertThat(ejected).isLessThanOrEqualTo((long) Math.floor(limit * serving + 1e-9));
            }
        }
    }

    private static void call(LoadBalancer<Endpoint> balancer, Random random) {
        try {
            Lease<Endpoint> lease = balancer.acquire();
            EndpointStats picked = balancer.stats().endpoints().stream()
                    .filter(endpoint -> endpoint.id().equals(lease.endpoint().id()))
                    .findFirst()
                    .orElseThrow();
            assertThat(picked.state()).isEqualTo(State.READY);
            lease.failure(random.nextInt(Fleets.number(lease.endpoint()) + 2) == 0 ? Outcome.SUCCESS : Outcome.TIMEOUT);
        } catch (NoEndpointException e) {
            assertThat(balancer.stats().eligible()).isZero();
        }
    }

    @Property(tries = 50)
    void ejection_ofAnEndpointThatKeepsFailing_lastsBaseTimesItsNumber_upToTheMaximum(
            @ForAll @IntRange(min = 1, max = 5) int failures, @ForAll @IntRange(min = 1, max = 20) int maxSeconds) {
        VirtualTime time = VirtualTime.create();
        try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("laws", EndpointSource.of(Fleets.equal(2)))
                .policy(Policy.roundRobin())
                .outlierDetection(OutlierDetection.defaults()
                        .consecutiveFailures(failures)
                        .interval(Duration.ofHours(1)) // no forgiving within this test
                        .ejection(Duration.ofSeconds(1), Duration.ofSeconds(maxSeconds)))
                .scheduler(time)
                .ticker(time)
                .executor(Runnable::run)
                .random(Fleets.seeded(1))
                .build()) {
            for (int times = 1; times <= 8; times++) {
                int calls = 0;
                while (balancer.stats().eligible() == 2) {
                    try (Lease<Endpoint> lease = balancer.acquire()) {
                        boolean bad = Fleets.number(lease.endpoint()) == 0;
                        calls += bad ? 1 : 0;
                        lease.failure(bad ? Outcome.SERVER_ERROR : Outcome.SUCCESS);
                    }
                }
                assertThat(calls).as("failures until ejection").isEqualTo(failures);
                long expected = Math.min(times, maxSeconds);
                time.advance(Duration.ofSeconds(expected).minusMillis(1));
                assertThat(balancer.stats().eligible()).isEqualTo(1);
                time.advance(Duration.ofMillis(12));
                assertThat(balancer.stats().eligible()).isEqualTo(2);
            }
        }
    }

    @Property(tries = 50)
    void successRate_equalForAll_ejectsNobody(@ForAll @IntRange(min = 1, max = 9) int goodOfTen) {
        VirtualTime time = VirtualTime.create();
        try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("laws", EndpointSource.of(Fleets.equal(6)))
                .policy(Policy.roundRobin())
                .outlierDetection(OutlierDetection.defaults().consecutiveFailures(1_000))
                .scheduler(time)
                .ticker(time)
                .executor(Runnable::run)
                .random(Fleets.seeded(goodOfTen))
                .build()) {
            for (int i = 0; i < 6 * 200; i++) {
                balancer.acquire().failure(i / 6 % 10 < goodOfTen ? Outcome.SUCCESS : Outcome.SERVER_ERROR);
            }
            time.advance(Duration.ofSeconds(11));
            assertThat(balancer.stats().eligible()).isEqualTo(6);
        }
    }

    // Law 8

    @Property(tries = 300)
    void latency_anySamples_staysWithinThem_decays_andDoesNotDependOnReading(@ForAll long seed) {
        Random random = new Random(seed);
        double tau = 1e9 * (1 + random.nextInt(20));
        NodeLatency often = new Node<>(Endpoint.of("10.0.0.1", 80), "target");
        NodeLatency seldom = new Node<>(Endpoint.of("10.0.0.1", 80), "target");
        long now = random.nextLong() >> 20;
        double most = 0;
        for (int i = 0; i < 100; i++) {
            now += random.nextInt(50) == 0 ? -random.nextInt(1_000_000) : (long) random.nextInt(200) << 22;
            double before = often.latency(now, tau);
            if (random.nextInt(3) == 0) {
                double sample = 1e6 * (1 + random.nextInt(5_000));
                most = Math.max(most, sample);
                often.sample(now, sample, false, tau);
                seldom.sample(now, sample, false, tau);
                double after = often.latency(now, tau);
                assertThat(after)
                        .as("between the sample or what was left, and the greatest sample, rounded to a float")
                        .isBetween(Math.min(before, sample) * (1 - 1e-6), most * (1 + 1e-6));
                if (sample >= before) {
                    assertThat(after).as("a peak counts at once").isGreaterThanOrEqualTo(sample * (1 - 1e-6));
                }
            } else {
                double later = often.latency(now + (long) random.nextInt(1_000) * 1_000_000, tau);
                assertThat(later).as("decays").isLessThanOrEqualTo(before);
                assertThat(later).isBetween(0.0, most * (1 + 1e-6));
                assertThat(often.latency(now - random.nextInt(1 << 30), tau))
                        .as("a clock that goes back raises nothing above the last sample")
                        .isLessThanOrEqualTo(most * (1 + 1e-6));
            }
            assertThat(seldom.latency(now, tau)).isEqualTo(often.latency(now, tau));
        }
    }

    // Law 12

    @Property(tries = 30)
    void slowStart_weightOfANewEndpoint_neverFallsAndIsWholeAtTheEnd(
            @ForAll @IntRange(min = 1, max = 8) int old, @ForAll @IntRange(min = 1, max = 300) int seconds) {
        VirtualTime time = VirtualTime.create();
        EndpointHolder holder = EndpointHolder.of("nodes", Fleets.equal(old));
        try (LoadBalancer<Endpoint> balancer = LoadBalancer.builder("laws", holder)
                .policy(Policy.weighted())
                .slowStart(Duration.ofSeconds(seconds))
                .scheduler(time)
                .ticker(time)
                .executor(Runnable::run)
                .random(Fleets.seeded(old))
                .build()) {
            int[] fresh = Fleets.picks(balancer, old, 40 * old);
            for (int count : fresh) {
                assertThat(count).as("a fleet new as a whole").isBetween(39, 41);
            }
            holder.update(set -> set.with(Fleets.endpoint(old)));
            List<Integer> shares = new ArrayList<>();
            for (int step = 0; step <= 20; step++) {
                shares.add(Fleets.picks(balancer, old + 1, 1_000 * (old + 1))[old]);
                time.advance(Duration.ofSeconds(seconds).dividedBy(20).plusMillis(1));
            }
            for (int step = 1; step < shares.size(); step++) {
                assertThat(shares.get(step)).isGreaterThanOrEqualTo(shares.get(step - 1) - 2);
            }
            double coldest = 1_000 * 0.1 * (old + 1) / (old + 0.1);
            assertThat(shares.get(0)).isBetween((int) coldest - 2, (int) coldest + 3);
            assertThat(shares.get(20)).isBetween(998, 1_002);
        }
    }
}
