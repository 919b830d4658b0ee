// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.slo;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A service level objective: the share of events that must be good over a period, counted by counters or by a timer.
 * What may be bad is the error budget; {@link BurnRateAlerts} watch how fast it is spent.
 *
 * <p>An immutable value; it only refers to its counters or timer. One that counts latency is exact: its limit is moved
 * up to the next bucket bound, by at most twice the timer's relative error.
 *
 * <pre>{@code
 * Slo answers = Slo.availability("answers", 0.999, requests, failures);
 * Slo speed = Slo.latency("speed", 0.99, checkout, Duration.ofMillis(250));
 * BurnRateAlerts alerts = BurnRateAlerts.builder("shop").slo(answers).slo(speed).build();
 * }</pre>
 *
 * <p>See "Implementing SLOs" and "Alerting on SLOs" in Google's Site Reliability Workbook.
 */
public final class Slo {
    private static final Duration MONTH = Duration.ofDays(30);

    private final String name;
    private final double objective;
    private final Duration period;
    private final Indicator indicator;

    private Slo(String name, double objective, Duration period, Indicator indicator) {
        this.name = name;
        this.objective = objective;
        this.period = period;
        this.indicator = indicator;
    }

    /**
     * Makes an objective for the share of events that are no errors, over 30 days.
     *
     * @param name what it is about, unique among the objectives that are watched together
     * @param objective the share that must be good, such as 0.999; more than 0 and less than 1
     * @param total counts all events
     * @param errors counts the bad ones among them
     * @return the objective
     * @throws IllegalArgumentException if the name is blank or the objective out of range
     */
    public static Slo availability(String name, double objective, Counter total, Counter errors) {
        return availability(name, objective, List.of(total), List.of(errors));
    }

    /**
     * Makes the same where several counters count the events, such as one per status.
     *
     * @param name what it is about, unique among the objectives that are watched together
     * @param objective the share that must be good, such as 0.999; more than 0 and less than 1
     * @param total count all events, those of {@code errors} included
     * @param errors count the bad ones
     * @return the objective
     * @throws IllegalArgumentException if the name is blank, the objective out of range or a list empty
     */
    public static Slo availability(String name, double objective, List<Counter> total, List<Counter> errors) {
        return new Slo(named(name), checked(objective), MONTH, Indicator.of(total, errors));
    }

    /**
     * Makes an objective for the share of events that take no longer than a limit, over 30 days.
     *
     * @param name what it is about, unique among the objectives that are watched together
     * @param objective the share that must be fast enough, such as 0.99; more than 0 and less than 1
     * @param timer measures all events. For {@link BurnRateAlerts#toPrometheusRules} it must have been registered with
     *     a bucket at the limit
     * @param limit how long an event may take
     * @return the objective
     * @throws IllegalArgumentException if the name is blank, the objective out of range or the limit not positive
     */
    public static Slo latency(String name, double objective, Timer timer, Duration limit) {
        return new Slo(named(name), checked(objective), MONTH, Indicator.of(timer, limit));
    }

    static String named(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("name must not be blank: name=" + name + " (expected: such as answers)");
        }
        return name;
    }

    private static double checked(double objective) {
        if (!(objective > 0 && objective < 1)) {
            throw new IllegalArgumentException("objective must be within 0 and 1: objective=" + objective
                    + " (expected: such as 0.999, not percent; without a budget there is nothing to watch)");
        }
        return objective;
    }

    /**
     * Returns the same objective over another period.
     *
     * @param length the period that the error budget is for; 30 days by default, at least a day
     * @return the objective
     * @throws IllegalArgumentException if {@code length} is less than a day or more than a year
     */
    public Slo period(Duration length) {
        if (length.compareTo(Duration.ofDays(1)) < 0 || length.compareTo(Duration.ofDays(366)) > 0) {
            throw new IllegalArgumentException(
                    "period must be in range: length=" + length + " (expected: 1 to 366 days)");
        }
        return new Slo(name, objective, Objects.requireNonNull(length), indicator);
    }

    /** {@return what it is about} */
    public String name() {
        return name;
    }

    /** {@return the share that must be good} */
    public double objective() {
        return objective;
    }

    /** {@return the share that may be bad} */
    public double errorBudget() {
        return 1 - objective;
    }

    /** {@return the period that the error budget is for} */
    public Duration period() {
        return period;
    }

    Indicator indicator() {
        return indicator;
    }

    @Override
    public String toString() {
        return "Slo[" + name + ", " + objective + " over " + period + "]";
    }
}
