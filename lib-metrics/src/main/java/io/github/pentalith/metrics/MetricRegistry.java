// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.time.Duration;
import java.util.Objects;

/**
 * The metrics of a program: made here, named here, read from here.
 *
 * <p>Names, units, labels and help follow the conventions of Prometheus and OpenMetrics; what does not is refused at
 * registration with a message that says what to write instead. Registering the same description twice returns the same
 * metric, so that a component can be made twice; another description under the same name is refused.
 *
 * <p>Thread-safe. Recording into metrics never comes here. A registry that is asked for sliding windows has one daemon
 * thread, {@code pentalith-metrics-ticker}, unless it was given a scheduler; {@link #close} ends it. Without windows
 * there is no thread. Failures of hooks and functions are contained and counted in {@link #stats}.
 *
 * <pre>{@code
 * MetricRegistry registry = MetricRegistry.of("shop");
 * Counter orders = registry.counter("orders", "Orders placed.").register();        // shop_orders_total
 * Timer checkout = registry.timer("checkout", "Time to check out.").register();    // shop_checkout_seconds
 * server.createContext("/metrics", Exposition.handler(registry));
 * }</pre>
 */
public final class MetricRegistry implements AutoCloseable {
    private final Catalog catalog;
    private final String namespace;

    private MetricRegistry(Catalog catalog, String namespace) {
        this.catalog = catalog;
        this.namespace = namespace;
    }

    /**
     * Makes a registry with default settings.
     *
     * @param namespace the first word of every name, such as {@code shop}; empty for none
     * @return a new registry
     * @throws IllegalArgumentException if {@code namespace} is not in snake_case
     */
    public static MetricRegistry of(String namespace) {
        return builder(namespace).build();
    }

    /**
     * Begins a registry with other settings.
     *
     * @param namespace the first word of every name, such as {@code shop}; empty for none
     * @return a builder
     * @throws IllegalArgumentException if {@code namespace} is not in snake_case
     */
    public static Builder builder(String namespace) {
        return new Builder(NameRules.namespace(namespace));
    }

    /**
     * Returns this registry under another namespace: everything is shared but the first word of new names.
     *
     * @param other the first word of names registered through the result; empty for none
     * @return a view of this registry
     * @throws IllegalArgumentException if {@code other} is not in snake_case
     */
    public MetricRegistry namespace(String other) {
        return new MetricRegistry(catalog, NameRules.namespace(other));
    }

    /**
     * Begins a counter.
     *
     * @param name its name in snake_case, without namespace, unit and {@code _total}
     * @param help what it counts, a sentence
     * @return a builder that ends in {@code register()} or {@code labels(...)}
     */
    public Counter.Builder counter(String name, String help) {
        return new Counter.Builder(catalog, namespace, named(name), named(help));
    }

    /**
     * Begins a gauge.
     *
     * @param name its name in snake_case, without namespace and unit
     * @param help what it shows, a sentence
     * @return a builder that ends in {@code register()} or {@code labels(...)}
     */
    public Gauge.Builder gauge(String name, String help) {
        return new Gauge.Builder(catalog, namespace, named(name), named(help));
    }

    /**
     * Begins a histogram.
     *
     * @param name its name in snake_case, without namespace and unit
     * @param help what it measures, a sentence
     * @return a builder that ends in {@code register()} or {@code labels(...)}
     */
    public Histogram.Builder histogram(String name, String help) {
        return new Histogram.Builder(catalog, namespace, named(name), named(help));
    }

    /**
     * Begins a timer.
     *
     * @param name its name in snake_case, without namespace and without {@code _seconds}
     * @param help what it measures, a sentence
     * @return a builder that ends in {@code register()} or {@code labels(...)}
     */
    public Timer.Builder timer(String name, String help) {
        return new Timer.Builder(catalog, namespace, named(name), named(help));
    }

    private static String named(String text) {
        return Objects.requireNonNull(text);
    }

    /**
     * Adds something to run at the begin of every scrape, on the thread that scrapes and never twice at once. It reads
     * the figures of a component once and sets counters ({@link Counter#observe}) and gauges from them, so that all
     * series of the component belong to one instant. What it throws is contained and counted.
     *
     * @param update what to run; it must not collect this registry
     * @return what removes it
     */
    public Registration onCollect(Runnable update) {
        return catalog.onCollect(Objects.requireNonNull(update, "update"));
    }

    /**
     * Runs the hooks and shows every series to a collector, in the order of registration. This is what expositions
     * are made of.
     *
     * @param collector what receives the series; what it throws ends the walk and passes through
     * @throws IllegalStateException if called by a hook
     */
    public void collect(Collector collector) {
        catalog.collect(Objects.requireNonNull(collector, "collector"));
    }

    /** {@return figures about the registry itself, those of all its namespaces together} */
    public Stats stats() {
        return catalog.stats(namespace);
    }

    /** Ends the movement of sliding windows, for all namespaces. Metrics stay usable. */
    @Override
    public void close() {
        catalog.close();
    }

    @Override
    public String toString() {
        return "MetricRegistry[" + stats() + ", cardinalityLimit=" + catalog.cardinalityLimit + "]";
    }

    /** What a family of series is to text formats. */
    public enum Kind {
        /** A total that only grows. */
        COUNTER,
        /** A value that goes up and down. */
        GAUGE,
        /** A distribution: {@link Histogram} or {@link Timer}. */
        HISTOGRAM
    }

    /** Receives all series of a registry: first a family, then its series. Arrays must not be changed, or read later. */
    public interface Collector {
        /**
         * Begins a family that has at least one series.
         *
         * @param name the full name with the unit, without {@code _total}
         * @param kind its kind
         * @param unit its unit
         * @param help its help
         */
        void family(String name, Kind kind, Unit unit, String help);

        /**
         * Shows a counter.
         *
         * @param labels the labels as text formats want them: {@code a="1",b="2"}, escaped, in UTF-8; empty without
         * @param value the total
         */
        void counter(byte[] labels, double value);

        /**
         * Shows a gauge.
         *
         * @param labels as in {@link #counter}
         * @param value the value; NaN if it is not known
         */
        void gauge(byte[] labels, double value);

        /**
         * Shows all counters of a family: by default one after the other, to {@link #counter}.
         *
         * @param counters the counters
         */
        default void counters(Series counters) {
            byte[][] labels = counters.labels();
            for (int i = 0; i < labels.length; i++) {
                counter(labels[i], counters.value(i));
            }
        }

        /**
         * Shows all gauges of a family: by default one after the other, to {@link #gauge}.
         *
         * @param gauges the gauges
         */
        default void gauges(Series gauges) {
            byte[][] labels = gauges.labels();
            for (int i = 0; i < labels.length; i++) {
                gauge(labels[i], gauges.value(i));
            }
        }

        /**
         * Shows a histogram or timer.
         *
         * @param labels as in {@link #counter}
         * @param upperBounds the bounds of the ladder, ascending; infinity is not among them
         * @param cumulative the number of samples at or below each bound, exact, and at index
         *     {@code upperBounds.length} the number of all samples; the array may be longer
         * @param sum the sum of all samples
         */
        void histogram(byte[] labels, double[] upperBounds, long[] cumulative, double sum);
    }

    /** The counters or gauges of a family, for collectors that take many at once. For the duration of a call only. */
    public interface Series {
        /**
         * {@return the labels of each, as in {@link Collector#counter}} It is the same array as long as the family has
         * the same series, and may be kept to find that out; its content must not be changed.
         */
        byte[][] labels();

        /**
         * Reads one.
         *
         * @param index which, in the order of the labels
         * @return its value now
         */
        double value(int index);

        /**
         * Reads as many as there is room for.
         *
         * @param from the first to read, in the order of the labels
         * @param into where to put the values, from index 0 on
         * @return how many were read: as many as {@code into} is long, or those that are left
         */
        int read(int from, double[] into);
    }

    /**
     * Figures about a registry: cumulative since its creation, and counts as of now.
     *
     * @param name its namespace
     * @param metrics the number of names
     * @param series the number of label sets over all names
     * @param rejectedSamples the samples that were negative, infinite or not a number
     * @param overflowedLookups the look-ups of new label sets beyond the limit
     * @param failedHooks the runs of hooks and gauge functions that threw
     */
    public record Stats(
            String name, int metrics, int series, long rejectedSamples, long overflowedLookups, long failedHooks) {}

    /** Settings of a registry. Not thread-safe. */
    public static final class Builder {
        private final String namespace;
        private int cardinalityLimit = 1_000;
        private Duration tick = Duration.ofSeconds(5);
        private TimeSource time = TimeSource.system();

        private Builder(String namespace) {
            this.namespace = namespace;
        }

        /**
         * Sets how many label sets one name may have. Further ones share the {@link Family#OVERFLOW} series.
         *
         * @param series 1 to 1,000,000; 1,000 by default
         * @return this builder
         * @throws IllegalArgumentException if {@code series} is out of range
         */
        public Builder cardinalityLimit(int series) {
            if (series < 1 || series > 1_000_000) {
                throw new IllegalArgumentException(
                        "cardinalityLimit must be in range: series=" + series + " (expected: 1 to 1,000,000)");
            }
            this.cardinalityLimit = series;
            return this;
        }

        /**
         * Sets how often sliding windows move. A shorter period makes their begin more exact and takes more memory.
         *
         * @param period 5 seconds by default
         * @return this builder
         * @throws IllegalArgumentException if {@code period} is not positive
         */
        public Builder tick(Duration period) {
            this.tick = NameRules.positive("period", period);
            return this;
        }

        /**
         * Sets the clocks of timers, windows and snapshots, and what moves the windows.
         *
         * @param time the system's by default
         * @return this builder
         */
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /** {@return a new registry} */
        public MetricRegistry build() {
            return new MetricRegistry(new Catalog(cardinalityLimit, tick, time), namespace);
        }
    }
}
