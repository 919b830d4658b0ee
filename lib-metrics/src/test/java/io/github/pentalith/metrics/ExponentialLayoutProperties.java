// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Law L1 and L2: exact, monotone, upper-inclusive buckets; each within one of every coarser layout. */
class ExponentialLayoutProperties {
    @Provide
    Arbitrary<Double> values() {
        Arbitrary<Double> anything = Arbitraries.longs()
                .between(Double.doubleToLongBits(Double.MIN_NORMAL), Double.doubleToLongBits(Double.MAX_VALUE))
                .map(Double::longBitsToDouble);
        Arbitrary<Double> nearPowers = Arbitraries.integers()
                .between(-1021, 1022)
                .flatMap(e -> Arbitraries.integers()
                        .between(-2, 2)
                        .map(ulps -> Double.longBitsToDouble(Double.doubleToLongBits(Math.scalb(1.0, e)) + ulps)));
        return Arbitraries.oneOf(
                anything, nearPowers, Arbitraries.doubles().between(1e-9, 1e9).ofScale(12));
    }

    @Example
    void bounds_atEveryScale_equalIntegerRoots() {
        for (int scale = ExponentialLayout.MIN_SCALE; scale <= ExponentialLayout.MAX_SCALE; scale++) {
            ExponentialLayout layout = ExponentialLayout.ofScale(scale);
            int buckets = 1 << scale;
            for (int j = 0; j < buckets; j++) {
                // floor of the 2^scale-th root of 2^(52 * 2^scale + j) is the mantissa of the bound, exactly
                BigInteger root = BigInteger.ONE.shiftLeft(52 * buckets + j);
                for (int i = 0; i < scale; i++) {
                    root = root.sqrt();
                }
                assertThat(layout.lower(j)).isEqualTo(Math.scalb((double) root.longValueExact(), -52));
            }
        }
    }

    @Property(tries = 3000)
    void index_ofAnyValue_namesTheBucketThatHoldsIt(
            @ForAll("values") double value, @ForAll @IntRange(min = 2, max = 8) int scale) {
        ExponentialLayout layout = ExponentialLayout.ofScale(scale);
        int index = layout.index(value);
        assertThat(layout.upper(index)).isGreaterThanOrEqualTo(value);
        if (value > Double.MIN_NORMAL) {
            assertThat(layout.lower(index)).isLessThan(value);
        }
    }

    @Property(tries = 3000)
    void index_ofTwoValues_isMonotone(
            @ForAll("values") double a, @ForAll("values") double b, @ForAll @IntRange(min = 2, max = 8) int scale) {
        ExponentialLayout layout = ExponentialLayout.ofScale(scale);
        assertThat(layout.index(Math.min(a, b))).isLessThanOrEqualTo(layout.index(Math.max(a, b)));
    }

    @Property(tries = 3000)
    void index_shifted_isTheIndexOfTheCoarserLayout(
            @ForAll("values") double value,
            @ForAll @IntRange(min = 2, max = 8) int scale,
            @ForAll @IntRange(min = 2, max = 8) int coarser) {
        if (coarser <= scale) {
            assertThat(ExponentialLayout.ofScale(scale).index(value) >> (scale - coarser))
                    .isEqualTo(ExponentialLayout.ofScale(coarser).index(value));
        }
    }

    @Property(tries = 1000)
    void index_atABound_isTheBucketBelowIt(
            @ForAll @IntRange(min = -200000, max = 200000) int index, @ForAll @IntRange(min = 2, max = 8) int scale) {
        ExponentialLayout layout = ExponentialLayout.ofScale(scale);
        int wrapped = index >> (ExponentialLayout.MAX_SCALE - scale);
        double upper = layout.upper(wrapped);
        assertThat(layout.index(upper)).isEqualTo(wrapped);
        assertThat(layout.index(Math.nextUp(upper))).isEqualTo(wrapped + 1);
    }

    @Example
    void relativeError_ofEachScale_isTheKnownFigure() {
        assertThat(ExponentialLayout.ofScale(5).relativeError).isBetween(0.0108, 0.0109);
        assertThat(ExponentialLayout.ofScale(6).relativeError).isBetween(0.0054, 0.0055);
        assertThat(ExponentialLayout.ofRelativeError(0.0055).scale).isEqualTo(6);
        assertThat(ExponentialLayout.ofRelativeError(0.1).scale).isEqualTo(2);
        assertThat(ExponentialLayout.ofRelativeError(0.00136).scale).isEqualTo(8);
    }
}
