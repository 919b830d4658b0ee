// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.slo;

import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Alerts on how fast error budgets are spent, and on simple thresholds, evaluated in this process.
 *
 * <p>Each {@link Slo} is watched over four pairs of windows. An alert fires while both windows of a pair burn faster
 * than its factor: the long one proves that it matters, the short one ends the alert soon after the trouble.
 *
 * <table>
 * <caption>The pairs, for a period of 30 days</caption>
 * <tr><th>severity</th><th>budget spent</th><th>windows</th><th>factor</th></tr>
 * <tr><td>page</td><td>2 %</td><td>1 h, 5 min</td><td>14.4</td></tr>
 * <tr><td>page</td><td>5 %</td><td>6 h, 30 min</td><td>6</td></tr>
 * <tr><td>ticket</td><td>10 %</td><td>1 d, 2 h</td><td>3</td></tr>
 * <tr><td>ticket</td><td>10 %</td><td>3 d, 6 h</td><td>1</td></tr>
 * </table>
 *
 * <p>What is not known is said: until a window is covered for nine tenths, or has the least number of events, its alert
 * is {@link State#INSUFFICIENT}, neither fine nor firing. After a restart that is so for a while, and one process sees
 * itself only. So these alerts complement a monitoring server and do not replace it; {@link #toPrometheusRules} gives
 * it the same rules.
 *
 * <p>Thread-safe. A tick costs O(objectives), about 10 kB of history are kept per objective. There is one daemon thread,
 * {@code pentalith-metrics-alerts}, unless a scheduler is given; {@link #close} ends it. Observers are called outside
 * of locks, and what they throw is contained.
 *
 * <pre>{@code
 * BurnRateAlerts alerts = BurnRateAlerts.builder("shop")
 *         .slo(Slo.availability("answers", 0.999, requests, failures))
 *         .threshold(Threshold.quantileAbove("slow", checkout, 0.99, Duration.ofMillis(250)))
 *         .build();
 * boolean inTrouble = alerts.status().stream().anyMatch(alert -> alert.state() == BurnRateAlerts.State.FIRING);
 * }</pre>
 *
 * <p>See "Alerting on SLOs" in Google's Site Reliability Workbook, section 6.
 */
public final class BurnRateAlerts implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BurnRateAlerts.class);
    private static final double COVERED = 0.9;

    private final String name;
    private final Duration tick;
    private final long minimumEvents;
    private final TimeSource time;
    private final List<Observer> observers;
    private final List<Watched> watched = new ArrayList<>();
    private final List<Source> sources = new ArrayList<>();
    private final Registration ticking;
    private final ReentrantLock lock = new ReentrantLock(); // for the histories and states

    /** What an alert says. */
    public enum State {
        /** There is not enough history, or there were too few events, to say anything. */
        INSUFFICIENT,
        /** The condition does not hold. */
        OK,
        /** The condition holds, but not yet for as long as it must. */
        PENDING,
        /** The condition holds. */
        FIRING
    }

    /** How soon somebody should look. */
    public enum Severity {
        /** Now. */
        PAGE,
        /** In the next days. */
        TICKET
    }

    /**
     * An alert as it stands.
     *
     * @param name its name: that of the objective with {@code _burn_} and the long window, or that of the threshold
     * @param severity how soon somebody should look
     * @param state what it says
     * @param value what is compared: the lower burn rate of the two windows, the share of bad events, or the rate as a
     *     multiple of the usual one
     * @param limit what it is compared with
     * @param coverage the share of the longest window for which there is history, 0 to 1
     * @param since when the state began
     */
    public record Alert(
            String name, Severity severity, State state, double value, double limit, double coverage, Instant since) {}

    /**
     * What is left of an error budget, as far as this process knows.
     *
     * @param slo the name of the objective
     * @param left the share of the budget that is left, of the events seen: 1 is untouched, negative is overspent
     * @param events the events of the period
     * @param errors the bad ones
     * @param coverage the share of the period for which there is history, 0 to 1
     */
    public record Budget(String slo, double left, long events, long errors, double coverage) {}

    /** Is told when alerts change. */
    public interface Observer {
        /**
         * Sees a change.
         *
         * @param name the name of the component
         * @param from the alert's state before
         * @param now the alert
         */
        default void alertChanged(String name, State from, Alert now) {}
    }

    /** One indicator's history; several rules look at it. */
    private static final class Source {
        final Indicator indicator;
        final @Nullable Slo slo;
        final History history;
        final long[] totals = new long[2];

        Source(Indicator indicator, @Nullable Slo slo, Duration horizon) {
            this.indicator = indicator;
            this.slo = slo;
            this.history = new History(horizon.toNanos());
        }

        void read(long now) {
            indicator.read(totals);
            history.add(now, totals[0], totals[1]);
        }
    }

    private static final class Watched {
        final AlertRule rule;
        final History history;
        State state = State.INSUFFICIENT;
        Instant since;
        long heldSince;
        AlertRule.@Nullable Reading last;

        Watched(AlertRule rule, History history, Instant since) {
            this.rule = rule;
            this.history = history;
            this.since = since;
        }

        /** True if the state changed. */
        boolean evaluate(long now, Instant wall, long minimumEvents) {
            AlertRule.Reading reading = rule.read(history);
            last = reading;
            State next;
            if (reading.coverage() < COVERED || reading.events() < minimumEvents) {
                next = State.INSUFFICIENT;
            } else if (!reading.holds()) {
                next = State.OK;
            } else {
                if (state != State.PENDING && state != State.FIRING) {
                    heldSince = now;
                }
                next = now - heldSince >= rule.lasting.toNanos() ? State.FIRING : State.PENDING;
            }
            boolean changed = next != state;
            if (changed) {
                state = next;
                since = wall;
            }
            return changed;
        }

        Alert alert() {
            AlertRule.Reading reading = last;
            return reading == null
                    ? new Alert(rule.name, rule.severity, state, 0, 0, 0, since)
                    : new Alert(
                            rule.name,
                            rule.severity,
                            state,
                            reading.value(),
                            reading.limit(),
                            reading.coverage(),
                            since);
        }
    }

    private BurnRateAlerts(Builder builder) {
        this.name = builder.name;
        this.tick = builder.tick;
        this.minimumEvents = builder.minimumEvents;
        this.time = builder.time;
        this.observers = List.copyOf(builder.observers);
        Instant wall = time.clock().instant();
        for (Slo slo : builder.slos) {
            List<AlertRule> rules = List.of(
                    new AlertRule.Burn(slo, Severity.PAGE, 0.02, Duration.ofHours(1), Duration.ofMinutes(5)),
                    new AlertRule.Burn(slo, Severity.PAGE, 0.05, Duration.ofHours(6), Duration.ofMinutes(30)),
                    new AlertRule.Burn(slo, Severity.TICKET, 0.10, Duration.ofDays(1), Duration.ofHours(2)),
                    new AlertRule.Burn(slo, Severity.TICKET, 0.10, Duration.ofDays(3), Duration.ofHours(6)));
            Duration longest = slo.period().compareTo(Duration.ofDays(3)) < 0 ? Duration.ofDays(3) : slo.period();
            Source source = new Source(slo.indicator(), slo, longest);
            sources.add(source);
            rules.forEach(rule -> watched.add(new Watched(rule, source.history, wall)));
        }
        for (Threshold threshold : builder.thresholds) {
            AlertRule rule = new AlertRule.Simple(threshold);
            Source source = new Source(threshold.indicator(), null, rule.horizon());
            sources.add(source);
            watched.add(new Watched(rule, source.history, wall));
        }
        evaluate();
        ticking = time.every(tick, "pentalith-metrics-alerts", this::evaluate);
    }

    /**
     * Begins a set of alerts.
     *
     * @param name the name of this set, such as that of the service; the group of the exported rules
     * @return a builder
     * @throws IllegalArgumentException if the name is blank
     */
    public static Builder builder(String name) {
        return new Builder(Slo.named(name));
    }

    private void evaluate() {
        Map<Alert, State> changes = new LinkedHashMap<>();
        lock.lock();
        try {
            long now = time.ticker().getAsLong();
            Instant wall = time.clock().instant();
            sources.forEach(source -> source.read(now));
            for (Watched each : watched) {
                State before = each.state;
                if (each.evaluate(now, wall, minimumEvents)) {
                    changes.put(each.alert(), before);
                }
            }
        } finally {
            lock.unlock();
        }
        changes.forEach((alert, before) -> tell(before, alert));
    }

    @SuppressWarnings("CatchingUnchecked") // whatever an observer throws must not stop the evaluation
    private void tell(State before, Alert alert) {
        if (alert.state() == State.FIRING) {
            log.warn("{}: {} fires: {} against {}", name, alert.name(), alert.value(), alert.limit());
        } else if (before == State.FIRING) {
            log.info("{}: {} no longer fires: {}", name, alert.name(), alert.state());
        }
        for (Observer observer : observers) {
            try {
                observer.alertChanged(name, before, alert);
            } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
                log.warn("{}: an observer of alerts failed on {}", name, alert, e);
            }
        }
    }

    /** {@return all alerts as of the last tick: four per objective, then the thresholds, in the order given} */
    public List<Alert> status() {
        lock.lock();
        try {
            return watched.stream().map(Watched::alert).toList();
        } finally {
            lock.unlock();
        }
    }

    /** {@return what is left of each objective's error budget, as of the last tick} */
    public List<Budget> budgets() {
        lock.lock();
        try {
            List<Budget> budgets = new ArrayList<>();
            for (Source source : sources) {
                Slo slo = source.slo;
                if (slo != null) {
                    History history = source.history;
                    int from = history.at(slo.period().toNanos());
                    long errors = history.errorsBetween(from, history.newest());
                    long events = history.totalBetween(from, history.newest());
                    double left = events == 0 ? 1 : 1 - errors / (events * slo.errorBudget());
                    budgets.add(
                            new Budget(slo.name(), left, events, errors, AlertRule.coverage(history, slo.period())));
                }
            }
            return List.copyOf(budgets);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns the same rules for a Prometheus server that scrapes this process; there, {@code sum} adds all instances up.
     * A server evaluates what it has; it knows no insufficient coverage.
     *
     * @return a rule file in YAML, which {@code promtool check rules} accepts
     * @throws IllegalStateException if a timer has no bucket at the limit of a rule; the message says what to write
     */
    public String toPrometheusRules() {
        return RuleFile.of(name, tick, watched.stream().map(each -> each.rule).toList(), minimumEvents);
    }

    /** Ends the evaluation. The last status stays readable. */
    @Override
    public void close() {
        ticking.close();
    }

    @Override
    public String toString() {
        return "BurnRateAlerts[" + name + ", tick=" + tick + ", minimumEvents=" + minimumEvents + ", " + status() + "]";
    }

    /** Settings of alerts. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private final List<Slo> slos = new ArrayList<>();
        private final List<Threshold> thresholds = new ArrayList<>();
        private final List<Observer> observers = new ArrayList<>();
        private final Set<String> names = new HashSet<>();
        private Duration tick = Duration.ofSeconds(15);
        private long minimumEvents = 1;
        private TimeSource time = TimeSource.system();

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Watches an objective.
         *
         * @param slo the objective
         * @return this builder
         * @throws IllegalArgumentException if its name is taken
         */
        public Builder slo(Slo slo) {
            slos.add(Objects.requireNonNull(slo, "slo"));
            unique(slo.name());
            return this;
        }

        /**
         * Watches a threshold.
         *
         * @param threshold the threshold
         * @return this builder
         * @throws IllegalArgumentException if its name is taken
         */
        public Builder threshold(Threshold threshold) {
            thresholds.add(Objects.requireNonNull(threshold, "threshold"));
            unique(threshold.name());
            return this;
        }

        private void unique(String added) {
            if (!names.add(added)) {
                throw new IllegalArgumentException(
                        "name must be unique: name=" + added + " (expected: none of " + names + ")");
            }
        }

        /**
         * Sets how many events a window must have for its alert to say anything. With few events one error is a high
         * rate.
         *
         * @param events at least 1, which is the default
         * @return this builder
         * @throws IllegalArgumentException if {@code events} is less than 1
         */
        public Builder minimumEvents(long events) {
            if (events < 1) {
                throw new IllegalArgumentException(
                        "minimumEvents must be positive: events=" + events + " (expected: 1 or more)");
            }
            this.minimumEvents = events;
            return this;
        }

        /**
         * Sets how often alerts are evaluated.
         *
         * @param period 15 seconds by default; 1 millisecond to 5 minutes
         * @return this builder
         * @throws IllegalArgumentException if {@code period} is out of range
         */
        public Builder tick(Duration period) {
            if (period.compareTo(Duration.ofMillis(1)) < 0 || period.compareTo(Duration.ofMinutes(5)) > 0) {
                throw new IllegalArgumentException(
                        "tick must be in range: period=" + period + " (expected: PT0.001S to PT5M)");
            }
            this.tick = period;
            return this;
        }

        /**
         * Adds somebody to tell about changes.
         *
         * @param observer is called on the thread that evaluates
         * @return this builder
         */
        public Builder observer(Observer observer) {
            observers.add(Objects.requireNonNull(observer, "observer"));
            return this;
        }

        /**
         * Sets the clocks of windows and changes, and what evaluates.
         *
         * @param time the system's by default
         * @return this builder
         */
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /** {@return the alerts, evaluated from now on} */
        public BurnRateAlerts build() {
            return new BurnRateAlerts(this);
        }
    }
}
