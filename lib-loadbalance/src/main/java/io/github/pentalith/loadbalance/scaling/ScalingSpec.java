// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance.scaling;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * How a fleet should be scaled: its bounds, what is measured, and how fast it may grow and shrink. An immutable value;
 * names and defaults are those of Kubernetes' autoscaling/v2.
 *
 * <pre>{@code
 * ScalingSpec spec = ScalingSpec.of(2, 20, Metric.average("cpu", 0.6), Metric.total("requests", 150))
 *         .down(Behavior.down().window(Duration.ofMinutes(10)).rates(Select.MIN, Rate.servers(1, Duration.ofMinutes(1))));
 * }</pre>
 *
 * @param min the least number of servers, 1 or more
 * @param max the greatest number, not less than {@code min}
 * @param metrics what is measured; the greatest proposal of any counts; immutable
 * @param up how the fleet grows
 * @param down how it shrinks
 */
public record ScalingSpec(int min, int max, List<Metric> metrics, Behavior up, Behavior down) {
    /**
     * Checks the bounds.
     *
     * @param min as in {@link #min()}
     * @param max as in {@link #max()}
     * @param metrics as in {@link #metrics()}
     * @param up as in {@link #up()}
     * @param down as in {@link #down()}
     * @throws IllegalArgumentException if the bounds are not 1 or more and in order, there is no metric, or two have the same
     *     name
     */
    public ScalingSpec {
        atLeast("min", 1, min);
        atLeast("max", min, max);
        metrics = List.copyOf(metrics);
        atLeast("metrics", 1, metrics.size());
        if (metrics.stream().map(Metric::name).distinct().count() < metrics.size()) {
            throw new IllegalArgumentException(
                    "metric names must be unique: metrics=" + metrics + " (expected: each name once)");
        }
        requireNonNull(up, "up");
        requireNonNull(down, "down");
    }

    /**
     * {@return a specification with Kubernetes' default behaviour}
     *
     * @param min the least number of servers, 1 or more
     * @param max the greatest number
     * @param metrics what is measured, 1 or more
     * @throws IllegalArgumentException if the bounds are not 1 or more and in order, or there is no metric
     */
    public static ScalingSpec of(int min, int max, Metric... metrics) {
        return new ScalingSpec(min, max, List.of(metrics), Behavior.up(), Behavior.down());
    }

    /**
     * {@return this with another way to grow}
     *
     * @param behavior how the fleet grows
     */
    public ScalingSpec up(Behavior behavior) {
        return new ScalingSpec(min, max, metrics, behavior, down);
    }

    /**
     * {@return this with another way to shrink}
     *
     * @param behavior how the fleet shrinks
     */
    public ScalingSpec down(Behavior behavior) {
        return new ScalingSpec(min, max, metrics, up, behavior);
    }

    static void atLeast(String name, int least, int value) {
        if (value < least) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "%s must be in range: %s=%d (expected: %d or more)", name, name, value, least));
        }
    }

    /** How a metric's value is compared with its target. */
    public enum Kind {
        /** The mean over the servers that report it should be the target: processor load, requests in flight. */
        AVERAGE,
        /** A sum over all servers, whose share per server should be the target: requests per second, a queue's length. */
        TOTAL,
        /** One value that more servers make smaller in proportion, and that should be the target: a waiting time. */
        VALUE
    }

    /**
     * What is measured, and where it should be.
     *
     * @param name which samples belong to it
     * @param kind how it is compared
     * @param target its wanted value, positive and finite
     */
    public record Metric(String name, Kind kind, double target) {
        /**
         * Checks the target.
         *
         * @param name as in {@link #name()}
         * @param kind as in {@link #kind()}
         * @param target as in {@link #target()}
         * @throws IllegalArgumentException if the target is not positive and finite
         */
        public Metric {
            requireNonNull(name, "name");
            requireNonNull(kind, "kind");
            if (!(target > 0 && target < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException(
                        "target must be positive and finite: target=" + target + " (expected: more than 0)");
            }
        }

        /**
         * {@return a metric whose mean over the servers should be the target}
         *
         * @param name which samples belong to it
         * @param target the wanted mean
         */
        public static Metric average(String name, double target) {
            return new Metric(name, Kind.AVERAGE, target);
        }

        /**
         * {@return a metric whose sum should be the target times the servers}
         *
         * @param name which samples belong to it
         * @param perServer the wanted share of a server
         */
        public static Metric total(String name, double perServer) {
            return new Metric(name, Kind.TOTAL, perServer);
        }

        /**
         * {@return a metric that should be the target}
         *
         * @param name which samples belong to it
         * @param target the wanted value
         */
        public static Metric value(String name, double target) {
            return new Metric(name, Kind.VALUE, target);
        }
    }

    /** Which of several rates counts. */
    public enum Select {
        /** The one that allows the most. */
        MAX,
        /** The one that allows the least. */
        MIN,
        /** None: this direction is closed. */
        DISABLED
    }

    /**
     * How fast the fleet may change: by no more than this within any period.
     *
     * @param amount servers, or per cent of those at the beginning of the period; 1 or more
     * @param percent which of the two
     * @param period positive
     */
    public record Rate(int amount, boolean percent, Duration period) {
        /**
         * Checks the numbers.
         *
         * @param amount as in {@link #amount()}
         * @param percent as in {@link #percent()}
         * @param period as in {@link #period()}
         * @throws IllegalArgumentException if one is not positive
         */
        public Rate {
            atLeast("amount", 1, amount);
            if (period.isZero() || period.isNegative()) {
                throw new IllegalArgumentException(
                        "period must be positive: period=" + period + " (expected: more than 0)");
            }
        }

        /**
         * {@return a rate in servers}
         *
         * @param servers 1 or more
         * @param period positive
         */
        public static Rate servers(int servers, Duration period) {
            return new Rate(servers, false, period);
        }

        /**
         * {@return a rate in per cent of the fleet}
         *
         * @param percent 1 or more
         * @param period positive
         */
        public static Rate percent(int percent, Duration period) {
            return new Rate(percent, true, period);
        }

        /** How far this rate lets the fleet come; up it is rounded up, else one server could never become two. */
        long from(long before, int sign) {
            if (!percent) {
                return before + (long) sign * amount;
            }
            long hundredths = before * (100L + (long) sign * amount);
            return sign > 0 ? (hundredths + 99) / 100 : hundredths / 100;
        }
    }

    /**
     * How a fleet moves in one direction.
     *
     * @param window for how long the least (up) or the greatest (down) proposal counts, 0 or more
     * @param tolerance how far value / target may be from 1 without any change, 0 to 1
     * @param select which of the rates counts
     * @param rates how fast; none = at once; immutable
     */
    public record Behavior(Duration window, double tolerance, Select select, List<Rate> rates) {
        private static final Duration PERIOD = Duration.ofSeconds(15);

        /**
         * Checks the numbers.
         *
         * @param window as in {@link #window()}
         * @param tolerance as in {@link #tolerance()}
         * @param select as in {@link #select()}
         * @param rates as in {@link #rates()}
         * @throws IllegalArgumentException if one is out of its range
         */
        public Behavior {
            if (window.isNegative()) {
                throw new IllegalArgumentException(
                        "window must not be negative: window=" + window + " (expected: 0 or more)");
            }
            if (!(tolerance >= 0 && tolerance <= 1)) {
                throw new IllegalArgumentException(
                        "tolerance must be in range: tolerance=" + tolerance + " (expected: 0 to 1)");
            }
            requireNonNull(select, "select");
            rates = List.copyOf(rates);
        }

        /** {@return Kubernetes' default: at once, by 4 servers or the double per 15 s, whichever is more; tolerance 0.1} */
        public static Behavior up() {
            return new Behavior(
                    Duration.ZERO, 0.1, Select.MAX, List.of(Rate.percent(100, PERIOD), Rate.servers(4, PERIOD)));
        }

        /** {@return Kubernetes' default: to the greatest proposal of 5 minutes, without limit of rate; tolerance 0.1} */
        public static Behavior down() {
            return new Behavior(Duration.ofMinutes(5), 0.1, Select.MAX, List.of(Rate.percent(100, PERIOD)));
        }

        /**
         * {@return this with another window}
         *
         * @param window 0 or more
         */
        public Behavior window(Duration window) {
            return new Behavior(window, tolerance, select, rates);
        }

        /**
         * {@return this with another tolerance}
         *
         * @param tolerance 0 to 1
         */
        public Behavior tolerance(double tolerance) {
            return new Behavior(window, tolerance, select, rates);
        }

        /**
         * {@return this with other rates}
         *
         * @param select which of them counts; {@link Select#DISABLED} closes the direction
         * @param rates how fast; none = at once
         */
        public Behavior rates(Select select, Rate... rates) {
            return new Behavior(window, tolerance, select, List.of(rates));
        }
    }
}
