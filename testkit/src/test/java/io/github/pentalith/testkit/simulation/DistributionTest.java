// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit.simulation;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.pentalith.testkit.Statistics;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.statistics.distribution.LogNormalDistribution;
import org.apache.commons.statistics.distribution.ParetoDistribution;
import org.junit.jupiter.api.Test;

class DistributionTest {
    private static final double SIGNIFICANCE = 1e-6;

    private static double[] sample(Distribution distribution, int size) {
        SplittableRandom random = new SplittableRandom(42);
        double[] millis = new double[size];
        Arrays.setAll(millis, i -> distribution.sampleNanos(random) / 1e6);
        return millis;
    }

    private static void assertFits(Distribution distribution, DoubleUnaryOperator cumulative) {
        assertThat(Statistics.kolmogorovSmirnov(sample(distribution, 50_000), cumulative)
                        .isRandom(SIGNIFICANCE))
                .as("%s", distribution)
                .isTrue();
    }

    @Test
    void samples_ofEachShape_haveThatDistribution() {
        assertFits(Distribution.exponential(ofMillis(10)), x -> -Math.expm1(-x / 10));
        LogNormalDistribution lognormal = LogNormalDistribution.of(Math.log(10) - 0.5, 1);
        assertFits(Distribution.lognormal(ofMillis(10), 1), lognormal::cumulativeProbability);
        ParetoDistribution pareto = ParetoDistribution.of(10 * 1.5 / 2.5, 2.5);
        assertFits(Distribution.pareto(ofMillis(10), 2.5), pareto::cumulativeProbability);
        assertThat(sample(Distribution.constant(ofMillis(10)), 3)).containsOnly(10);
    }

    @Test
    void mean_ofEachShape_isWhatWasAskedFor() {
        for (Distribution each : new Distribution[] {
            Distribution.constant(ofMillis(10)),
            Distribution.exponential(ofMillis(10)),
            Distribution.lognormal(ofMillis(10), 1),
            Distribution.pareto(ofMillis(10), 3)
        }) {
            assertThat(each.mean()).isEqualTo(ofMillis(10));
            assertThat(Arrays.stream(sample(each, 400_000)).average().orElseThrow())
                    .as("%s", each)
                    .isCloseTo(10, within(0.1));
        }
    }

    @Test
    void toString_ofEachShape_tellsItsParameters() {
        assertThat(Distribution.pareto(ofMillis(10), 3)).hasToString("pareto(PT0.01S, 3.0)");
        assertThat(Distribution.lognormal(ofMillis(10), 1)).hasToString("lognormal(PT0.01S, 1.0)");
        assertThat(Distribution.constant(ofMillis(10))).hasToString("constant(PT0.01S)");
        assertThat(Distribution.exponential(ofMillis(10))).hasToString("exponential(PT0.01S)");
    }

    @Test
    void parameters_outOfRange_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Distribution.exponential(ofMillis(-1)))
                .withMessage("mean must not be negative: mean=PT-0.001S (expected: zero or more)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Distribution.lognormal(ofMillis(1), 0))
                .withMessage("sigma must be in range: sigma=0.0 (expected: more than 0, at most 5)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Distribution.pareto(ofMillis(1), 1))
                .withMessage("shape must be in range: shape=1.0 (expected: more than 1, at most 100)");
    }
}
