// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.pentalith.sharding.Placement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Laws of the picks, over any policy, and over single ones. */
class PolicyProperties {
    @Provide
    Arbitrary<Policy> policies() {
        return Arbitraries.of(
                Policy.roundRobin(),
                Policy.random(),
                Policy.weighted(),
                Policy.leastRequest(),
                Policy.leastRequest(4),
                Policy.leastRequest(Integer.MAX_VALUE),
                Policy.peakEwma(),
                Policy.consistentHash(Placement.ring()),
                Policy.consistentHash(Placement.maglev(1009), 0.3));
    }

    @Provide
    Arbitrary<Policy> policiesByWeight() {
        return Arbitraries.of(Policy.random(), Policy.weighted(), Policy.leastRequest());
    }

    @Provide
    Arbitrary<int[]> weights() {
        return Arbitraries.integers()
                .between(0, 9)
                .array(int[].class)
                .ofMinSize(1)
                .ofMaxSize(12);
    }

    private static LoadBalancer<Endpoint> balancer(Policy policy, long seed, Endpoint... endpoints) {
        return LoadBalancer.builder("laws", EndpointSource.of(endpoints))
                .policy(policy)
                .random(Fleets.seeded(seed))
                .ticker(() -> 0) // so that what is learnt of latency depends on the calls alone
                .build();
    }

    // Law 1 and 6

    @Property(tries = 150)
    void pick_anyPolicy_isAMemberThatIsNotDrained(
            @ForAll("policies") Policy policy, @ForAll("weights") int[] weights, @ForAll long seed) {
        try (LoadBalancer<Endpoint> balancer = balancer(policy, seed, Fleets.weighted(weights))) {
            if (Arrays.stream(weights).allMatch(weight -> weight == 0)) {
                org.assertj.core.api.Assertions.assertThatThrownBy(balancer::acquire)
                        .isInstanceOfSatisfying(
                                NoEndpointException.class,
                                e -> assertThat(e.reason()).isEqualTo(NoEndpointException.Reason.DRAINED));
                return;
            }
            int[] counts = Fleets.picks(balancer, weights.length, 200);
            for (int i = 0; i < weights.length; i++) {
                if (weights[i] == 0) {
                    assertThat(counts[i]).isZero();
                }
            }
        }
    }

    @Property(tries = 150)
    void pick_withAContext_triesEveryEligibleEndpointBeforeAnyTwice(
            @ForAll("policies") Policy policy, @ForAll @IntRange(min = 1, max = 12) int n, @ForAll long seed) {
        int[] weights = IntStream.range(0, n).map(i -> 1 + i % 4).toArray();
        try (LoadBalancer<Endpoint> balancer = balancer(policy, seed, Fleets.weighted(weights))) {
            PickContext context = PickContext.create();
            Set<String> seen = new HashSet<>();
            for (int attempt = 0; attempt < n; attempt++) {
                try (Lease<Endpoint> lease = balancer.acquire(context)) {
                    assertThat(seen.add(lease.endpoint().id())).isTrue();
                    assertThat(context.tried(lease.endpoint())).isTrue();
                }
            }
            try (Lease<Endpoint> again = balancer.acquire(context)) { // all tried: better one twice than none
                assertThat(seen).contains(again.endpoint().id());
            }
        }
    }

    // Law 3

    @Property(tries = 100)
    void roundRobin_anyNConsecutivePicks_areAPermutation(
            @ForAll @IntRange(min = 1, max = 50) int n, @ForAll long seed) {
        try (LoadBalancer<Endpoint> balancer = balancer(Policy.roundRobin(), seed, Fleets.equal(n))) {
            List<Integer> picks = new ArrayList<>();
            for (int i = 0; i < 4 * n; i++) {
                try (Lease<Endpoint> lease = balancer.acquire()) {
                    picks.add(Fleets.number(lease.target()));
                }
            }
            for (int from = 0; from + n <= picks.size(); from++) {
                assertThat(picks.subList(from, from + n)).doesNotHaveDuplicates();
            }
        }
    }

    @Property(tries = 100)
    void sequence_acrossTheIntRange_staysARotation(@ForAll @IntRange(min = 1, max = 50) int n) {
        StripedSequence sequence = new StripedSequence(Integer.MAX_VALUE - 5L, 1);
        int last = sequence.next(n);
        for (int i = 0; i < 4 * n + 10; i++) {
            int next = sequence.next(n);
            assertThat(next).isEqualTo((last + 1) % n);
            last = next;
        }
    }

    // Law 2, through the balancer

    @Property(tries = 60)
    void weighted_everyPrefix_errsByLessThanOneRequest(
            @ForAll("weights") int[] weights, @ForAll @IntRange(min = 1, max = 100_000) int factor, @ForAll long seed) {
        weights[0] = Math.max(1, weights[0]) * factor + 1; // most of these periods are too long for a table
        long sum = Arrays.stream(weights).asLongStream().sum();
        int[] counts = new int[weights.length];
        try (LoadBalancer<Endpoint> balancer = balancer(Policy.weighted(), seed, Fleets.weighted(weights))) {
            for (int t = 1; t <= 10_000; t++) {
                try (Lease<Endpoint> lease = balancer.acquire()) {
                    counts[Fleets.number(lease.target())]++;
                }
                for (int i = 0; i < weights.length; i++) {
                    double error = Math.abs(counts[i] - (double) t * weights[i] / sum);
                    if (error >= 1) {
                        throw new AssertionError("after " + t + " picks: " + Arrays.toString(counts) + " for "
                                + Arrays.toString(weights));
                    }
                }
            }
        }
    }

    @Property(tries = 20)
    void weightedPolicies_idleFleet_shareByWeight(@ForAll("policiesByWeight") Policy policy, @ForAll long seed) {
        int calls = 20_000;
        try (LoadBalancer<Endpoint> balancer = balancer(policy, seed, Fleets.weighted(5, 1, 1))) {
            int[] counts = Fleets.picks(balancer, 3, calls);
            // 6 standard deviations of a binomial count are 0.02 of all
            assertThat(counts[0] / (double) calls).isCloseTo(5 / 7.0, within(0.02));
            assertThat(counts[1] / (double) calls).isCloseTo(1 / 7.0, within(0.02));
            assertThat(counts[2] / (double) calls).isCloseTo(1 / 7.0, within(0.02));
        }
    }

    // Law 6

    @Property(tries = 60)
    void weighted_raisingOneWeight_neverLowersItsShare(
            @ForAll("weights") int[] weights, @ForAll @IntRange(min = 1, max = 9) int more, @ForAll long seed) {
        weights[0]++;
        int calls = 5_000;
        int[] raised = weights.clone();
        raised[0] += more;
        int before;
        int after;
        try (LoadBalancer<Endpoint> balancer = balancer(Policy.weighted(), seed, Fleets.weighted(weights))) {
            before = Fleets.picks(balancer, weights.length, calls)[0];
        }
        try (LoadBalancer<Endpoint> balancer = balancer(Policy.weighted(), seed, Fleets.weighted(raised))) {
            after = Fleets.picks(balancer, weights.length, calls)[0];
        }
        assertThat(after).isGreaterThan(before - 2); // each count is within one of its exact share
    }

    @Property(tries = 200)
    void remainder_ofAnyNumber_isThatOfTheDivision(
            @ForAll @IntRange(min = 1, max = Integer.MAX_VALUE) int divisor,
            @ForAll @LongRange(max = Long.MAX_VALUE) long number) {
        Remainder remainder = new Remainder(divisor);
        for (long n : new long[] {number, number >>> 31, number >>> 32, number >>> 40, divisor, divisor - 1L, 0}) {
            assertThat(remainder.of(n)).isEqualTo((int) (n % divisor));
        }
    }

    // Law 4

    @Property(tries = 100)
    void leastRequest_theStrictlyBusiest_isNeverPicked(
            @ForAll @IntRange(min = 2, max = 20) int n,
            @ForAll @IntRange(min = 2, max = 5) int choices,
            @ForAll long seed) {
        try (LoadBalancer<Endpoint> balancer = balancer(Policy.leastRequest(choices), seed, Fleets.equal(n))) {
            Lease<Endpoint> held = balancer.acquire();
            for (int i = 0; i < 200; i++) {
                try (Lease<Endpoint> lease = balancer.acquire()) {
                    assertThat(lease.endpoint()).isNotEqualTo(held.endpoint());
                }
            }
            held.close();
        }
    }

    @Property(tries = 50)
    void leastRequest_allCompared_fillsEvenly(@ForAll @IntRange(min = 1, max = 20) int n, @ForAll long seed) {
        try (LoadBalancer<Endpoint> balancer =
                balancer(Policy.leastRequest(Integer.MAX_VALUE), seed, Fleets.equal(n))) {
            for (int i = 0; i < 3 * n; i++) {
                Lease<Endpoint> unused = balancer.acquire();
            }
            assertThat(balancer.stats().endpoints())
                    .allSatisfy(endpoint -> assertThat(endpoint.inFlight()).isEqualTo(3));
        }
    }

    @Property(tries = 30)
    void leastRequest_heldCallsAndUnequalWeights_fillByWeight(@ForAll long seed) {
        try (LoadBalancer<Endpoint> balancer =
                balancer(Policy.leastRequest(Integer.MAX_VALUE), seed, Fleets.weighted(4, 2, 1))) {
            for (int i = 0; i < 70; i++) {
                Lease<Endpoint> unused = balancer.acquire();
            }
            assertThat(balancer.stats().endpoints())
                    .extracting(LoadBalancer.EndpointStats::inFlight)
                    .containsExactly(40, 20, 10);
        }
    }

    @Property(tries = 20)
    void leastRequest_idleFleet_picksAllAlike(
            @ForAll @IntRange(min = 2, max = 9) int n, @ForAll @IntRange(min = 2, max = 6) int choices) {
        try (LoadBalancer<Endpoint> balancer = balancer(Policy.leastRequest(choices), 7, Fleets.equal(n))) {
            int[] counts = Fleets.picks(balancer, n, 9_000);
            double chiSquare = 0;
            for (int count : counts) {
                chiSquare += Math.pow(count - 9_000.0 / n, 2) / (9_000.0 / n);
            }
            assertThat(chiSquare).isLessThan(40); // p < 10^-5 for 8 degrees of freedom
        }
    }

    // Law 4, by cost

    @Property(tries = 200)
    void peakEwma_twoNodes_takesTheCheaperOrTheLessBusyOfSimilarOnes(
            @ForAll @IntRange(min = 1, max = 100_000) int micros,
            @ForAll @IntRange(min = 1, max = 100_000) int otherMicros,
            @ForAll @IntRange(max = 20) int calls,
            @ForAll @IntRange(max = 20) int otherCalls,
            @ForAll @IntRange(max = 40) int seconds,
            @ForAll long seed) {
        double tau = 10e9;
        long later = seconds * 1_000_000_000L;
        Node<?>[] nodes = {peer(0, micros, 0, calls, tau), peer(1, otherMicros, later, otherCalls, tau)};
        double left = micros * Math.exp(-later / tau); // of the older one, when the newer one was learnt
        double similar = Math.max(left, otherMicros) / Math.min(left, otherMicros);
        double cheaper = similar < 1.8 ? 1 : (left * (calls + 1)) / (otherMicros * (otherCalls + 1.0));
        boolean close = similar > 1.8 && (similar < 2.2 || (cheaper > 1 / 1.2 && cheaper < 1.2)); // within the error
        boolean alike = similar < 1.8 && calls == otherCalls;
        PeakEwma policy = new PeakEwma(nodes, new int[] {1, 1}, new Draw(Fleets.seeded(seed)), (long) tau);
        int expected = similar < 1.8 ? (calls < otherCalls ? 0 : 1) : cheaper < 1 ? 0 : 1;
        for (int i = 0; i < 10; i++) {
            int picked = policy.pick(null);
            assertThat(close || alike || picked == expected)
                    .as("picked %d; costs differ by %f, latencies by %f", picked, cheaper, similar)
                    .isTrue();
        }
    }

    @Property(tries = 50)
    void peakEwma_nodesThatNobodyHasHeardOf_getOneCallEachBeforeAnyAnswer(
            @ForAll @IntRange(min = 1, max = 100_000) int micros, @ForAll long seed) {
        Node<?>[] nodes = {peer(0, micros, 1L << 40, 50, 10e9), new Node<>(Endpoint.of("10.0.0.9", 80), "new")};
        PeakEwma policy = new PeakEwma(nodes, new int[] {1, 1}, new Draw(Fleets.seeded(seed)), 10_000_000_000L);
        assertThat(policy.pick(null)).as("free while idle").isEqualTo(1);
        assertThat(nodes[1].enter()).isTrue();
        assertThat(policy.pick(null)).as("dearer than all once it has a call").isZero();
    }

    private static Node<?> peer(int number, int micros, long learnt, int calls, double tau) {
        Node<?> node = new Node<>(Endpoint.of("10.0.0." + number, 80), "target");
        long unused = node.sample(learnt, micros * 1e3, false, tau);
        for (int i = 0; i < calls; i++) {
            assertThat(node.enter()).isTrue();
        }
        return node;
    }

    // Law 15

    @Property(tries = 60)
    void pick_sameSeedAndSameCalls_areTheSamePicks(@ForAll("policies") Policy policy, @ForAll long seed) {
        List<List<String>> runs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            List<String> ids = new ArrayList<>();
            try (LoadBalancer<Endpoint> balancer = balancer(policy, seed, Fleets.weighted(3, 2, 2, 1))) {
                for (int i = 0; i < 100; i++) {
                    Lease<Endpoint> lease = balancer.acquire();
                    ids.add(lease.endpoint().id());
                    if (i % 3 != 0) {
                        lease.success();
                    }
                }
            }
            runs.add(ids);
        }
        assertThat(runs.get(0)).isEqualTo(runs.get(1));
    }

    @Property(tries = 1)
    void weighted_firstPicksOfManyInstances_areSpreadByWeight() {
        int[] counts = new int[3];
        for (int i = 0; i < 1_400; i++) {
            try (LoadBalancer<Endpoint> balancer = balancer(Policy.weighted(), i, Fleets.weighted(5, 1, 1))) {
                counts[Fleets.number(balancer.acquire().target())]++;
            }
        }
        assertThat(counts[0]).isBetween(900, 1_100);
        assertThat(counts[1]).isBetween(130, 270);
        assertThat(counts[2]).isBetween(130, 270);
    }

    @Property(tries = 100)
    void aliasTable_anyWeights_drawsInProportion(@ForAll("weights") int[] weights) {
        weights[0]++;
        AliasTable table = new AliasTable(weights);
        int[] counts = new int[weights.length];
        int draws = 1 << 16;
        for (int i = 0; i < draws; i++) { // all columns times a grid of sides: no randomness, so no luck
            long column = ((long) i) << 16;
            long side = (long) (Integer.reverse(i) >>> 1);
            counts[table.draw(column << 32 | side)]++;
        }
        double sum = Arrays.stream(weights).sum();
        for (int i = 0; i < weights.length; i++) {
            assertThat(counts[i] / (double) draws).isCloseTo(weights[i] / sum, within(0.01));
        }
    }
}
