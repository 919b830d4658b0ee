// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.loadbalance.LoadBalancer.State;
import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ejection, slow start and Peak EWMA, in virtual time. */
class OutliersTest {
    private final VirtualTime time =
            VirtualTime.startingAt(java.time.Instant.EPOCH, Long.MAX_VALUE - 20_000_000_000L); // overflows on the way
    private EndpointHolder holder = EndpointHolder.of("nodes", Fleets.equal(4));

    private LoadBalancerBuilder<Endpoint> builder() {
        return LoadBalancer.builder("nodes", holder)
                .policy(Policy.roundRobin())
                .scheduler(time)
                .ticker(time)
                .executor(Runnable::run)
                .random(Fleets.seeded(5));
    }

    /** Calls that fail at some endpoints; returns how many each got. */
    private static int[] calls(LoadBalancer<Endpoint> balancer, int count, IntPredicate fails) {
        int[] counts = new int[10];
        for (int i = 0; i < count; i++) {
            Lease<Endpoint> lease = balancer.acquire();
            int number = Fleets.number(lease.endpoint());
            counts[number]++;
            lease.failure(fails.test(number) ? Outcome.SERVER_ERROR : Outcome.SUCCESS);
        }
        return counts;
    }

    private static State state(LoadBalancer<Endpoint> balancer, int i) {
        return balancer.stats().endpoints().get(i).state();
    }

    @Test
    void failuresInARow_asManyAsAllowed_ejectAtOnceAndTheEndpointGetsNothing() {
        LoadBalancer<Endpoint> balancer =
                builder().outlierDetection(OutlierDetection.defaults()).build();

        int[] counts = calls(balancer, 400, number -> number == 2);

        assertThat(counts[2]).isEqualTo(5);
        assertThat(state(balancer, 2)).isEqualTo(State.EJECTED);
        assertThat(balancer.explain(PickContext.create()).get(2).why()).isEqualTo("ejected: 5 failures in a row");
    }

    @Test
    void failuresInARow_interruptedByASuccess_doNotEject() {
        LoadBalancer<Endpoint> balancer =
                builder().outlierDetection(OutlierDetection.defaults()).build();
        for (int i = 0; i < 200; i++) {
            balancer.acquire().failure(i / 4 % 5 == 4 ? Outcome.SUCCESS : Outcome.TIMEOUT); // each: 4 bad, 1 good
        }
        assertThat(balancer.stats().eligible()).isEqualTo(4);
    }

    @Test
    void overloadedAndCancelled_neverEject() {
        LoadBalancer<Endpoint> balancer =
                builder().outlierDetection(OutlierDetection.defaults()).build();
        for (int i = 0; i < 100; i++) {
            balancer.acquire().overloaded(Duration.ofSeconds(1));
            balancer.acquire().close();
        }
        assertThat(balancer.stats().eligible()).isEqualTo(4);
    }

    @Test
    void ejection_timeIsOver_takesTheEndpointBackAndTheNextLastsLonger() {
        LoadBalancer<Endpoint> balancer =
                builder().outlierDetection(OutlierDetection.defaults()).build();
        calls(balancer, 100, number -> number == 1);
        time.advance(Duration.ofMillis(29_999));
        assertThat(state(balancer, 1)).isEqualTo(State.EJECTED);
        time.advance(Duration.ofMillis(1));
        assertThat(state(balancer, 1)).isEqualTo(State.READY);

        calls(balancer, 100, number -> number == 1);
        time.advance(Duration.ofMillis(59_999));
        assertThat(state(balancer, 1)).isEqualTo(State.EJECTED);
        time.advance(Duration.ofMillis(1));
        assertThat(state(balancer, 1)).isEqualTo(State.READY);

        time.advance(Duration.ofSeconds(25)); // two clean intervals at least
        calls(balancer, 100, number -> number == 1);
        time.advance(Duration.ofSeconds(30));
        assertThat(state(balancer, 1)).as("the count has decayed").isEqualTo(State.READY);
    }

    @Test
    void maxEjected_isNeverExceededAlsoWhenTheFleetShrinks() {
        LoadBalancer<Endpoint> balancer =
                builder().outlierDetection(OutlierDetection.defaults()).build();

        calls(balancer, 500, number -> true);
        assertThat(balancer.stats().eligible()).isEqualTo(2);
        assertThat(balancer.stats().panic()).isFalse();

        List<String> well = balancer.stats().endpoints().stream()
                .filter(endpoint -> endpoint.state() == State.READY)
                .map(LoadBalancer.EndpointStats::id)
                .toList();
        holder.update(set -> set.without(well.get(0))); // 2 of 3 would be more than half
        assertThat(balancer.stats().endpoints())
                .filteredOn(endpoint -> endpoint.state() == State.EJECTED)
                .hasSize(1);
    }

    @Test
    void maxEjected_belowOneEndpoint_ejectsNobody() {
        LoadBalancer<Endpoint> balancer = builder()
                .outlierDetection(OutlierDetection.defaults().maxEjected(0.2))
                .build();
        calls(balancer, 500, number -> number == 0);
        assertThat(balancer.stats().eligible()).isEqualTo(4);
    }

    @Test
    void successRate_farBelowTheFleet_isEjectedAtTheIntervalsEnd() {
        holder = EndpointHolder.of("nodes", Fleets.equal(8));
        RandomGenerator random = Fleets.seeded(9);
        LoadBalancer<Endpoint> balancer = builder()
                .outlierDetection(OutlierDetection.defaults().consecutiveFailures(1_000))
                .build();
        calls(balancer, 4_000, number -> random.nextInt(100) < (number == 6 ? 50 : 1));
        assertThat(balancer.stats().eligible()).isEqualTo(8);

        time.advance(Duration.ofSeconds(10));

        assertThat(state(balancer, 6)).isEqualTo(State.EJECTED);
        assertThat(balancer.stats().eligible()).isEqualTo(7);
        assertThat(balancer.explain(PickContext.create()).get(6).why()).startsWith("ejected: success rate 0.");
    }

    @Test
    void successRate_equalForAllOrTooFewCalls_ejectsNobody() {
        holder = EndpointHolder.of("nodes", Fleets.equal(8));
        LoadBalancer<Endpoint> balancer = builder()
                .outlierDetection(OutlierDetection.defaults().consecutiveFailures(1_000))
                .build();
        calls(balancer, 7_000, number -> true); // fewer than 1,000 each
        time.advance(Duration.ofSeconds(10));
        assertThat(balancer.stats().eligible()).isEqualTo(8);
        calls(balancer, 400, number -> number == 3); // 50 each
        time.advance(Duration.ofSeconds(10));
        assertThat(balancer.stats().eligible()).isEqualTo(8);
    }

    @Test
    void failureShare_aboveTheLimit_isEjected() {
        LoadBalancer<Endpoint> balancer = builder()
                .outlierDetection(OutlierDetection.defaults()
                        .consecutiveFailures(1_000)
                        .failureShare(0.8)
                        .minimumCalls(20))
                .build();
        calls(balancer, 200, number -> number == 0);
        time.advance(Duration.ofSeconds(10));
        assertThat(state(balancer, 0)).isEqualTo(State.EJECTED);
        assertThat(balancer.stats().eligible()).isEqualTo(3);
    }

    @Test
    void settings_badValues_sayWhatWasExpected() {
        OutlierDetection settings = OutlierDetection.defaults();
        assertThatThrownBy(() -> settings.consecutiveFailures(0))
                .hasMessage("consecutiveFailures must be in range: consecutiveFailures=0 (expected: 1 or more)");
        assertThatThrownBy(() -> settings.successRateFactor(0))
                .hasMessage("successRateFactor must be positive: successRateFactor=0.0 (expected: more than 0)");
        assertThatThrownBy(() -> settings.failureShare(2)).hasMessageContaining("failureShare=2.0");
        assertThatThrownBy(() -> settings.maxEjected(-1)).hasMessageContaining("maxEjected=-1.0");
        assertThatThrownBy(() -> settings.minimumCalls(0)).hasMessageContaining("minimumCalls=0");
        assertThatThrownBy(() -> settings.interval(Duration.ZERO)).hasMessageContaining("interval=PT0S");
        assertThatThrownBy(() -> settings.ejection(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessage("max must not be less than base: max=PT1S (expected: PT2S or more)");
        assertThat(settings.successRateFactor(3)
                        .interval(Duration.ofSeconds(1))
                        .ejection(Duration.ofSeconds(2), Duration.ofSeconds(4)))
                .hasToString("OutlierDetection[consecutiveFailures=5, successRateFactor=3.0, failureShare=1.0,"
                        + " interval=PT1S, baseEjection=PT2S, maxEjection=PT4S, maxEjected=0.5, minimumCalls=100]");
    }

    // Slow start

    static List<Policy> policies() {
        return List.of(
                Policy.roundRobin(), Policy.random(), Policy.weighted(), Policy.leastRequest(), Policy.peakEwma());
    }

    @ParameterizedTest
    @MethodSource("policies")
    void slowStart_newEndpoint_comesToItsShareUnderEveryPolicy(Policy policy) {
        LoadBalancer<Endpoint> balancer =
                builder().policy(policy).slowStart(Duration.ofSeconds(10)).build();
        assertThat(calls(balancer, 4_000, number -> false)[0]).isBetween(700, 1_300); // new as a whole: no ramp

        holder.update(set -> set.with(Fleets.endpoint(4)));
        int cold = calls(balancer, 4_100, number -> false)[4];
        time.advance(Duration.ofSeconds(5));
        int half = calls(balancer, 4_500, number -> false)[4];
        time.advance(Duration.ofSeconds(6));
        int warm = calls(balancer, 5_000, number -> false)[4];

        assertThat(cold).isBetween(40, 170); // 100 if drawn by weight
        assertThat(half).isBetween(330, 700);
        assertThat(warm).isBetween(700, 1_300);
    }

    @Test
    void slowStart_afterAnEjection_beginsCold() {
        LoadBalancer<Endpoint> balancer = builder()
                .slowStart(Duration.ofSeconds(10))
                .outlierDetection(OutlierDetection.defaults())
                .build();
        calls(balancer, 100, number -> number == 1);
        time.advance(Duration.ofSeconds(30));

        assertThat(state(balancer, 1)).isEqualTo(State.READY);
        assertThat(calls(balancer, 3_100, number -> false)[1]).isBetween(95, 105);
        time.advance(Duration.ofSeconds(11));
        assertThat(calls(balancer, 4_000, number -> false)[1]).isEqualTo(1_000);
    }

    // Peak EWMA

    @Test
    void peakEwma_slowEndpoint_isAvoidedAndTriedAgainLater() {
        LoadBalancer<Endpoint> balancer = builder().policy(Policy.peakEwma()).build();
        int[] counts = timed(balancer, 400, 2, 1_000);
        assertThat(counts[2]).isBetween(1, 40);

        time.advance(Duration.ofMinutes(10));
        assertThat(timed(balancer, 400, 2, 1)[2]).isGreaterThan(40);
    }

    @Test
    void peakEwma_failingFast_isNotRewarded() {
        LoadBalancer<Endpoint> balancer = builder().policy(Policy.peakEwma()).build();
        int[] counts = new int[4];
        for (int i = 0; i < 400; i++) {
            Lease<Endpoint> lease = balancer.acquire();
            int number = Fleets.number(lease.endpoint());
            counts[number]++;
            if (number == 0) {
                lease.failure(Outcome.SERVER_ERROR); // at once
            } else if (number == 1) {
                lease.overloaded(Duration.ofSeconds(3));
            } else {
                time.advance(Duration.ofMillis(10));
                lease.success();
            }
        }
        // In a sixth of the draws the two are the candidates; beyond that hardly anything.
        assertThat(counts[0] + counts[1]).isLessThan(120); // a fair share would be 200
    }

    private int[] timed(LoadBalancer<Endpoint> balancer, int count, int slow, int slowMillis) {
        int[] counts = new int[4];
        for (int i = 0; i < count; i++) {
            Lease<Endpoint> lease = balancer.acquire();
            int number = Fleets.number(lease.endpoint());
            counts[number]++;
            time.advance(Duration.ofMillis(number == slow ? slowMillis : 10));
            lease.success();
        }
        return counts;
    }

    @Test
    void peakEwma_endpointThatIsCalledAllTheTime_isTimedNowAndThen() {
        AtomicLong readings = new AtomicLong();
        LoadBalancer<Endpoint> balancer = builder()
                .policy(Policy.peakEwma())
                .ticker(() -> {
                    readings.incrementAndGet();
                    return time.getAsLong();
                })
                .build();
        long before = readings.get();
        for (int i = 0; i < 64_000; i++) {
            balancer.acquire().success();
        }
        assertThat(readings.get() - before).isBetween(2 * 64_000L / 16, 3 * 64_000L / 16);
    }

    @Test
    void peakEwma_untimedCallsThatTakeVeryLong_areNoticed() {
        LoadBalancer<Endpoint> balancer = builder().policy(Policy.peakEwma()).build();
        for (int i = 0; i < 1_000; i++) {
            balancer.acquire().success(); // at no time at all, so most of the next calls go untimed
        }
        List<Lease<Endpoint>> slow = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Lease<Endpoint> lease = balancer.acquire();
            if (Fleets.number(lease.endpoint()) == 2) {
                slow.add(lease);
            } else {
                lease.success();
            }
        }
        assertThat(slow).isNotEmpty();
        time.advance(Duration.ofSeconds(5));
        slow.forEach(Lease::success);
        assertThat(timed(balancer, 400, 2, 1_000)[2]).isLessThan(10);
    }

    @Test
    void peakEwma_latenciesWithinAFactorOfTwo_countAsEqual() {
        LoadBalancer<Endpoint> balancer = builder().policy(Policy.peakEwma()).build();
        assertThat(timed(balancer, 4_000, 2, 15)[2]).isBetween(800, 1_200);
        assertThat(timed(balancer, 4_000, 2, 30)[2]).isLessThan(100);
    }

    @Test
    void latency_samples_risesAtOnceFallsSlowlyAndStaysWithinTheSamples() {
        NodeLatency latency = new Node<>(Endpoint.of("10.0.0.1", 80), "target");
        double tau = 10e9;
        latency.sample(0, 5e6, false, tau);
        assertThat(latency.latency(0, tau)).isEqualTo(5e6);
        latency.sample(1L << 20, 50e6, false, tau);
        assertThat(latency.latency(1L << 20, tau)).isEqualTo(50e6);
        latency.sample(2L << 20, 1e6, false, tau);
        assertThat(latency.latency(2L << 20, tau)).isBetween(49e6, 50e6);
        latency.sample(2L << 20, 1e6, true, tau);
        assertThat(latency.latency(2L << 20, tau)).isBetween(49e6, 50e6);
        double before = Double.MAX_VALUE;
        for (long now = 0; now < 100e9; now += 1_000_000_000L) { // also before the sample: a clock that steps back
            double value = latency.latency(now, tau);
            assertThat(value).isLessThanOrEqualTo(before).isBetween(0.0, 50e6);
            before = value;
        }
        assertThat(before).isLessThan(1.5e6);
    }
}
