// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;

/** Pearson's goodness of fit, judged on both sides: too even is as suspicious as too uneven. */
public final class ChiSquare {
    /**
     * A build makes a hundred such tests on new random numbers each time: by chance alone, hardly one build in 10^10 is to
     * fail. What is uneven by a few percent is still found by the thousands of keys per class.
     */
    private static final double TAIL = 1e-13;

    private ChiSquare() {}

    /** Asserts that counts could have come from independent draws with these shares. */
    public static void assertFits(long[] counts, double[] shares, String what) {
        assertThat(pValue(counts, shares, 0))
                .as("%s: probability of a greater chi-square", what)
                .isGreaterThanOrEqualTo(TAIL);
        // Counts are whole: half a count further off, or else two classes could not be equal, as they often are.
        assertThat(pValue(counts, shares, 0.5))
                .as("%s: probability of a greater chi-square, too even", what)
                .isLessThanOrEqualTo(1 - TAIL);
    }

    private static double pValue(long[] counts, double[] shares, double further) {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        double x2 = 0;
        for (int i = 0; i < counts.length; i++) {
            double expected = total * shares[i];
            assertThat(expected).as("expected count of class %d", i).isGreaterThanOrEqualTo(10);
            double off = Math.abs(counts[i] - expected) + further;
            x2 += off * off / expected;
        }
        return upperGamma((counts.length - 1) / 2.0, x2 / 2);
    }

    /** The regularised upper incomplete gamma function, by its series or its continued fraction. */
    static double upperGamma(double a, double x) {
        if (x <= 0) {
            return 1;
        }
        double scale = Math.exp(-x + a * Math.log(x) - logGamma(a));
        if (x < a + 1) {
            double term = 1 / a;
            double sum = term;
            for (double n = a + 1; term > sum * 1e-16; n++) {
                term *= x / n;
                sum += term;
            }
            return 1 - sum * scale;
        }
        double b = x + 1 - a;
        double c = 1e300;
        double d = 1 / b;
        double h = d;
        for (int i = 1; i < 100_000; i++) {
            double an = -i * (i - a);
            b += 2;
            d = 1 / (an * d + b);
            c = b + an / c;
            h *= d * c;
            if (Math.abs(d * c - 1) < 1e-15) {
                break;
            }
        }
        return scale * h;
    }

    private static double logGamma(double x) {
        double shifted = x;
        double correction = 0;
        while (shifted < 10) {
            correction -= Math.log(shifted);
            shifted++;
        }
        double r = 1 / (shifted * shifted);
        return correction
                + (shifted - 0.5) * Math.log(shifted)
                - shifted
                + 0.5 * Math.log(2 * Math.PI)
                + (1 / 12.0 - r * (1 / 360.0 - r * (1 / 1260.0 - r / 1680))) / shifted;
    }
}
