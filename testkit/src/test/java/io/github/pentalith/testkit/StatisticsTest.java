// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    private static final double ONE_IN_A_MILLION = 1e-6;
    private final SplittableRandom random = new SplittableRandom(20_261_124);

    /** The example of every textbook: 44 against 56 throws of a coin. */
    @Test
    void chiSquare_ofACoin_agreesWithTheTables() {
        Statistics.Fit fit = Statistics.chiSquare(new long[] {44, 56});
        assertThat(fit.statistic()).isCloseTo(1.44, within(1e-12));
        assertThat(fit.farther()).isCloseTo(0.2301393, within(1e-6));
        assertThat(fit.closer()).isCloseTo(1 - 0.2301393, within(1e-6));
    }

    /** Mendel's peas, 1866: 9 to 3 to 3 to 1. */
    @Test
    void chiSquare_ofMendelsPeas_agreesWithTheLiterature() {
        Statistics.Fit fit = Statistics.chiSquare(new long[] {315, 108, 101, 32}, new double[] {9, 3, 3, 1});
        assertThat(fit.statistic()).isCloseTo(0.47, within(0.001));
        assertThat(fit.farther()).isCloseTo(0.9254, within(0.0005));
        assertThat(fit.isRandom(0.05)).isTrue();
    }

    @Test
    void chiSquare_ofUniformNumbers_standsInEveryOfAThousandCases() {
        double significance = Statistics.sidak(ONE_IN_A_MILLION, 1_000);
        for (int round = 0; round < 1_000; round++) {
            long[] counts = new long[16];
            for (int i = 0; i < 1_000; i++) {
                counts[random.nextInt(16)]++;
            }
            assertThat(Statistics.chiSquare(counts).isRandom(significance)).isTrue();
        }
    }

    @Test
    void chiSquare_ofABias_isFar() {
        long[] counts = new long[16];
        for (int i = 0; i < 100_000; i++) {
            counts[random.nextInt(100) == 0 ? 0 : random.nextInt(16)]++;
        }
        Statistics.Fit fit = Statistics.chiSquare(counts);
        assertThat(fit.isNotFar(ONE_IN_A_MILLION)).isFalse();
        assertThat(fit.isRandom(ONE_IN_A_MILLION)).isFalse();
    }

    @Test
    void chiSquare_ofPerfectShares_isTooCloseToBeRandom() {
        long[] counts = new long[16];
        for (int i = 0; i < 100_000; i++) {
            counts[i % 16]++;
        }
        Statistics.Fit fit = Statistics.chiSquare(counts);
        assertThat(fit.isNotFar(ONE_IN_A_MILLION)).isTrue();
        assertThat(fit.isRandom(ONE_IN_A_MILLION)).isFalse();
    }

    @Test
    void kolmogorovSmirnov_ofSamples_tellsThemApart() {
        double[] uniform =
                DoubleStream.generate(random::nextDouble).limit(5_000).toArray();
        double[] squared = DoubleStream.generate(random::nextDouble)
                .map(x -> x * x)
                .limit(5_000)
                .toArray();
        double[] other = DoubleStream.generate(random::nextDouble).limit(5_000).toArray();
        assertThat(Statistics.kolmogorovSmirnov(uniform, x -> x).isRandom(ONE_IN_A_MILLION))
                .isTrue();
        assertThat(Statistics.kolmogorovSmirnov(squared, Math::sqrt).isRandom(ONE_IN_A_MILLION))
                .isTrue();
        assertThat(Statistics.kolmogorovSmirnov(squared, x -> x).isNotFar(ONE_IN_A_MILLION))
                .isFalse();
        assertThat(Statistics.kolmogorovSmirnov(uniform, other).isNotFar(ONE_IN_A_MILLION))
                .isTrue();
        assertThat(Statistics.kolmogorovSmirnov(uniform, squared).isNotFar(ONE_IN_A_MILLION))
                .isFalse();
    }

    @Test
    void kolmogorovSmirnov_ofAGrid_isTooCloseToBeRandom() {
        double[] grid = new double[2_000];
        for (int i = 0; i < grid.length; i++) {
            grid[i] = (i + 0.5) / grid.length;
        }
        assertThat(Statistics.kolmogorovSmirnov(grid, x -> x).isRandom(ONE_IN_A_MILLION))
                .isFalse();
    }

    @Test
    void corrections_forOneTest_areTheFamilysOwn() {
        assertThat(Statistics.bonferroni(0.01, 1)).isEqualTo(0.01);
        assertThat(Statistics.sidak(0.01, 1)).isCloseTo(0.01, within(1e-15));
        assertThat(Statistics.bonferroni(0.05, 10)).isCloseTo(0.005, within(1e-15));
        assertThat(Statistics.sidak(0.05, 10)).isCloseTo(0.005116197, within(1e-9));
        assertThat(Statistics.sidak(1e-12, 1_000_000)).isCloseTo(1e-18, within(1e-24));
    }

    @Test
    void arguments_outOfRange_areRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Statistics.chiSquare(new long[] {7}))
                .withMessage("observed and weights must have the same length: observed=1, weights=1"
                        + " (expected: 2 or more each)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Statistics.chiSquare(new long[] {7, 8}, new double[] {1}))
                .withMessageContaining("observed=2, weights=1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Statistics.chiSquare(new long[] {7, -1}))
                .withMessage("observed must not be negative: observed[1]=-1 (expected: 0 or more)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Statistics.chiSquare(new long[] {7, 7}, new double[] {1, Double.NaN}))
                .withMessage("weight must be positive and finite: weights[1]=NaN (expected: more than 0)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Statistics.chiSquare(new long[] {7, 7}, new double[] {Double.POSITIVE_INFINITY, 1}))
                .withMessageStartingWith("weight must be positive and finite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Statistics.chiSquare(new long[] {4, 4}))
                .withMessageStartingWith("each category must be expected often enough: expected[0]=4.0");
        Statistics.Fit fit = Statistics.chiSquare(new long[] {50, 50});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> fit.isRandom(1))
                .withMessage("significance must be a probability: significance=1.0 (expected: inside (0, 1))");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Statistics.sidak(0, 1))
                .withMessage("family must be a probability: family=0.0 (expected: inside (0, 1))");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Statistics.bonferroni(0.1, 0))
                .withMessage("tests must be positive: tests=0 (expected: 1 or more)");
    }
}
