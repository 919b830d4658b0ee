// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.slo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.TimeSource;
import io.github.pentalith.metrics.Timer;
import io.github.pentalith.metrics.slo.BurnRateAlerts.Alert;
import io.github.pentalith.metrics.slo.BurnRateAlerts.State;
import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BurnRateAlertsTest {
    private final VirtualTime time = VirtualTime.create();
    private final MetricRegistry registry = MetricRegistry.of("shop");
    private final Counter requests = registry.counter("requests", "Requests.").register();
    private final Counter failures = registry.counter("failures", "Failures.").register();
    private final Slo answers = Slo.availability("answers", 0.999, requests, failures);

    private BurnRateAlerts.Builder alerts() {
        return BurnRateAlerts.builder("shop").time(TimeSource.of(time)).tick(Duration.ofMinutes(1));
    }

    private void minutes(int count, long total, long bad) {
        for (int i = 0; i < count; i++) {
            requests.add(total);
            failures.add(bad);
            time.advance(Duration.ofMinutes(1));
        }
    }

    private static Map<String, State> states(BurnRateAlerts alerts) {
        return alerts.status().stream().collect(Collectors.toMap(Alert::name, Alert::state));
    }

    @Test
    void status_beforeWindowsAreCovered_saysInsufficientCoverage() {
        BurnRateAlerts alerts = alerts().slo(answers).build();
        minutes(53, 100, 50);
        assertThat(states(alerts).values()).containsOnly(State.INSUFFICIENT);
        minutes(1, 100, 50);
        assertThat(states(alerts))
                .containsEntry("answers_burn_1h", State.FIRING)
                .containsEntry("answers_burn_6h", State.INSUFFICIENT);
        assertThat(alerts.status().get(0).coverage()).isEqualTo(0.9);
    }

    @Test
    void status_withoutEvents_saysInsufficientCoverage() {
        BurnRateAlerts alerts = alerts().slo(answers).minimumEvents(50).build();
        minutes(120, 0, 0);
        assertThat(states(alerts)).containsEntry("answers_burn_1h", State.INSUFFICIENT);
        minutes(1, 49, 49);
        assertThat(states(alerts)).containsEntry("answers_burn_1h", State.INSUFFICIENT);
        minutes(1, 1, 0);
        assertThat(states(alerts)).containsEntry("answers_burn_1h", State.FIRING);
    }

    @Test
    void alert_atABurnRate_firesAboveItsFactorOnly() {
        BurnRateAlerts alerts = alerts().slo(answers).build();
        minutes(60, 100_000, 1_439); // 14.39 times the budget of 0.1 %
        assertThat(states(alerts)).containsEntry("answers_burn_1h", State.OK);
        assertThat(alerts.status().get(0).value()).isCloseTo(14.39, within(1e-9));
        assertThat(alerts.status().get(0).limit()).isCloseTo(14.4, within(1e-9));
        minutes(61, 100_000, 1_441);
        assertThat(states(alerts)).containsEntry("answers_burn_1h", State.FIRING);
    }

    @Test
    void alert_afterTheTroubleEnds_endsWithTheShortWindow() {
        List<String> seen = new ArrayList<>();
        alerts().slo(answers)
                .observer(new BurnRateAlerts.Observer() {
                    @Override
                    public void alertChanged(String name, State from, Alert now) {
                        seen.add(name + " " + now.name() + " " + from + "->" + now.state() + " at "
                                + time.elapsed().toMinutes());
                    }
                })
                .observer(new BurnRateAlerts.Observer() {
                    @Override
                    public void alertChanged(String name, State from, Alert now) {
                        throw new IllegalStateException("observer of a test");
                    }
                })
                .build();
        minutes(60, 100, 0);
        minutes(20, 100, 50);
        minutes(10, 100, 0);
        assertThat(seen)
                .containsExactly(
                        "shop answers_burn_1h INSUFFICIENT->OK at 54",
                        "shop answers_burn_1h OK->FIRING at 62",
                        "shop answers_burn_1h FIRING->OK at 85");
    }

    @Test
    void burn_atItsFactorForItsWindow_spendsItsShareOfTheBudget() {
        BurnRateAlerts alerts = alerts().slo(answers).build();
        minutes(60 * 24 * 30 - 60, 1_000_000, 0);
        minutes(60, 1_000_000, 14_400);
        BurnRateAlerts.Budget budget = alerts.budgets().get(0);
        assertThat(budget.left()).isCloseTo(0.98, within(1e-9));
        assertThat(budget.coverage()).isEqualTo(1);
        assertThat(budget.events()).isEqualTo(1_000_000L * 60 * 24 * 30);
        assertThat(budget.errors()).isEqualTo(864_000);
    }

    @Test
    void latency_aboveItsLimit_burnsTheBudget() {
        Timer timer = registry.timer("work", "Work.").register();
        Slo speed = Slo.latency("speed", 0.99, timer, Duration.ofMillis(250));
        BurnRateAlerts alerts = alerts().slo(speed).build();
        for (int minute = 0; minute < 60; minute++) {
            for (int i = 0; i < 10; i++) {
                timer.record(Duration.ofMillis(i < 8 ? 249 : 256));
            }
            time.advance(Duration.ofMinutes(1));
        }
        Alert first = alerts.status().get(0);
        assertThat(first.state()).isEqualTo(State.FIRING);
        assertThat(first.value()).isCloseTo(20, within(1e-9));
        assertThat(alerts.budgets().get(0).left()).isCloseTo(-19, within(1e-9));
        assertThatThrownBy(alerts::toPrometheusRules)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(
                        "timer=shop_work_seconds, limit=PT0.25S (expected: .buckets(...) with this limit");
    }

    @Test
    void thresholds_ofEachKind_fireWhenTheirConditionHolds() {
        Timer timer = registry.timer("work", "Work.").register();
        BurnRateAlerts alerts = alerts().threshold(Threshold.quantileAbove("slow", timer, 0.99, Duration.ofMillis(250)))
                .threshold(Threshold.errorRateAbove("errors", requests, failures, 0.03)
                        .over(Duration.ofMinutes(2))
                        .lasting(Duration.ofMinutes(3)))
                .threshold(Threshold.throughputBelow("silence", requests, 0.5))
                .threshold(Threshold.throughputAbove("rush", requests, 3).baseline(Duration.ofMinutes(30)))
                .build();
        for (int i = 0; i < 990; i++) {
            timer.record(Duration.ofMillis(1));
        }
        for (int i = 0; i < 10; i++) {
            timer.record(Duration.ofMillis(400));
        }
        minutes(5, 100, 3);
        assertThat(timer.snapshot().quantile(0.99)).isLessThan(2e6);
        assertThat(states(alerts)).containsEntry("slow", State.OK).containsEntry("errors", State.OK);
        timer.record(Duration.ofMillis(400));
        minutes(1, 100, 5);
        assertThat(timer.snapshot().quantile(0.99)).isGreaterThan(250e6);
        assertThat(states(alerts)).containsEntry("errors", State.PENDING);
        minutes(2, 100, 5);
        assertThat(states(alerts)).containsEntry("errors", State.PENDING);
        minutes(1, 100, 5);
        assertThat(states(alerts)).containsEntry("errors", State.FIRING);
        assertThat(states(alerts).get("silence")).isEqualTo(State.INSUFFICIENT);
        minutes(60, 100, 0);
        assertThat(states(alerts))
                .containsEntry("errors", State.OK)
                .containsEntry("silence", State.OK)
                .containsEntry("rush", State.OK);
        minutes(5, 49, 0);
        assertThat(states(alerts)).containsEntry("silence", State.FIRING);
        minutes(60, 100, 0);
        minutes(5, 301, 0);
        assertThat(states(alerts)).containsEntry("rush", State.FIRING).containsEntry("silence", State.OK);
    }

    @Test
    void thread_ofItsOwn_isADaemonThatCloseEnds() {
        BurnRateAlerts alerts = BurnRateAlerts.builder("own").slo(answers).build();
        List<Thread> own = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("pentalith-metrics-alerts"))
                .toList();
        assertThat(own).isNotEmpty().allMatch(Thread::isDaemon);
        assertThat(alerts).hasToString(alerts.toString()).asString().contains("answers_burn_3d");
        alerts.close();
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> own.stream().noneMatch(Thread::isAlive));
    }

    @Test
    void settings_outOfRange_sayWhatIsExpected() {
        assertThatThrownBy(() -> Slo.availability("x", 99.9, requests, failures))
                .hasMessageContaining("objective=99.9 (expected: such as 0.999, not percent");
        assertThatThrownBy(() -> Slo.availability(" ", 0.9, requests, failures))
                .hasMessageContaining("name must not be blank");
        assertThatThrownBy(() -> Slo.availability("x", 0.9, List.of(), List.of(failures)))
                .hasMessageContaining("total must not be empty");
        assertThatThrownBy(() -> answers.period(Duration.ofHours(1))).hasMessageContaining("1 to 366 days");
        Timer timer = registry.timer("work", "Work.").register();
        assertThatThrownBy(() -> Slo.latency("x", 0.9, timer, Duration.ZERO)).hasMessageContaining("limit=PT0S");
        assertThatThrownBy(() -> Threshold.quantileAbove("x", timer, 99, Duration.ofMillis(1)))
                .hasMessageContaining("q=99.0");
        assertThatThrownBy(() -> Threshold.throughputAbove("x", requests, 0.5)).hasMessageContaining("factor=0.5");
        Threshold drop = Threshold.throughputBelow("x", requests, 0.5);
        assertThatThrownBy(() -> drop.over(Duration.ZERO)).hasMessageContaining("over must be in range");
        assertThatThrownBy(() -> drop.baseline(Duration.ofDays(31))).hasMessageContaining("PT1S to 30 days");
        assertThatThrownBy(() -> alerts().minimumEvents(0)).hasMessageContaining("events=0");
        assertThatThrownBy(() -> alerts().tick(Duration.ofHours(1))).hasMessageContaining("PT5M");
        assertThatThrownBy(() ->
                        alerts().slo(answers).threshold(Threshold.errorRateAbove("answers", requests, failures, 0.1)))
                .hasMessageContaining("name must be unique: name=answers");
        assertThatThrownBy(() -> BurnRateAlerts.builder("")).hasMessageContaining("name must not be blank");
        assertThat(answers.period(Duration.ofDays(7))).hasToString("Slo[answers, 0.999 over PT168H]");
        assertThat(drop).hasToString("Threshold[x, DROP 0.5 over PT5M]");
    }

    @Test
    void periodOfAWeek_scalesTheFactors() {
        BurnRateAlerts alerts = alerts().slo(answers.period(Duration.ofDays(7))).build();
        assertThat(alerts.status()).extracting(Alert::limit).containsExactly(3.36, 1.4, 0.7, 7 / 30.0);
    }
}
