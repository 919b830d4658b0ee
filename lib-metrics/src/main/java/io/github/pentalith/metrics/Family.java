// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Metrics of one name that differ in the values of their labels. Resolve a handle once and keep it where label values
 * are known beforehand; a look-up costs some ten nanoseconds and, with up to three labels, no allocation.
 *
 * <p>Thread-safe; look-ups take no lock. Memory is bounded: beyond the registry's limit
 * ({@link MetricRegistry.Builder#cardinalityLimit}) every new set of values gets the one series whose label values are
 * all {@value #OVERFLOW}. Sums over all series stay exact, and {@link MetricRegistry.Stats#overflowedLookups} says that
 * it happened.
 *
 * <pre>{@code
 * Family<Counter> picks = registry.counter("picks", "Picks per node.").labels("node");
 * picks.with("a").inc();
 * }</pre>
 *
 * @param <M> {@link Counter}, {@link Gauge}, {@link Histogram} or {@link Timer}
 */
public final class Family<M> {
    /** The label value of the series that takes what is beyond the cardinality limit. */
    public static final String OVERFLOW = "overflow";

    final MetricRegistry.Kind kind;
    final String name;
    final Unit unit;
    final String help;
    private final Catalog catalog;
    private final String[] labelNames;
    private final Object details; // what else must be equal for two descriptions to mean one family
    private final Class<M> type;
    private final Function<byte[], M> maker; // given the encoded labels

    private final ReentrantLock lock = new ReentrantLock(); // for changes of what follows
    private final List<Series<M>> inOrder = new ArrayList<>();
    private volatile AtomicReferenceArray<@Nullable Series<M>> table =
            new AtomicReferenceArray<>(4); // at most half full
    private volatile @Nullable List<Series<M>> listed;

    private static final class Series<M> {
        final String[] values;
        final byte[] labels; // as text formats want them, escaped, without braces
        final M metric;

        Series(String[] values, byte[] labels, M metric) {
            this.values = values;
            this.labels = labels;
            this.metric = metric;
        }
    }

    Family(
            Catalog catalog,
            MetricRegistry.Kind kind,
            String name,
            Unit unit,
            String help,
            String[] labelNames,
            Object details,
            Class<M> type,
            Function<byte[], M> maker) {
        this.catalog = catalog;
        this.kind = kind;
        this.name = name;
        this.unit = unit;
        this.help = help;
        this.labelNames = labelNames;
        this.details = details;
        this.type = type;
        this.maker = maker;
    }

    /**
     * Returns the metric of these label values; the first call makes it.
     *
     * @param values one value per label name, in the order of the names; any text
     * @return the metric, or beyond the limit that of the {@value #OVERFLOW} series
     * @throws IllegalArgumentException if there are more or fewer values than label names
     */
    public M with(String... values) {
        checkCount(values.length);
        AtomicReferenceArray<@Nullable Series<M>> seen = table;
        int mask = seen.length() - 1;
        for (int at = hash(values) & mask; ; at = (at + 1) & mask) {
            Series<M> series = seen.getAcquire(at);
            if (series == null) {
                return make(values);
            }
            if (Arrays.equals(series.values, values)) {
                return series.metric;
            }
        }
    }

    /**
     * Returns the metric of one label value.
     *
     * @param value the value
     * @return as {@link #with(String...)}
     */
    public M with(String value) {
        checkCount(1);
        AtomicReferenceArray<@Nullable Series<M>> seen = table;
        int mask = seen.length() - 1;
        for (int at = spread(value.hashCode()) & mask; ; at = (at + 1) & mask) {
            Series<M> series = seen.getAcquire(at);
            if (series == null) {
                return make(new String[] {value});
            }
            if (series.values[0].equals(value)) {
                return series.metric;
            }
        }
    }

    /**
     * Returns the metric of two label values.
     *
     * @param first the first label's value
     * @param second the second label's value
     * @return as {@link #with(String...)}
     */
    public M with(String first, String second) {
        checkCount(2);
        AtomicReferenceArray<@Nullable Series<M>> seen = table;
        int mask = seen.length() - 1;
        for (int at = spread(first.hashCode() * 31 + second.hashCode()) & mask; ; at = (at + 1) & mask) {
            Series<M> series = seen.getAcquire(at);
            if (series == null) {
                return make(new String[] {first, second});
            }
            if (series.values[1].equals(second) && series.values[0].equals(first)) {
                return series.metric;
            }
        }
    }

    /**
     * Returns the metric of three label values.
     *
     * @param first the first label's value
     * @param second the second label's value
     * @param third the third label's value
     * @return as {@link #with(String...)}
     */
    public M with(String first, String second, String third) {
        checkCount(3);
        AtomicReferenceArray<@Nullable Series<M>> seen = table;
        int mask = seen.length() - 1;
        int hash = (first.hashCode() * 31 + second.hashCode()) * 31 + third.hashCode();
        for (int at = spread(hash) & mask; ; at = (at + 1) & mask) {
            Series<M> series = seen.getAcquire(at);
            if (series == null) {
                return make(new String[] {first, second, third});
            }
            if (series.values[2].equals(third) && series.values[1].equals(second) && series.values[0].equals(first)) {
                return series.metric;
            }
        }
    }

    /**
     * Removes a series from the exposition, for labels that name something which is gone. Handles of it stay usable but
     * count for nobody; a later {@link #with} makes a new one.
     *
     * @param values the label values
     * @throws IllegalArgumentException if there are more or fewer values than label names
     */
    public void remove(String... values) {
        checkCount(values.length);
        lock.lock();
        try {
            for (int i = 0; i < inOrder.size(); i++) {
                Series<M> series = inOrder.get(i);
                if (Arrays.equals(series.values, values)) {
                    inOrder.remove(i);
                    rebuild(table.length());
                    close(series.metric);
                    return;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void checkCount(int count) {
        if (count != labelNames.length) {
            throw new IllegalArgumentException("values must match the labels of " + name + ": values=" + count
                    + " (expected: " + labelNames.length + ", for " + Arrays.toString(labelNames) + ")");
        }
    }

    private static int hash(String[] values) {
        int hash = 0;
        for (String value : values) {
            hash = hash * 31 + Objects.requireNonNull(value, "label value").hashCode();
        }
        return spread(hash);
    }

    private static int spread(int hash) {
        int mixed = hash * 0x9E3779B9;
        return mixed ^ (mixed >>> 15);
    }

    private M make(String[] wanted) {
        lock.lock();
        try {
            Series<M> present = find(wanted);
            if (present != null) {
                return present.metric;
            }
            String[] values = wanted.clone();
            if (labelNames.length > 0 && inOrder.size() >= catalog.cardinalityLimit) {
                catalog.overflowedLookups.increment();
                Arrays.fill(values, OVERFLOW);
                Series<M> overflow = find(values);
                if (overflow != null) {
                    return overflow.metric;
                }
                catalog.overflows(name);
            }
            byte[] labels = encode(values);
            Series<M> fresh = new Series<>(values, labels, maker.apply(labels));
            inOrder.add(fresh);
            if (inOrder.size() * 2 > table.length()) {
                rebuild(table.length() * 2);
            } else {
                put(table, fresh);
                listed = null;
            }
            return fresh.metric;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Series<M> find(String[] values) {
        AtomicReferenceArray<@Nullable Series<M>> seen = table;
        int mask = seen.length() - 1;
        int at = hash(values) & mask;
        Series<M> series = seen.get(at);
        while (series != null && !Arrays.equals(series.values, values)) {
            at = (at + 1) & mask;
            series = seen.get(at);
        }
        return series;
    }

    private void rebuild(int size) {
        AtomicReferenceArray<@Nullable Series<M>> fresh = new AtomicReferenceArray<>(size);
        for (Series<M> series : inOrder) {
            put(fresh, series);
        }
        table = fresh;
        listed = null;
    }

    private static <M> void put(AtomicReferenceArray<@Nullable Series<M>> into, Series<M> series) {
        int mask = into.length() - 1;
        int at = hash(series.values) & mask;
        while (into.get(at) != null) {
            at = (at + 1) & mask;
        }
        into.setRelease(at, series);
    }

    private byte[] encode(String[] values) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < values.length; i++) {
            text.append(i == 0 ? "" : ",").append(labelNames[i]).append("=\"");
            String value = values[i];
            for (int j = 0; j < value.length(); j++) {
                char c = value.charAt(j);
                switch (c) {
                    case '\\' -> text.append("\\\\");
                    case '"' -> text.append("\\\"");
                    case '\n' -> text.append("\\n");
                    default -> text.append(c);
                }
            }
            text.append('"');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private List<Series<M>> listed() {
        List<Series<M>> list = listed;
        if (list == null) {
            lock.lock();
            try {
                list = List.copyOf(inOrder);
                listed = list;
            } finally {
                lock.unlock();
            }
        }
        return list;
    }

    int size() {
        return listed().size();
    }

    void collect(MetricRegistry.Collector to, long[] scratch) {
        List<Series<M>> series = listed();
        if (series.isEmpty()) {
            return;
        }
        to.family(name, kind, unit, help);
        boolean nanoseconds = Boolean.TRUE.equals(details);
        for (int i = 0; i < series.size(); i++) {
            Series<M> one = series.get(i);
            byte[] labels = one.labels;
            M metric = one.metric;
            if (metric instanceof Counter counter) {
                to.counter(labels, nanoseconds ? counter.value() / 1e9 : counter.value());
            } else if (metric instanceof Gauge gauge) {
                to.gauge(labels, gauge.value());
            } else if (metric instanceof Timer timer) {
                timer.distribution().collect(labels, to, scratch);
            } else if (metric instanceof Histogram histogram) {
                histogram.distribution().collect(labels, to, scratch);
            }
        }
    }

    int ladderLength() {
        return details instanceof Distribution.Spec spec ? spec.bounds.length : 0;
    }

    void close() {
        for (Series<M> series : listed()) {
            close(series.metric);
        }
    }

    private static void close(Object metric) {
        if (metric instanceof Timer timer) {
            timer.distribution().close();
        } else if (metric instanceof Histogram histogram) {
            histogram.distribution().close();
        }
    }

    /** Whether another description means the same family. */
    boolean sameAs(Family<?> other) {
        boolean sameDetails = details.equals(other.details);
        if (details instanceof Distribution.Spec mine && other.details instanceof Distribution.Spec that) {
            sameDetails = mine.sameAs(that);
        }
        return type == other.type
                && unit == other.unit
                && help.equals(other.help)
                && Arrays.equals(labelNames, other.labelNames)
                && sameDetails;
    }

    /** Shows the description, not the values. */
    @Override
    public String toString() {
        return kind.name().toLowerCase(java.util.Locale.ROOT) + " " + name + Arrays.toString(labelNames) + " (" + help
                + ")";
    }
}
