// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The bars of docs/benchmarks/storm.md, and what shows that the troubles are troubles. */
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

    /** Three seeds here, twenty by {@code benchmarks/run storm}; the worst counts. */
    @ParameterizedTest
    @EnumSource(Trouble.class)
    void standard_everyTrouble_keepsItsBars(Trouble trouble) {
        Storm.Contender standard = Storm.contenders().get(3);
        assertThat(Storm.bars(trouble, standard, Storm.worst(trouble, standard, 1, 3)))
                .allMatch(Bar::kept);
    }

    @Test
    void overload_withoutRetryOrLimit_nothingGood() {
        assertThat(run(Trouble.OVERLOAD_2, "no retry").goodput()).isLessThan(0.05);
    }

    @Test
    void run_sameSeed_sameResult() {
        Storm.Contender contender = Storm.contenders().get(3);
        assertThat(Trouble.FLAPPING.run(contender.policies(), 5))
                .usingRecursiveComparison()
                .isEqualTo(Trouble.FLAPPING.run(contender.policies(), 5));
    }
}
