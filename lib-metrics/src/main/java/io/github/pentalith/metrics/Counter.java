// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A total that only grows. Its exposed name ends in {@code _total}.
 *
 * <p>Thread-safe; {@link #inc} costs what {@link LongAdder#increment} costs. Totals that another component counts are
 * taken over by {@link #observe}, usually from a hook ({@link MetricRegistry#onCollect}).
 *
 * <pre>{@code
 * Family<Counter> requests = registry.counter("http_requests", "Requests served.").labels("route", "status");
 * Counter ok = requests.with("/cart", "200");   // once; then, per request:
 * ok.inc();
 * }</pre>
 */
public final class Counter {
    private static final VarHandle ALONE;
    private static final VarHandle SHARED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ALONE = lookup.findVarHandle(Counter.class, "alone", long.class);
            SHARED = lookup.findVarHandle(Counter.class, "shared", LongAdder.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final LongAdder rejected;
    private final String name; // without _total
    private final byte[] labels; // as text formats want them
    private volatile long observed;

    // Most counters never see two threads at once. What they count is in this object, where a scrape finds it without
    // another step through memory; the adder comes when two threads have met, and takes all that follows.
    private volatile long alone;
    private volatile @Nullable LongAdder shared;

    Counter(String name, byte[] labels, LongAdder rejected) {
        this.name = name;
        this.labels = labels;
        this.rejected = rejected;
    }

    /** Adds one. */
    public void inc() {
        count(1);
    }

    /**
     * Adds an amount. A negative one counts as a rejected sample and changes nothing.
     *
     * @param amount how much, zero or more
     */
    public void add(long amount) {
        if (amount >= 0) {
            count(amount);
        } else {
            rejected.increment();
        }
    }

    private void count(long amount) {
        LongAdder adder = shared;
        if (adder == null) {
            long seen = alone;
            if (ALONE.compareAndSet(this, seen, seen + amount)) {
                return;
            }
            adder = share();
        }
        adder.add(amount);
    }

    private LongAdder share() {
        boolean unused = SHARED.compareAndSet(this, null, new LongAdder());
        return Objects.requireNonNull(shared);
    }

    /**
     * Takes over a total that is counted elsewhere. One that is lower than the last is taken as a restart of its
     * source, as Prometheus takes it. What {@link #inc} and {@link #add} counted comes on top. A negative total counts
     * as a rejected sample and changes nothing.
     *
     * @param total the total since the source started
     */
    public void observe(long total) {
        if (total >= 0) {
            observed = total;
        } else {
            rejected.increment();
        }
    }

    /** {@return the total; two readings by one thread never go down unless {@link #observe} did} */
    public long value() {
        LongAdder adder = shared;
        long sum = observed + alone;
        return adder == null ? sum : sum + adder.sum();
    }

    /** {@return name and labels as PromQL and the text formats write them: <code>shop_orders_total{country="de"}</code>} */
    public String series() {
        return NameRules.series(name + "_total", labels);
    }

    @Override
    public String toString() {
        return series() + " " + value();
    }

    /** Describes a counter; ends in {@link #register} or {@link #labels}. Not thread-safe. */
    public static final class Builder {
        private final Catalog catalog;
        private final String namespace;
        private final String name;
        private final String help;
        private Unit unit = Unit.NONE;
        private boolean nanoseconds;

        Builder(Catalog catalog, String namespace, String name, String help) {
            this.catalog = catalog;
            this.namespace = namespace;
            this.name = name;
            this.help = help;
        }

        /**
         * Sets the unit; it becomes part of the name.
         *
         * @param unit the unit of the total; {@link Unit#NONE} by default
         * @return this builder
         */
        public Builder unit(Unit unit) {
            this.unit = Objects.requireNonNull(unit, "unit");
            this.nanoseconds = false;
            return this;
        }

        /**
         * Makes a counter of time that is counted in nanoseconds and exposed in seconds, under a name that ends in
         * {@code _seconds_total}.
         *
         * @return this builder
         */
        public Builder nanoseconds() {
            this.unit = Unit.SECONDS;
            this.nanoseconds = true;
            return this;
        }

        /**
         * Registers a counter without labels, or returns the one registered before under the same description.
         *
         * @return the counter
         * @throws IllegalArgumentException if the name, unit or help is not in order, or the name is taken by a metric
         *     with another description; the message says what to write
         */
        public Counter register() {
            return labels().with();
        }

        /**
         * Registers a family of counters, one per set of label values.
         *
         * @param names the label names
         * @return the family
         * @throws IllegalArgumentException as {@link #register}, or if a label name is not in order
         */
        public Family<Counter> labels(String... names) {
            String full = NameRules.metric(namespace, name, unit, MetricRegistry.Kind.COUNTER);
            return catalog.family(new Family<>(
                    catalog,
                    MetricRegistry.Kind.COUNTER,
                    full,
                    unit,
                    NameRules.help(name, help),
                    NameRules.labels(name, MetricRegistry.Kind.COUNTER, names),
                    nanoseconds,
                    Counter.class,
                    encoded -> new Counter(full, encoded, catalog.rejectedSamples)));
        }
    }
}
