// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ChiSquareTest {
    @Test
    void upperGamma_ofKnownChiSquares_isTheirProbability() {
        // 95th percentiles of chi-square from printed tables.
        assertThat(ChiSquare.upperGamma(0.5, 3.841 / 2)).isCloseTo(0.05, within(1e-4));
        assertThat(ChiSquare.upperGamma(5, 18.307 / 2)).isCloseTo(0.05, within(1e-4));
        assertThat(ChiSquare.upperGamma(50, 124.342 / 2)).isCloseTo(0.05, within(1e-4));
    }

    @Test
    void assertFits_tooUnevenOrTooEven_fails() {
        double[] shares = new double[100];
        Arrays.fill(shares, 0.01);
        long[] even = new long[100];
        Arrays.fill(even, 1_000);
        assertThatThrownBy(() -> ChiSquare.assertFits(even, shares, "in turn")).hasMessageContaining("too even");
        long[] uneven = even.clone();
        uneven[7] = 1_700;
        assertThatThrownBy(() -> ChiSquare.assertFits(uneven, shares, "one more"))
                .hasMessageContaining("one more");
        assertThatCode(() -> ChiSquare.assertFits(new long[] {2_000, 2_000}, new double[] {0.5, 0.5}, "two"))
                .doesNotThrowAnyException();
    }
}
