// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What holds with the gates as they are; the bars that are missed today are in docs/benchmarks/storm.md. */
class StormTest {
    private static Trouble.Result run(Trouble trouble, String contender) {
        return Storm.contenders().stream()
                .filter(each -> each.name().equals(contender))
                .map(each -> trouble.run(each.policies(), 1))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void slowdown_plainRetries_neverRecover() {
        Trouble.Result plain = run(Trouble.SLOWDOWN, "3 attempts");
        assertThat(plain.amplification()).isGreaterThan(2.5);
        assertThat(plain.recoverySeconds()).isInfinite();
    }

    @Test
    void slowdown_breakerAndBulkhead_recoverAtOnceWithinTheBudget() {
        Trouble.Result gated = run(Trouble.SLOWDOWN, "budget, CircuitBreaker, Bulkhead of 4");
        assertThat(gated.amplification()).isLessThanOrEqualTo(1.1);
        assertThat(gated.recoverySeconds()).isLessThanOrEqualTo(2.5);
    }

    @Test
    void overload_bulkhead_keepsTheServiceAtItsCapacity() {
        assertThat(run(Trouble.OVERLOAD_2, "no retry").goodput()).isLessThan(0.05);
        Trouble.Result gated = run(Trouble.OVERLOAD_2, "budget, CircuitBreaker, Bulkhead of 4");
        assertThat(gated.goodput()).isGreaterThanOrEqualTo(0.95);
        assertThat(gated.amplification()).isLessThanOrEqualTo(1.1);
    }

    @Test
    void outage_standardGates_amplifyNothing() {
        Trouble.Result standard = run(Trouble.OUTAGE, "standard: budget, CircuitBreaker");
        assertThat(standard.amplification()).isLessThanOrEqualTo(1.1);
        assertThat(standard.recoverySeconds()).isLessThanOrEqualTo(5);
    }

    @Test
    void run_sameSeed_sameResult() {
        Storm.Contender contender = Storm.contenders().get(4);
        assertThat(Trouble.FLAPPING.run(contender.policies(), 5))
                .usingRecursiveComparison()
                .isEqualTo(Trouble.FLAPPING.run(contender.policies(), 5));
    }
}
