// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.inference.ChiSquareTest;
import org.apache.commons.statistics.inference.KolmogorovSmirnovTest;
import org.apache.commons.statistics.inference.SignificanceResult;

/**
 * Tests of the claim that a sample comes from a distribution, for tests of placements, balancers and random numbers.
 *
 * <p>A test of fit answers with a {@link Fit}: how probable is a result at least as far from the claim, and how probable
 * one at least as close. Random choices must be neither too far (biased) nor too close (not random at all); placements
 * that even things out on purpose may be as close as they can, see {@link Fit#isNotFar} and {@link Fit#isRandom}.
 *
 * <p>A test that is run on many cases, or by a build every day, must not fail by chance: choose the chance for the whole
 * family, such as one in a million, and divide it among the cases with {@link #sidak} or {@link #bonferroni}. With fixed
 * seeds a test is reproducible besides.
 *
 * <p>Stateless. Chi-square takes O(categories) time, Kolmogorov-Smirnov O(n log n) for a sample of n. Computed by Apache
 * Commons Statistics.
 *
 * <pre>{@code
 * long[] keysPerNode = count(map, 1_000_000);
 * double significance = Statistics.sidak(1e-6, cases);
 * assertTrue(Statistics.chiSquare(keysPerNode).isRandom(significance));
 * }</pre>
 */
public final class Statistics {
    private static final double LEAST_EXPECTED = 5;

    private Statistics() {}

    /**
     * The outcome of a test of fit.
     *
     * @param statistic the test statistic: 0 is a perfect fit
     * @param farther the probability, if the claim holds, of a statistic at least as large: small means a bad fit
     * @param closer the probability, if the claim holds, of a statistic at most as large: small means a fit too good to
     *     be random
     */
    public record Fit(double statistic, double farther, double closer) {
        /**
         * Whether the sample is not significantly farther from the claim than chance allows; however close it is.
         *
         * @param significance the probability of refusing a true claim, in (0, 1)
         * @return true if the claim stands
         * @throws IllegalArgumentException if {@code significance} is out of range
         */
        public boolean isNotFar(double significance) {
            return farther >= probability("significance", significance);
        }

        /**
         * Whether the sample is neither significantly farther from the claim than chance allows nor significantly
         * closer to it; each side gets half of the significance.
         *
         * @param significance the probability of refusing a true claim, in (0, 1)
         * @return true if the claim stands
         * @throws IllegalArgumentException if {@code significance} is out of range
         */
        public boolean isRandom(double significance) {
            double half = probability("significance", significance) / 2;
            return farther >= half && closer >= half;
        }
    }

    /**
     * Pearson's chi-square test of the claim that all categories are equally probable.
     *
     * @param observed how often each category was seen, 2 categories or more, on average 5 or more each
     * @return the fit
     * @throws IllegalArgumentException if there are too few categories or observations
     */
    public static Fit chiSquare(long[] observed) {
        double[] weights = new double[observed.length];
        Arrays.fill(weights, 1);
        return chiSquare(observed, weights);
    }

    /**
     * Pearson's chi-square test of the claim that the probabilities of the categories are as the weights.
     *
     * @param observed how often each category was seen, 2 categories or more
     * @param weights a positive weight for each; their sum does not matter. Each category must be expected 5 times or
     *     more, below that the chi-square distribution is a bad approximation
     * @return the fit
     * @throws IllegalArgumentException if the lengths differ or are too small, a weight is not positive and finite, a
     *     count is negative, or a category is expected fewer than 5 times
     */
    public static Fit chiSquare(long[] observed, double[] weights) {
        if (observed.length < 2 || observed.length != weights.length) {
            throw new IllegalArgumentException("observed and weights must have the same length: observed="
                    + observed.length + ", weights=" + weights.length + " (expected: 2 or more each)");
        }
        double total = 0;
        double sum = 0;
        for (int i = 0; i < observed.length; i++) {
            if (observed[i] < 0) {
                throw new IllegalArgumentException(
                        "observed must not be negative: observed[" + i + "]=" + observed[i] + " (expected: 0 or more)");
            }
            if (!(weights[i] > 0 && weights[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("weight must be positive and finite: weights[" + i + "]="
                        + weights[i] + " (expected: more than 0)");
            }
            total += observed[i];
            sum += weights[i];
        }
        double[] expected = new double[weights.length];
        for (int i = 0; i < weights.length; i++) {
            expected[i] = total * (weights[i] / sum);
            if (expected[i] < LEAST_EXPECTED) {
                throw new IllegalArgumentException("each category must be expected often enough: expected[" + i + "]="
                        + expected[i] + " (expected: 5 or more; take a larger sample or join categories)");
            }
        }
        double statistic = ChiSquareTest.withDefaults().statistic(expected, observed);
        ChiSquaredDistribution distribution = ChiSquaredDistribution.of(observed.length - 1.0);
        return new Fit(
                statistic, distribution.survivalProbability(statistic), distribution.cumulativeProbability(statistic));
    }

    /**
     * The Kolmogorov-Smirnov test of the claim that a sample has a given continuous distribution.
     *
     * @param sample two values or more, in any order
     * @param cumulative the distribution's function: the probability of a value of at most x, from 0 to 1
     * @return the fit; its statistic is the largest distance between the two distribution functions
     * @throws IllegalArgumentException if the sample is too small or a value of {@code cumulative} is out of range
     */
    public static Fit kolmogorovSmirnov(double[] sample, DoubleUnaryOperator cumulative) {
        return fit(KolmogorovSmirnovTest.withDefaults().test(sample, cumulative));
    }

    /**
     * The Kolmogorov-Smirnov test of the claim that two samples come from one continuous distribution.
     *
     * @param first two values or more, in any order
     * @param second two values or more, in any order
     * @return the fit; its statistic is the largest distance between the two distribution functions
     * @throws IllegalArgumentException if a sample is too small
     */
    public static Fit kolmogorovSmirnov(double[] first, double[] second) {
        return fit(KolmogorovSmirnovTest.withDefaults().test(first, second));
    }

    private static Fit fit(SignificanceResult result) {
        return new Fit(result.getStatistic(), result.getPValue(), 1 - result.getPValue());
    }

    /**
     * The significance for each of several tests, dependent or not, such that the probability of refusing any true claim
     * is at most that of the family (Bonferroni).
     *
     * @param family the probability for all tests together, in (0, 1)
     * @param tests the number of tests, 1 or more
     * @return {@code family / tests}
     * @throws IllegalArgumentException if an argument is out of range
     */
    public static double bonferroni(double family, int tests) {
        return probability("family", family) / positive(tests);
    }

    /**
     * The significance for each of several independent tests, such that the probability of refusing any true claim is
     * exactly that of the family (Sidak); a little larger than {@link #bonferroni}.
     *
     * @param family the probability for all tests together, in (0, 1)
     * @param tests the number of tests, 1 or more
     * @return {@code 1 - (1 - family)^(1 / tests)}
     * @throws IllegalArgumentException if an argument is out of range
     */
    public static double sidak(double family, int tests) {
        return -Math.expm1(Math.log1p(-probability("family", family)) / positive(tests));
    }

    private static double probability(String name, double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException(
                    name + " must be a probability: " + name + "=" + value + " (expected: inside (0, 1))");
        }
        return value;
    }

    private static int positive(int tests) {
        if (tests < 1) {
            throw new IllegalArgumentException("tests must be positive: tests=" + tests + " (expected: 1 or more)");
        }
        return tests;
    }
}
