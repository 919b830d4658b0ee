// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.slo;

import java.time.Duration;

/** A condition that is evaluated here over a {@link History} and by Prometheus as an expression. */
abstract class AlertRule {
    final String name;
    final BurnRateAlerts.Severity severity;
    final Duration lasting;
    final Indicator indicator;

    AlertRule(String name, BurnRateAlerts.Severity severity, Duration lasting, Indicator indicator) {
        this.name = name;
        this.severity = severity;
        this.lasting = lasting;
        this.indicator = indicator;
    }

    /**
     * What a history says.
     *
     * @param value what is compared
     * @param limit with what
     * @param holds whether the condition holds
     * @param coverage the share of the windows for which there are figures
     * @param events how many events the verdict rests on
     */
    record Reading(double value, double limit, boolean holds, double coverage, long events) {}

    abstract Reading read(History history);

    /** How far back it looks. */
    abstract Duration horizon();

    abstract String expression(long minimumEvents);

    abstract String summary();

    static double share(History history, int from, int to) {
        long total = history.totalBetween(from, to);
        return total == 0 ? 0 : (double) history.errorsBetween(from, to) / total;
    }

    /** A share of 1 if the history reaches back so far. */
    static double coverage(History history, Duration length) {
        return Math.min(1, (double) history.nanosBetween(0, history.newest()) / length.toNanos());
    }

    String enough(long minimumEvents, String range, long seconds) {
        return minimumEvents > 1 ? " and " + indicator.total(range) + " * " + seconds + " >= " + minimumEvents : "";
    }

    static String range(Duration length) {
        return "[" + duration(length) + "]";
    }

    /** A length as PromQL writes it: one number and one unit. */
    static String duration(Duration length) {
        long millis = length.toMillis();
        String[] units = {"d", "h", "m", "s"};
        long[] sizes = {86_400_000, 3_600_000, 60_000, 1_000};
        for (int i = 0; i < units.length; i++) {
            if (millis % sizes[i] == 0 && millis >= sizes[i]) {
                return millis / sizes[i] + units[i];
            }
        }
        return millis + "ms";
    }

    static String number(double value) {
        return new java.math.BigDecimal(value)
                .round(new java.math.MathContext(12))
                .stripTrailingZeros()
                .toPlainString();
    }

    /** A pair of windows over which the error budget is spent too fast: the long one proves it, the short one ends it. */
    static final class Burn extends AlertRule {
        private final double factor; // how many times faster than the budget allows
        private final double budget;
        private final Duration longWindow;
        private final Duration shortWindow;
        private final String objective;

        Burn(Slo slo, BurnRateAlerts.Severity severity, double budgetShare, Duration longWindow, Duration shortWindow) {
            super(slo.name() + "_burn_" + duration(longWindow), severity, Duration.ZERO, slo.indicator());
            this.factor = budgetShare * slo.period().toMillis() / longWindow.toMillis();
            this.budget = slo.errorBudget();
            this.longWindow = longWindow;
            this.shortWindow = shortWindow;
            this.objective = number(slo.objective() * 100) + " % over " + duration(slo.period());
        }

        @Override
        Reading read(History history) {
            int now = history.newest();
            int from = history.at(longWindow.toNanos());
            double burn = Math.min(share(history, from, now), share(history, history.at(shortWindow.toNanos()), now))
                    / budget;
            return new Reading(
                    burn, factor, burn > factor, coverage(history, longWindow), history.totalBetween(from, now));
        }

        @Override
        Duration horizon() {
            return longWindow;
        }

        @Override
        String expression(long minimumEvents) {
            return burning(longWindow) + " and " + burning(shortWindow)
                    + enough(minimumEvents, range(longWindow), longWindow.toSeconds());
        }

        private String burning(Duration window) {
            return indicator.errors(range(window)) + " / " + indicator.total(range(window)) + " > "
                    + number(factor * budget);
        }

        @Override
        String summary() {
            return "The error budget of " + objective + " is being spent more than " + number(factor)
                    + " times too fast, over " + duration(longWindow) + " and still over " + duration(shortWindow)
                    + ".";
        }
    }

    /** A {@link Threshold}. */
    static final class Simple extends AlertRule {
        private final Threshold threshold;

        Simple(Threshold threshold) {
            super(threshold.name(), BurnRateAlerts.Severity.TICKET, threshold.lasting(), threshold.indicator());
            this.threshold = threshold;
        }

        @Override
        Reading read(History history) {
            int now = history.newest();
            int from = history.at(threshold.window().toNanos());
            double limit = threshold.limit();
            if (threshold.kind() == Threshold.Kind.SHARE) {
                double share = share(history, from, now);
                return new Reading(
                        share,
                        limit,
                        share > limit,
                        coverage(history, threshold.window()),
                        history.totalBetween(from, now));
            }
            int before = history.at(horizon().toNanos());
            double usual = rate(history, before, from);
            double factor = usual == 0 ? 0 : rate(history, from, now) / usual;
            boolean holds = usual > 0 && (threshold.kind() == Threshold.Kind.DROP ? factor < limit : factor > limit);
            return new Reading(factor, limit, holds, coverage(history, horizon()), history.totalBetween(before, from));
        }

        private static double rate(History history, int from, int to) {
            long nanos = history.nanosBetween(from, to);
            return nanos == 0 ? 0 : (double) history.totalBetween(from, to) / nanos;
        }

        @Override
        Duration horizon() {
            return threshold.kind() == Threshold.Kind.SHARE
                    ? threshold.window()
                    : threshold.window().plus(threshold.baseline());
        }

        @Override
        String expression(long minimumEvents) {
            String range = range(threshold.window());
            if (threshold.kind() == Threshold.Kind.SHARE) {
                return indicator.errors(range) + " / " + indicator.total(range) + " > " + number(threshold.limit())
                        + enough(minimumEvents, range, threshold.window().toSeconds());
            }
            String offset = range(threshold.baseline()) + " offset " + duration(threshold.window());
            return indicator.total(range) + " / (" + indicator.total(offset) + " > 0)"
                    + (threshold.kind() == Threshold.Kind.DROP ? " < " : " > ") + number(threshold.limit())
                    + enough(minimumEvents, offset, threshold.baseline().toSeconds());
        }

        @Override
        String summary() {
            String window = duration(threshold.window());
            String limit = number(threshold.limit());
            return switch (threshold.kind()) {
                case SHARE -> "More than " + number(threshold.limit() * 100) + " % were bad over " + window + ".";
                case DROP ->
                    "Throughput over " + window + " fell below " + limit + " times that of the "
                            + duration(threshold.baseline()) + " before.";
                case SPIKE ->
                    "Throughput over " + window + " rose above " + limit + " times that of the "
                            + duration(threshold.baseline()) + " before.";
            };
        }
    }
}
