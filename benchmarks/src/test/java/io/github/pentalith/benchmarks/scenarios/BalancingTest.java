// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.loadbalance.Policy;
import io.github.pentalith.testkit.simulation.Recorder;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast part of what {@link Balancing} prints. */
class BalancingTest {
    @ParameterizedTest
    @CsvSource({"2, 0.7, 0.03", "2, 0.9, 0.03"})
    void leastRequest_oneClient_hasTheMeanTimeOfTheSupermarketModel(int choices, double load, double tolerance) {
        Bar bar = PublishedFigures.supermarket(choices, load, tolerance);
        assertThat(bar.kept()).as("%s", bar).isTrue();
    }

    @Test
    void fullestBin_oneAndTwoChoices_isWhatTheoryAllows() {
        assertThat(PublishedFigures.ballsIntoBins(1, 10)).matches(Bar::kept);
        assertThat(PublishedFigures.ballsIntoBins(2, 10)).matches(Bar::kept);
    }

    @Test
    void linkerdsExperiment_eachPolicy_reachesWhatWasPublished() {
        assertThat(PublishedFigures.linkerd(1)).allMatch(Bar::kept);
    }

    @Test
    void equalServers_leastRequest_beatsRoundRobin() {
        Recorder.Summary least =
                Fleet.equal().run(Balanced.of("", Policy.leastRequest()), 1).summary();
        Recorder.Summary round =
                Fleet.equal().run(Balanced.of("", Policy.roundRobin()), 1).summary();
        assertThat(least.quantileNanos(0.99)).isLessThan(round.quantileNanos(0.99));
        assertThat(least.open()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"failing", "hanging"})
    void sickServer_whileEjected_getsNothing(String name) {
        Fleet fleet = named(name);
        for (Policy policy : new Policy[] {Policy.roundRobin(), Policy.leastRequest(), Policy.peakEwma()}) {
            AtomicLong ejections = new AtomicLong();
            AtomicLong toTheEjected = new AtomicLong();
            Fleet.Result result = fleet.run(Balanced.watched(policy, ejections, toTheEjected), 1);
            assertThat(ejections).as("%s", policy).hasValueGreaterThanOrEqualTo(fleet.clients());
            assertThat(toTheEjected).as("%s", policy).hasValue(0);
            // It comes back for a moment after each ejection; a fair share would be 0.1.
            assertThat(result.sickShare()).as("%s", policy).isLessThan(0.01);
            assertThat(result.summary().goodShare()).isGreaterThan(0.99);
        }
    }

    /** The same seeds; the rest of the bars is checked when the table is made. */
    @ParameterizedTest
    @ValueSource(strings = {"unequal", "slow", "pausing"})
    void anyPolicyThatKnowsLoad_isNotWorseThanRoundRobin(String name) {
        Fleet fleet = named(name);
        double roundRobin = Balancing.Cell.of(fleet, Balanced.of("", Policy.roundRobin()), 1)
                .p99();
        for (Policy policy : new Policy[] {Policy.leastRequest(), Policy.peakEwma()}) {
            double p99 = Balancing.Cell.of(fleet, Balanced.of("", policy), 1).p99();
            assertThat(p99).as("%s", policy).isLessThanOrEqualTo(1.03 * roundRobin);
        }
    }

    private static Fleet named(String name) {
        return Fleet.all().stream()
                .filter(fleet -> fleet.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Two ways to write the same rule, one of them the library's, choose alike. */
    @Test
    void leastRequest_besideTheSameByHand_isNotWorse() {
        double real = Fleet.equal()
                .run(Balanced.of("", Policy.leastRequest()), 2)
                .summary()
                .meanNanos();
        double hand = Fleet.equal()
                .run(new Chooser.Contender("", false, view -> Baselines.leastOwn(view, 2)), 2)
                .summary()
                .meanNanos();
        assertThat(real / hand).isBetween(0.95, 1.05);
    }

    @Test
    void run_sameSeed_samePicks() {
        Fleet fleet = new Fleet(
                "small", "", 3, 200, ofSeconds(1), ofSeconds(5), null, 1, world -> Fleet.servers(world, 5, i -> 1.0));
        for (Policy policy : new Policy[] {
            Policy.random(),
            Policy.roundRobin(),
            Policy.weighted(),
            Policy.leastRequest(),
            Policy.leastRequest(5),
            Policy.peakEwma()
        }) {
            Fleet.Result first = fleet.run(Balanced.of("", policy), 9);
            Fleet.Result second = fleet.run(Balanced.of("", policy), 9);
            assertThat(second.summary()).usingRecursiveComparison().isEqualTo(first.summary());
            assertThat(second.sickShare()).isEqualTo(first.sickShare());
        }
    }
}
