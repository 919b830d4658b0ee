// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.lang.reflect.Array;
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
    private final List<Member<M>> inOrder = new ArrayList<>();
    private volatile AtomicReferenceArray<@Nullable Member<M>> table =
            new AtomicReferenceArray<>(4); // at most half full
    private volatile @Nullable Listing listed;

    private static final class Member<M> {
        final String[] values;
        final byte[] labels; // as text formats want them, escaped, without braces
        final M metric;

        Member(String[] values, byte[] labels, M metric) {
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
        AtomicReferenceArray<@Nullable Member<M>> seen = table;
        int mask = seen.length() - 1;
        for (int at = hash(values) & mask; ; at = (at + 1) & mask) {
            Member<M> series = seen.getAcquire(at);
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
        AtomicReferenceArray<@Nullable Member<M>> seen = table;
        int mask = seen.length() - 1;
        for (int at = spread(value.hashCode()) & mask; ; at = (at + 1) & mask) {
            Member<M> series = seen.getAcquire(at);
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
        AtomicReferenceArray<@Nullable Member<M>> seen = table;
        int mask = seen.length() - 1;
        for (int at = spread(first.hashCode() * 31 + second.hashCode()) & mask; ; at = (at + 1) & mask) {
            Member<M> series = seen.getAcquire(at);
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
        AtomicReferenceArray<@Nullable Member<M>> seen = table;
        int mask = seen.length() - 1;
        int hash = (first.hashCode() * 31 + second.hashCode()) * 31 + third.hashCode();
        for (int at = spread(hash) & mask; ; at = (at + 1) & mask) {
            Member<M> series = seen.getAcquire(at);
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
                Member<M> series = inOrder.get(i);
                if (Arrays.equals(series.values, values)) {
                    inOrder.remove(i);
                    rebuild(table.length());
                    Listing.close(series.metric);
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
            Member<M> present = find(wanted);
            if (present != null) {
                return present.metric;
            }
            String[] values = wanted.clone();
            if (labelNames.length > 0 && inOrder.size() >= catalog.cardinalityLimit) {
                catalog.overflowedLookups.increment();
                Arrays.fill(values, OVERFLOW);
                Member<M> overflow = find(values);
                if (overflow != null) {
                    return overflow.metric;
                }
                catalog.overflows(name);
            }
            byte[] labels = encode(values);
            Member<M> fresh = new Member<>(values, labels, maker.apply(labels));
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

    private @Nullable Member<M> find(String[] values) {
        AtomicReferenceArray<@Nullable Member<M>> seen = table;
        int mask = seen.length() - 1;
        int at = hash(values) & mask;
        Member<M> series = seen.get(at);
        while (series != null && !Arrays.equals(series.values, values)) {
            at = (at + 1) & mask;
            series = seen.get(at);
        }
        return series;
    }

    private void rebuild(int size) {
        AtomicReferenceArray<@Nullable Member<M>> fresh = new AtomicReferenceArray<>(size);
        for (Member<M> series : inOrder) {
            put(fresh, series);
        }
        table = fresh;
        listed = null;
    }

    private static <M> void put(AtomicReferenceArray<@Nullable Member<M>> into, Member<M> series) {
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

    private Listing listed() {
        Listing current = listed;
        if (current == null) {
            lock.lock();
            try {
                current = list();
                listed = current;
            } finally {
                lock.unlock();
            }
        }
        return current;
    }

    private Listing list() {
        int size = inOrder.size();
        byte[][] labels = new byte[size][];
        Object[] metrics = (Object[]) Array.newInstance(type, size);
        for (int i = 0; i < size; i++) {
            Member<M> one = inOrder.get(i);
            labels[i] = one.labels;
            metrics[i] = one.metric;
        }
        return new Listing(labels, metrics, Boolean.TRUE.equals(details));
    }

    int size() {
        return listed().size();
    }

    void collect(MetricRegistry.Collector to, long[] scratch) {
        Listing series = listed();
        if (series.size() > 0) {
            to.family(name, kind, unit, help);
            series.collect(to, scratch);
        }
    }

    int ladderLength() {
        return details instanceof Distribution.Spec spec ? spec.bounds.length : 0;
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
