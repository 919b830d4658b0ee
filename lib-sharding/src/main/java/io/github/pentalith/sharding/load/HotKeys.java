// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.load;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds the keys that are asked for most, in fixed memory: the Space-Saving summary. Spreading keys evenly does not
 * spread load evenly if one key makes a tenth of it.
 *
 * <p>With {@code n} counters every key that made more than {@code 1/n} of the samples is certainly among them; the count
 * of each is too great by at most its error, never too small. Counters never leave: {@link #fade} halves them all, so
 * that what was hot yesterday gives way; call it every minute or so.
 *
 * <p><b>Thread-safety:</b> for any number of threads. {@code record} never waits: a sample that meets another thread in
 * the summary is given up and counted as skipped, so counts speak of the samples that were taken. All else waits for
 * one sample at most.
 *
 * <p><b>Time and memory:</b> a sample finds its counter by hashing and moves it in a heap of {@code n}; calls that are not
 * sampled draw a random number. Nothing is allocated. A counter takes about 40 bytes, and holds on to its key.
 *
 * <p><b>Failure:</b> {@code record} fails only for a null key. Keys need {@code equals} and {@code hashCode}.
 *
 * <p><b>Example:</b>
 *
 * <pre>{@code
 * HotKeys<String> hot = HotKeys.<String>builder("links").counters(128).sampleOneIn(16).build();
 * hot.record(code); // on every call
 * hot.top(10).forEach(key -> log.info("{} has {} of the load", key.key(), key.share()));
 * }</pre>
 *
 * <p><b>Source:</b> A. Metwally, D. Agrawal, A. El Abbadi, "Efficient computation of frequent and top-k elements in data
 * streams", ICDT 2005, doi:10.1007/978-3-540-30570-5_27.
 *
 * @param <K> type of the keys
 */
public final class HotKeys<K> {
    private static final int FREE = -1;

    private final String name;
    private final int sampleMask;
    private final RandomGenerator random;
    private final LongAdder skipped = new LongAdder();
    private final ReentrantLock lock = new ReentrantLock();

    // All below is guarded by the lock. Counters are a heap, the least count on top; the table finds them by key.
    private final @Nullable Object[] keys;
    private final long[] counts;
    private final long[] errors;

    /** Where in the table the counter is. */
    private final int[] places;

    /** Open addressing: indices of counters. */
    private final int[] table;

    private int used;
    private long samples;

    /** The sum of all counts since the last fading, as {@link HotKey#share} wants it. */
    private double weight;

    private HotKeys(Builder<K> builder) {
        name = builder.name;
        sampleMask = builder.sampleOneIn - 1;
        random = builder.random;
        int counters = builder.counters;
        keys = new Object[counters];
        counts = new long[counters];
        errors = new long[counters];
        places = new int[counters];
        table = new int[Integer.highestOneBit(counters) * 4];
        Arrays.fill(table, FREE);
    }

    /**
     * {@return a builder of a summary}
     *
     * @param <K> type of the keys
     * @param name names the summary in texts
     */
    public static <K> Builder<K> builder(String name) {
        return new Builder<>(name);
    }

    /**
     * Counts the key, if it is its turn to be sampled.
     *
     * @param key the key that was asked for
     */
    public void record(K key) {
        Objects.requireNonNull(key, "key");
        if (sampleMask != 0 && ((int) random.nextLong() & sampleMask) != 0) {
            return;
        }
        if (!lock.tryLock()) {
            skipped.increment();
            return;
        }
        try {
            count(key);
        } finally {
            lock.unlock();
        }
    }

    private void count(K key) {
        samples++;
        weight++;
        int place = find(key);
        int counter = table[place];
        if (counter == FREE) {
            if (used < keys.length) {
                counter = used++;
                put(counter, key, 0, 0, place);
            } else {
                // The least count goes to the new key, which may have come so often before it had a counter.
                remove(places[0]);
                counter = 0;
                put(counter, key, counts[0], counts[0], find(key));
            }
        }
        counts[counter]++;
        settle(counter);
    }

    private void put(int counter, @Nullable Object key, long count, long error, int place) {
        keys[counter] = key;
        counts[counter] = count;
        errors[counter] = error;
        places[counter] = place;
        table[place] = counter;
    }

    private int home(Object key) {
        int hash = key.hashCode() * 0x9e3779b9;
        return (hash ^ hash >>> 16) & (table.length - 1);
    }

    /** The place of the key, or the free one where it belongs. */
    private int find(Object key) {
        int place = home(key);
        while (table[place] != FREE && !key.equals(keys[table[place]])) {
            place = (place + 1) & (table.length - 1);
        }
        return place;
    }

    /** Frees a place and moves those behind it that would not be found any more. */
    private void remove(int freed) {
        int free = freed;
        int place = freed;
        while (true) {
            place = (place + 1) & (table.length - 1);
            int counter = table[place];
            if (counter == FREE) {
                break;
            }
            int distance = (place - home(Objects.requireNonNull(keys[counter]))) & (table.length - 1);
            if (distance >= ((place - free) & (table.length - 1))) {
                table[free] = counter;
                places[counter] = free;
                free = place;
            }
        }
        table[free] = FREE;
    }

    /** Moves a counter that grew, or came last, to where the heap wants it. */
    private void settle(int from) {
        int at = from;
        while (at > 0 && counts[at] < counts[(at - 1) / 2]) {
            swap(at, (at - 1) / 2);
            at = (at - 1) / 2;
        }
        while (2 * at + 1 < used) {
            int child = 2 * at + 1;
            if (child + 1 < used && counts[child + 1] < counts[child]) {
                child++;
            }
            if (counts[at] <= counts[child]) {
                return;
            }
            swap(at, child);
            at = child;
        }
    }

    private void swap(int a, int b) {
        Object key = keys[a];
        long count = counts[a];
        long error = errors[a];
        int place = places[a];
        put(a, keys[b], counts[b], errors[b], places[b]);
        put(b, key, count, error, place);
    }

    /**
     * {@return the keys with the greatest counts, greatest first}
     *
     * @param most how many at most, 1 or more
     * @throws IllegalArgumentException if it is less
     */
    public List<HotKey<K>> top(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("most must be positive: most=" + most + " (expected: 1 or more)");
        }
        List<HotKey<K>> all = new ArrayList<>(keys.length);
        lock.lock();
        try {
            for (int i = 0; i < used; i++) {
                @SuppressWarnings("unchecked")
                K key = (K) Objects.requireNonNull(keys[i]);
                all.add(new HotKey<>(key, counts[i], errors[i], counts[i] / weight));
            }
        } finally {
            lock.unlock();
        }
        all.sort(Comparator.comparingLong((HotKey<K> key) -> key.count()).reversed());
        return List.copyOf(all.subList(0, Math.min(most, all.size())));
    }

    /** Halves all counts, the greatest possible ones rounded up and the certain ones down, so that bounds stay true. */
    public void fade() {
        lock.lock();
        try {
            for (int i = 0; i < used; i++) {
                long certain = (counts[i] - errors[i]) / 2;
                counts[i] = (counts[i] + 1) / 2;
                errors[i] = counts[i] - certain;
            }
            weight /= 2;
        } finally {
            lock.unlock();
        }
    }

    /** {@return the counts since the beginning} */
    public Stats stats() {
        lock.lock();
        try {
            return new Stats(samples, skipped.sum(), used);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return "HotKeys[" + name + ", counters=" + keys.length + ", sampleOneIn=" + (sampleMask + 1) + "]";
    }

    /**
     * What happened since the beginning.
     *
     * @param samples calls that were counted
     * @param skipped calls that were to be sampled but met another thread
     * @param keys keys that have a counter now
     */
    public record Stats(long samples, long skipped, int keys) {}

    /**
     * Builds a {@link HotKeys}; not safe for several threads.
     *
     * @param <K> type of the keys
     */
    public static final class Builder<K> {
        private static final int MAX_COUNTERS = 1 << 20;

        private final String name;
        private int counters = 128;
        private int sampleOneIn = 1;
        private RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();

        private Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * {@return this builder, with another number of counters than 128}
         *
         * @param newCounters 1 to 1,048,576; every key above one in so many is found
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder<K> counters(int newCounters) {
            if (newCounters < 1 || newCounters > MAX_COUNTERS) {
                throw new IllegalArgumentException(
                        "counters must be in range: counters=" + newCounters + " (expected: 1 to 1,048,576)");
            }
            counters = newCounters;
            return this;
        }

        /**
         * {@return this builder, with only one in so many calls counted, chosen at random; by default all are}
         *
         * @param calls a power of two from 1 to 65,536
         * @throws IllegalArgumentException if it is not
         */
        public Builder<K> sampleOneIn(int calls) {
            if (calls < 1 || calls > 1 << 16 || Integer.bitCount(calls) != 1) {
                throw new IllegalArgumentException(
                        "sampleOneIn must be a power of two: sampleOneIn=" + calls + " (expected: 1 to 65,536)");
            }
            sampleOneIn = calls;
            return this;
        }

        /**
         * {@return this builder, with another source of random numbers than that of the thread}
         *
         * @param newRandom safe for all threads that record
         */
        public Builder<K> random(RandomGenerator newRandom) {
            random = Objects.requireNonNull(newRandom, "random");
            return this;
        }

        /** {@return the summary, empty} */
        public HotKeys<K> build() {
            return new HotKeys<>(this);
        }
    }
}
