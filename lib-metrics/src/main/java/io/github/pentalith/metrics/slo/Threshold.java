// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.slo;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Timer;
import java.time.Duration;
import java.util.List;

/**
 * A simple condition over the last minutes: P99 above a limit, too many errors, fewer or more events than usual.
 * {@link BurnRateAlerts} evaluates it. Where there is an objective, prefer alerts on its burn rate: they know what
 * matters over a month.
 *
 * <p>An immutable value; it only refers to its counters or timer. "P99 above 250 ms" is counted as "more than 1 % take
 * longer than 250 ms", which is the same, exact, and can be added up over instances.
 *
 * <pre>{@code
 * Threshold slow = Threshold.quantileAbove("slow", checkout, 0.99, Duration.ofMillis(250)).lasting(Duration.ofMinutes(2));
 * Threshold errors = Threshold.errorRateAbove("errors", requests, failures, 0.03);
 * Threshold silence = Threshold.throughputBelow("silence", requests, 0.5);
 * }</pre>
 */
public final class Threshold {
    /** What is compared. */
    enum Kind {
        /** Bad events per event are above the limit. */
        SHARE,
        /** The rate is below the limit times that of the time before. */
        DROP,
        /** The rate is above it. */
        SPIKE
    }

    private final String name;
    private final Kind kind;
    private final Indicator indicator;
    private final double limit;
    private final Duration window;
    private final Duration baseline;
    private final Duration lasting;

    private Threshold(
            String name,
            Kind kind,
            Indicator indicator,
            double limit,
            Duration window,
            Duration baseline,
            Duration lasting) {
        this.name = name;
        this.kind = kind;
        this.indicator = indicator;
        this.limit = limit;
        this.window = window;
        this.baseline = baseline;
        this.lasting = lasting;
    }

    private static Threshold of(String name, Kind kind, Indicator indicator, double limit) {
        return new Threshold(
                Slo.named(name), kind, indicator, limit, Duration.ofMinutes(5), Duration.ofHours(1), Duration.ZERO);
    }

    /**
     * Watches a quantile of durations.
     *
     * @param name what the alert is called
     * @param timer measures the durations
     * @param q the quantile, 0.99 for P99; more than 0 and less than 1
     * @param limit what it may not be above
     * @return a threshold over the last five minutes
     * @throws IllegalArgumentException if the name is blank or a number out of range
     */
    public static Threshold quantileAbove(String name, Timer timer, double q, Duration limit) {
        return of(name, Kind.SHARE, Indicator.of(timer, limit), 1 - share("q", q));
    }

    /**
     * Watches the share of errors.
     *
     * @param name what the alert is called
     * @param total counts all events
     * @param errors counts the bad ones among them
     * @param limit the share that they may not be above, 0.03 for 3 %; more than 0 and less than 1
     * @return a threshold over the last five minutes
     * @throws IllegalArgumentException if the name is blank or the limit out of range
     */
    public static Threshold errorRateAbove(String name, Counter total, Counter errors, double limit) {
        return of(name, Kind.SHARE, Indicator.of(List.of(total), List.of(errors)), share("limit", limit));
    }

    /**
     * Watches for fewer events than usual.
     *
     * @param name what the alert is called
     * @param events counts them
     * @param factor the least share of the rate of the hour before, such as 0.5; more than 0 and less than 1
     * @return a threshold over the last five minutes
     * @throws IllegalArgumentException if the name is blank or the factor out of range
     */
    public static Threshold throughputBelow(String name, Counter events, double factor) {
        return of(name, Kind.DROP, Indicator.of(List.of(events), List.of(events)), share("factor", factor));
    }

    /**
     * Watches for more events than usual.
     *
     * @param name what the alert is called
     * @param events counts them
     * @param factor the greatest multiple of the rate of the hour before, such as 3; more than 1
     * @return a threshold over the last five minutes
     * @throws IllegalArgumentException if the name is blank or the factor out of range
     */
    public static Threshold throughputAbove(String name, Counter events, double factor) {
        if (!(factor > 1 && factor < 1e9)) {
            throw new IllegalArgumentException(
                    "factor must be a multiple: factor=" + factor + " (expected: more than 1, such as 3)");
        }
        return of(name, Kind.SPIKE, Indicator.of(List.of(events), List.of(events)), factor);
    }

    private static double share(String what, double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException(
                    what + " must be within 0 and 1: " + what + "=" + value + " (expected: a share, not percent)");
        }
        return value;
    }

    /**
     * Returns the same threshold over another stretch of time.
     *
     * @param length how far to look back; five minutes by default, a second at least
     * @return the threshold
     * @throws IllegalArgumentException if {@code length} is out of range
     */
    public Threshold over(Duration length) {
        return new Threshold(name, kind, indicator, limit, inRange("over", length, 1_000), baseline, lasting);
    }

    /**
     * Returns the same threshold with another idea of what is usual.
     *
     * @param length how long the time before the window is that throughput is compared with; an hour by default
     * @return the threshold
     * @throws IllegalArgumentException if {@code length} is out of range
     */
    public Threshold baseline(Duration length) {
        return new Threshold(name, kind, indicator, limit, window, inRange("baseline", length, 1_000), lasting);
    }

    /**
     * Returns the same threshold for a condition that must last.
     *
     * @param length how long it must have held before the alert fires; zero by default
     * @return the threshold
     * @throws IllegalArgumentException if {@code length} is out of range
     */
    public Threshold lasting(Duration length) {
        return new Threshold(name, kind, indicator, limit, window, baseline, inRange("lasting", length, 0));
    }

    private static Duration inRange(String what, Duration length, long leastMillis) {
        if (length.compareTo(Duration.ofMillis(leastMillis)) < 0 || length.compareTo(Duration.ofDays(30)) > 0) {
            throw new IllegalArgumentException(what + " must be in range: length=" + length + " (expected: "
                    + Duration.ofMillis(leastMillis) + " to 30 days)");
        }
        return length;
    }

    /** {@return what the alert is called} */
    public String name() {
        return name;
    }

    Kind kind() {
        return kind;
    }

    Indicator indicator() {
        return indicator;
    }

    double limit() {
        return limit;
    }

    Duration window() {
        return window;
    }

    Duration baseline() {
        return baseline;
    }

    Duration lasting() {
        return lasting;
    }

    @Override
    public String toString() {
        return "Threshold[" + name + ", " + kind + " " + limit + " over " + window + "]";
    }
}
