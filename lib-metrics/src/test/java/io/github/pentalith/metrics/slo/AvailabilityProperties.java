// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.slo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class AvailabilityProperties {
    @Example
    void downtime_ofTheUsualNines_isThatOfTheTables() {
        assertThat(Availability.of(0.99).downtimePerYear()).isCloseTo(Duration.ofMinutes(5256), Duration.ofSeconds(1));
        assertThat(Availability.of(0.999).downtimePerYear())
                .isCloseTo(Duration.ofSeconds(31_536), Duration.ofMillis(1));
        assertThat(Availability.of(0.999).downtimePerMonth()).isCloseTo(Duration.ofSeconds(2628), Duration.ofMillis(1));
        assertThat(Availability.ofNines(5).downtimePerYear())
                .isCloseTo(Duration.ofMillis(315_360), Duration.ofMillis(1));
        assertThat(Availability.of(0.9).downtimeIn(Duration.ofDays(30)))
                .isCloseTo(Duration.ofDays(3), Duration.ofMillis(1));
        assertThat(Availability.of(1).downtimePerYear()).isZero();
        assertThat(Availability.of(0).downtimeIn(Duration.ofDays(1))).isEqualTo(Duration.ofDays(1));
        assertThat(Availability.of(0.999).nines()).isCloseTo(3, within(1e-9));
        assertThat(Availability.of(Duration.ofHours(999), Duration.ofHours(1)).share())
                .isCloseTo(0.999, within(1e-12));
    }

    @Example
    void parallel_ofManyNines_losesNothingToRounding() {
        Availability nine = Availability.ofNines(9);
        assertThat(Availability.parallel(nine, nine).unavailability()).isCloseTo(1e-18, within(1e-30));
        assertThat(Availability.parallel(nine, nine).nines()).isCloseTo(18, within(1e-9));
        assertThat(Availability.series(Availability.ofNines(15), Availability.ofNines(15))
                        .unavailability())
                .isCloseTo(2e-15, within(1e-27));
    }

    @Property
    void series_andParallel_boundThePartsFromBelowAndAbove(
            @ForAll @DoubleRange(max = 1) double a, @ForAll @DoubleRange(max = 1) double b) {
        Availability first = Availability.of(a);
        Availability second = Availability.of(b);
        assertThat(Availability.series(first, second).share()).isCloseTo(a * b, within(1e-12));
        assertThat(Availability.parallel(first, second).share()).isCloseTo(a + b - a * b, within(1e-12));
        assertThat(Availability.series(first).share()).isCloseTo(a, within(1e-15));
        assertThat(Availability.parallel(first).share()).isCloseTo(a, within(1e-15));
    }

    @Property(tries = 300)
    void kOfN_ofAnyNumbers_equalsTheExactBinomialSum(
            @ForAll @IntRange(min = 1, max = 30) int total,
            @ForAll @IntRange(min = 1, max = 30) int needed,
            @ForAll @DoubleRange(max = 1) double share) {
        if (needed > total) {
            return;
        }
        Availability each = Availability.of(share);
        BigDecimal down = new BigDecimal(each.unavailability());
        BigDecimal up = BigDecimal.ONE.subtract(down);
        BigDecimal works = BigDecimal.ZERO;
        BigDecimal ways = BigDecimal.ONE; // total choose count
        for (int count = 0; count <= total; count++) {
            if (count >= needed) {
                works = works.add(ways.multiply(up.pow(count)).multiply(down.pow(total - count)));
            }
            ways = ways.multiply(BigDecimal.valueOf(total - count))
                    .divide(BigDecimal.valueOf(count + 1), MathContext.DECIMAL128);
        }
        assertThat(Availability.kOfN(needed, total, each).share()).isCloseTo(works.doubleValue(), within(1e-10));
    }

    @Example
    void kOfN_ofAllAndOfOne_areSeriesAndParallel() {
        Availability each = Availability.of(0.99);
        assertThat(Availability.kOfN(3, 3, each).share())
                .isCloseTo(Availability.series(each, each, each).share(), within(1e-12));
        assertThat(Availability.kOfN(1, 3, each).unavailability())
                .isCloseTo(Availability.parallel(each, each, each).unavailability(), within(1e-15));
        assertThat(Availability.kOfN(2, 3, each).share()).isCloseTo(0.999702, within(1e-9));
        assertThat(Availability.kOfN(2, 3, Availability.of(1))).isEqualTo(Availability.of(1));
        assertThat(Availability.kOfN(2, 3, Availability.of(0))).isEqualTo(Availability.of(0));
        assertThat(Availability.kOfN(6_000, 10_000, Availability.of(0.7)).share())
                .isCloseTo(1, within(1e-9));
    }

    @Example
    void arguments_outOfRange_areRefused() {
        assertThatThrownBy(() -> Availability.of(99.9))
                .hasMessage("share must be within 0 and 1: share=99.9 (expected: such as 0.999, not percent)");
        assertThatThrownBy(() -> Availability.of(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Availability.ofNines(16)).hasMessageContaining("nines=16.0 (expected: 0 to 15)");
        assertThatThrownBy(() -> Availability.of(Duration.ZERO, Duration.ZERO)).hasMessageContaining("more than 0");
        assertThatThrownBy(() -> Availability.of(Duration.ofDays(1), Duration.ofDays(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(Availability::series).hasMessageContaining("parts=0");
        assertThatThrownBy(Availability::parallel).hasMessageContaining("parts=0");
        for (int[] bad : new int[][] {{0, 3}, {4, 3}, {1, 0}, {1, 10_001}}) {
            assertThatThrownBy(() -> Availability.kOfN(bad[0], bad[1], Availability.of(0.9)))
                    .hasMessageContaining("needed=" + bad[0] + ", total=" + bad[1]);
        }
        assertThatThrownBy(() -> Availability.of(0.9).downtimeIn(Duration.ofSeconds(-1)))
                .hasMessageContaining("period=PT-1S");
    }

    @Example
    void values_ofEqualShares_areEqualAndOrdered() {
        assertThat(Availability.of(0.99)).isEqualTo(Availability.of(0.99)).hasSameHashCodeAs(Availability.of(0.99));
        assertThat(Availability.of(0.99)).isLessThan(Availability.of(0.999)).isNotEqualTo(Availability.of(0.999));
        assertThat(Availability.of(0.75)).hasToString("Availability[0.75, PT2190H per year]");
    }
}
