// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class CapacityTest {
    private static final Capacity LINKS = Capacity.of(1_200, Duration.ofMillis(50), 8);

    @Test
    void concurrency_isRateTimesLatency_byLittlesLaw() {
        assertThat(LINKS.concurrency()).isCloseTo(60, within(1e-9));
        assertThat(LINKS.ratePerServer()).isCloseTo(160, within(1e-9));
        assertThat(LINKS.utilization(8)).isCloseTo(60 / 64.0, within(1e-9));
    }

    @Test
    void servers_countPeakHeadroomAndSpare() {
        assertThat(LINKS.servers()).isEqualTo(8); // 7.5
        assertThat(LINKS.peakFactor(3).servers()).isEqualTo(23); // 22.5
        assertThat(LINKS.peakFactor(3).headroom(0.3).servers()).isEqualTo(33); // 32.14
        assertThat(LINKS.peakFactor(3).headroom(0.3).spare(1).servers()).isEqualTo(34);
    }

    @Test
    void servers_ofWholeQuotient_isNotRoundedUpForFloatingPoint() {
        assertThat(Capacity.of(0.3, Duration.ofSeconds(1), 1)
                        .peakFactor(10)
                        .headroom(0.7)
                        .servers())
                .isEqualTo(10); // in doubles a little more
        assertThat(Capacity.of(0, Duration.ofSeconds(1), 1).servers()).isEqualTo(1);
    }

    @Test
    void servers_carryThePeak_andOneLessDoesNot() {
        for (int rate = 1; rate < 2_000; rate += 7) {
            Capacity capacity =
                    Capacity.of(rate, Duration.ofMillis(37), 5).peakFactor(1.7).headroom(0.2);
            long servers = capacity.servers();
            assertThat(capacity.utilization(servers)).isLessThanOrEqualTo(0.8 + 1e-9);
            assertThat(servers * capacity.ratePerServer()).isGreaterThanOrEqualTo(rate * 1.7 - 1e-6);
            if (servers > 1) {
                assertThat(capacity.utilization(servers - 1)).isGreaterThan(0.8);
            }
        }
    }

    @Test
    void speedup_followsAmdahl() {
        assertThat(Capacity.speedup(0.95, 1)).isCloseTo(1, within(1e-12));
        assertThat(Capacity.speedup(0.95, 8)).isCloseTo(5.926, within(1e-3));
        assertThat(Capacity.speedup(0.95, 1_000_000)).isCloseTo(20, within(1e-2));
        assertThat(Capacity.speedup(1, 64)).isCloseTo(64, within(1e-9));
        assertThat(Capacity.speedupBound(0.95)).isCloseTo(20, within(1e-9));
        assertThat(Capacity.speedupBound(1)).isInfinite();
    }

    @Test
    void arguments_outOfRange_areRefusedByName() {
        assertThatThrownBy(() -> Capacity.of(Double.NaN, Duration.ofSeconds(1), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rate must be finite and not negative: rate=NaN (expected: 0 or more per second)");
        assertThatThrownBy(() -> Capacity.of(1, Duration.ZERO, 1))
                .hasMessage("latency must be positive: latency=PT0S (expected: more than 0)");
        assertThatThrownBy(() -> Capacity.of(1, Duration.ofMillis(1), 0))
                .hasMessage("workers must be in range: workers=0 (expected: 1 or more)");
        assertThatThrownBy(() -> LINKS.peakFactor(0.9)).hasMessageStartingWith("peakFactor must be in range");
        assertThatThrownBy(() -> LINKS.headroom(1)).hasMessageStartingWith("headroom must be in range: headroom=1.0");
        assertThatThrownBy(() -> LINKS.spare(-1)).hasMessageStartingWith("spare must not be negative: spare=-1");
        assertThatThrownBy(() -> LINKS.utilization(0)).hasMessageStartingWith("servers must be in range: servers=0");
        assertThatThrownBy(() -> Capacity.speedup(0.5, 0)).hasMessageStartingWith("servers must be in range");
        assertThatThrownBy(() -> Capacity.speedup(1.1, 2)).hasMessageStartingWith("parallel must be in range");
        assertThat(LINKS)
                .hasToString("Capacity[rate=1200.0/s, latency=PT0.05S, workers=8, peakFactor=1.0, headroom=0.0, "
                        + "spare=0]");
    }
}
