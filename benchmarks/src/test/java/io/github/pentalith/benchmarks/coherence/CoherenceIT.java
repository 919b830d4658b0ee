// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.benchmarks.coherence.Coherence.Fault;
import io.github.pentalith.benchmarks.coherence.Coherence.Outcome;
import io.github.pentalith.benchmarks.coherence.Coherence.Plan;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoherenceIT {
    private static final boolean LONG = "long".equals(System.getProperty("pentalith.tests"));

    @Test
    void pentalith_withEveryFault_isNeverStaleForGoodAndNeverLate() throws IOException {
        Plan plan = Plan.of(Duration.ofSeconds(LONG ? 600 : 13))
                .pause(Duration.ofMillis(LONG ? 1_500 : 1_000)) // each fault at least once
                .seed(System.nanoTime());
        Outcome outcome = Coherence.run("pentalith", plan, System.out);
        System.out.println(plan + "\n" + outcome);
        assertThat(outcome.staleForGood()).as("%s", plan).isZero();
        assertThat(outcome.late()).as("%s %s", plan, outcome.worst()).isZero();
        assertThat(outcome.failedReads()).as("%s", plan).isZero();
        assertThat(outcome.faults()).containsOnlyKeys(Fault.values());
        assertThat(outcome.reads()).isGreaterThan(100); // on the slowest machine; else a thousand times as many
        assertThat(outcome.writes()).isGreaterThan(10);
    }

    /** Connections that die while nothing is asked over them. */
    @Test
    void pentalith_cutAtRest_isNeverStaleForGoodAndNeverLate() throws IOException {
        Plan plan = Plan.of(Duration.ofSeconds(1)).faults(List.of()).withCutAtRest();
        Outcome outcome = Coherence.run("pentalith", plan, System.out);
        assertThat(outcome.staleForGood()).isZero();
        assertThat(outcome.late()).as("%s", outcome.worst()).isZero();
        assertThat(outcome.writes()).isGreaterThanOrEqualTo(plan.keys());
    }

    /** The experiment finds what it looks for: a cache that tells nobody else of a write is stale even without faults. */
    @Test
    void sketch_withoutFaults_isStaleForGoodAndLate() throws IOException {
        Outcome outcome;
        int seconds = 3;
        do { // once, unless the machine stands still just then
            outcome =
                    Coherence.run("sketch", Plan.of(Duration.ofSeconds(seconds)).faults(List.of()), System.out);
            System.out.println(outcome);
            seconds *= 3;
        } while ((outcome.staleForGood() == 0 || outcome.late() == 0) && seconds < 30);
        assertThat(outcome.staleForGood()).isPositive();
        assertThat(outcome.late()).isPositive();
    }
}
