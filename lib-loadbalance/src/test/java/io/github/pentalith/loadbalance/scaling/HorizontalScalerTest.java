// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.loadbalance.scaling.ScalingDecision.Limit;
import io.github.pentalith.loadbalance.scaling.ScalingSpec.Behavior;
import io.github.pentalith.loadbalance.scaling.ScalingSpec.Metric;
import io.github.pentalith.loadbalance.scaling.ScalingSpec.Rate;
import io.github.pentalith.loadbalance.scaling.ScalingSpec.Select;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class HorizontalScalerTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ScalingSpec CPU = ScalingSpec.of(2, 20, Metric.average("cpu", 0.5));

    private static ScalingDecision decide(ScalingSpec spec, int servers, MetricSample... samples) {
        return HorizontalScaler.decide(spec, ScalingState.of(servers, NOW), List.of(samples), NOW.plusSeconds(15));
    }

    @Test
    void decide_aboveTheTarget_growsInProportion() {
        ScalingDecision decision = decide(CPU, 4, MetricSample.of("cpu", List.of(0.9, 0.8, 0.7, 0.8)));
        assertThat(decision.desired()).isEqualTo(7); // 4 x 0.8 / 0.5 = 6.4
        assertThat(decision.limit()).isEqualTo(Limit.NONE);
        assertThat(decision).hasToString("4 -> 7: cpu is 0.8000, target 0.5000");
    }

    @Test
    void decide_belowTheTarget_waitsForTheStabilizationWindow() {
        ScalingState state = ScalingState.of(10, NOW);
        MetricSample low = MetricSample.of("cpu", List.of(0.1, 0.1));
        for (int second = 15; second < 300; second += 15) {
            ScalingDecision decision = HorizontalScaler.decide(CPU, state, List.of(low), NOW.plusSeconds(second));
            assertThat(decision.desired()).as("after %d s", second).isEqualTo(10);
            assertThat(decision.limit()).isEqualTo(Limit.STABILIZATION);
            state = decision.next();
        }
        ScalingDecision decision = HorizontalScaler.decide(CPU, state, List.of(low), NOW.plusSeconds(300));
        assertThat(decision.desired()).isEqualTo(2);
        assertThat(decision.next().proposals()).as("old ones are forgotten").hasSize(20);
    }

    @Test
    void decide_withRates_growsByTheWiderOrTheNarrower() {
        Rate two = Rate.servers(2, Duration.ofMinutes(1));
        Rate twice = Rate.percent(100, Duration.ofMinutes(1));
        MetricSample high = MetricSample.of("cpu", List.of(5.0, 5.0, 5.0, 5.0, 5.0));
        assertThat(decide(CPU.up(Behavior.up().rates(Select.MAX, two, twice)), 5, high)
                        .desired())
                .isEqualTo(10);
        ScalingDecision narrow = decide(CPU.up(Behavior.up().rates(Select.MIN, two, twice)), 5, high);
        assertThat(narrow.desired()).isEqualTo(7);
        assertThat(narrow.limit()).isEqualTo(Limit.RATE);
        assertThat(decide(CPU.up(Behavior.up().rates(Select.DISABLED)), 5, high).desired())
                .isEqualTo(5);
        assertThat(decide(CPU.up(Behavior.up().rates(Select.MAX)), 5, high).desired())
                .as("no rate, no limit but the bounds")
                .isEqualTo(20);
        ScalingSpec down = CPU.down(Behavior.down().window(Duration.ZERO).rates(Select.MAX));
        assertThat(decide(down, 10, MetricSample.of("cpu", List.of(0.0))).desired())
                .isEqualTo(2);
    }

    @Test
    void decide_withSeveralMetrics_takesTheGreatestProposal() {
        ScalingSpec spec = ScalingSpec.of(
                1, 50, Metric.average("cpu", 0.5), Metric.total("requests", 100), Metric.value("wait", 0.2));
        ScalingDecision decision = decide(
                spec,
                4,
                MetricSample.of("cpu", List.of(0.5, 0.5, 0.5, 0.5)),
                MetricSample.of("requests", 590, 4),
                MetricSample.of("wait", 0.25, 4));
        assertThat(decision.desired()).isEqualTo(6);
        assertThat(decision.why()).startsWith("requests is 147.5, target 100");
        assertThat(decide(spec, 4, MetricSample.of("wait", 0.3, 4)).desired())
                .as("up with some metrics missing")
                .isEqualTo(6);
        ScalingDecision held = decide(spec, 4, MetricSample.of("wait", 0.1, 4));
        assertThat(held.desired()).isEqualTo(4);
        assertThat(held.limit()).isEqualTo(Limit.MISSING_METRICS);
        assertThat(held.why()).isEqualTo("2 of 3 metrics without value");
        assertThat(decide(spec, 4).why()).isEqualTo("no metric has a value");
    }

    @Test
    void decide_outsideTheBounds_comesBackAtOnce() {
        assertThat(decide(CPU, 1).desired()).isEqualTo(2);
        assertThat(decide(CPU, 30).desired()).isEqualTo(20);
        assertThat(decide(CPU, 30).limit()).isEqualTo(Limit.BOUNDS);
        assertThat(decide(CPU, 18, MetricSample.of("cpu", List.of(5.0))).limit())
                .isNotEqualTo(Limit.NONE);
    }

    @Test
    void decide_withServersThatDoNotReportOrAreStarting_isCareful() {
        MetricSample half = MetricSample.of("cpu", List.of(0.8, 0.8, Double.NaN, -1.0));
        assertThat(half.missing()).isEqualTo(2);
        assertThat(decide(CPU, 4, half).desired())
                .as("idle ones would make it go down: no change")
                .isEqualTo(4);
        MetricSample starting = MetricSample.of("cpu", List.of(0.8, 0.8)).starting(2);
        assertThat(decide(CPU, 4, starting).desired()).isEqualTo(4);
        assertThat(decide(CPU, 4, MetricSample.of("cpu", List.of(2.0, 2.0)).starting(2))
                        .desired())
                .isEqualTo(8);
        assertThat(decide(CPU, 4, MetricSample.of("cpu", List.of())).limit()).isEqualTo(Limit.MISSING_METRICS);
        assertThat(decide(CPU, 4, half).why()).contains("(2 without data, 0 starting)");
    }

    @Test
    void arguments_outOfRange_areRefusedByName() {
        assertThatThrownBy(() -> ScalingSpec.of(0, 1, Metric.value("a", 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("min must be in range: min=0 (expected: 1 or more)");
        assertThatThrownBy(() -> ScalingSpec.of(3, 2, Metric.value("a", 1)))
                .hasMessage("max must be in range: max=2 (expected: 3 or more)");
        assertThatThrownBy(() -> ScalingSpec.of(1, 2)).hasMessageStartingWith("metrics must be in range");
        assertThatThrownBy(() -> ScalingSpec.of(1, 2, Metric.value("a", 1), Metric.total("a", 1)))
                .hasMessageStartingWith("metric names must be unique");
        assertThatThrownBy(() -> Metric.value("a", 0)).hasMessageStartingWith("target must be positive and finite");
        assertThatThrownBy(() -> MetricSample.of("a", Double.NaN, 1))
                .hasMessageStartingWith("total must be finite and not negative: total=NaN");
        assertThatThrownBy(() -> Rate.servers(0, Duration.ofSeconds(1))).hasMessageStartingWith("amount must be");
        assertThatThrownBy(() -> Rate.servers(1, Duration.ZERO)).hasMessageStartingWith("period must be positive");
        assertThatThrownBy(() -> Behavior.up().window(Duration.ofSeconds(-1)))
                .hasMessageStartingWith("window must not be negative");
        assertThatThrownBy(() -> Behavior.up().tolerance(2)).hasMessageStartingWith("tolerance must be in range");
        assertThatThrownBy(() -> ScalingState.of(-1, NOW)).hasMessageStartingWith("servers must be in range");
    }
}
