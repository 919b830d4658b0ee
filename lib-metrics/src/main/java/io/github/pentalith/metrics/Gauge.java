// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that goes up and down: a length, a level, a state. Thread-safe and without allocation.
 *
 * <p>A gauge either holds a value ({@link #set}, {@link #add}) or asks a function at every scrape
 * ({@link Builder#register(DoubleSupplier)}). The function is held strongly, so the value does not vanish when the
 * garbage collector runs; closing the {@link Registration} takes it away. A function that throws yields NaN for that
 * scrape and is counted as a failed hook.
 *
 * <pre>{@code
 * Gauge waiting = registry.gauge("jobs_waiting", "Jobs in the queue.").register();
 * Registration inUse = registry.gauge("pool_in_use", "Connections in use.").register(pool::inUse);
 * }</pre>
 */
public final class Gauge {
    private static final VarHandle BITS;

    static {
        try {
            BITS = MethodHandles.lookup().findVarHandle(Gauge.class, "bits", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Catalog catalog;
    private final @Nullable DoubleSupplier function;
    private volatile long bits; // of a double; 0.0 at first

    Gauge(Catalog catalog, @Nullable DoubleSupplier function) {
        this.catalog = catalog;
        this.function = function;
    }

    /**
     * Sets the value.
     *
     * @param value any double; NaN means "not known"
     */
    public void set(double value) {
        bits = Double.doubleToRawLongBits(value);
    }

    /**
     * Adds to the value.
     *
     * @param amount how much; negative to take away
     */
    public void add(double amount) {
        long seen;
        do {
            seen = bits;
        } while (!BITS.compareAndSet(this, seen, Double.doubleToRawLongBits(Double.longBitsToDouble(seen) + amount)));
    }

    /** {@return the value now} */
    public double value() {
        if (function == null) {
            return Double.longBitsToDouble(bits);
        }
        try {
            return function.getAsDouble();
        } catch (RuntimeException e) {
            catalog.functionFailed();
            return Double.NaN;
        }
    }

    /** Describes a gauge; ends in {@link #register()}, {@link #labels} or a function. Not thread-safe. */
    public static final class Builder {
        private final Catalog catalog;
        private final String namespace;
        private final String name;
        private final String help;
        private Unit unit = Unit.NONE;

        Builder(Catalog catalog, String namespace, String name, String help) {
            this.catalog = catalog;
            this.namespace = namespace;
            this.name = name;
            this.help = help;
        }

        /**
         * Sets the unit; it becomes the end of the name.
         *
         * @param unit the unit of the value; {@link Unit#NONE} by default
         * @return this builder
         */
        public Builder unit(Unit unit) {
            this.unit = java.util.Objects.requireNonNull(unit, "unit");
            return this;
        }

        /**
         * Registers a gauge without labels, or returns the one registered before under the same description.
         *
         * @return the gauge
         * @throws IllegalArgumentException if the name, unit or help is not in order, or the name is taken by a metric
         *     with another description; the message says what to write
         */
        public Gauge register() {
            return labels().with();
        }

        /**
         * Registers a function that is asked at every scrape.
         *
         * @param value returns the value, quickly; called by whoever scrapes
         * @return what removes the gauge
         * @throws IllegalArgumentException as {@link #register()}, and if the name is taken by any gauge
         */
        public Registration register(DoubleSupplier value) {
            java.util.Objects.requireNonNull(value, "value");
            Family<Gauge> family = family(value);
            catalog.addFresh(family);
            Gauge unused = family.with();
            return () -> catalog.remove(family);
        }

        /**
         * Registers a family of gauges, one per set of label values.
         *
         * @param names the label names
         * @return the family
         * @throws IllegalArgumentException as {@link #register()}, or if a label name is not in order
         */
        public Family<Gauge> labels(String... names) {
            return catalog.family(family(null, names));
        }

        private Family<Gauge> family(@Nullable DoubleSupplier function, String... names) {
            return new Family<>(
                    catalog,
                    MetricRegistry.Kind.GAUGE,
                    NameRules.metric(namespace, name, unit, MetricRegistry.Kind.GAUGE),
                    unit,
                    NameRules.help(name, help),
                    NameRules.labels(name, MetricRegistry.Kind.GAUGE, names),
                    function == null ? "value" : function,
                    Gauge.class,
                    labels -> new Gauge(catalog, function));
        }
    }
}
