// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A set-associative table of keys with one TAT each.
 *
 * <p>Finding and taking is lock-free. Places are filled and re-filled under the lock of their set's stripe, so a key is
 * never in two places. An entry that loses its place is first marked {@link #GONE}, in the same atomic step that
 * reads its last TAT for the heir: a thread that still holds the entry cannot take from it and looks again. Every TAT
 * therefore only grows as long as its place exists, which bounds all keys together.
 */
final class KeyTable<K> implements KeyedRateLimiter<K> {
    private static final int WAYS = 8;
    private static final long GONE = Gcra.FRESH + 1;

    private final String name;
    private final LongSupplier ticker;
    private final Gcra gcra;
    private final int ways;
    private final int sets;
    private final AtomicReferenceArray<@Nullable Entry<K>> places;
    private final ReentrantLock[] locks;
    private final LongAdder keys = new LongAdder();
    private final LongAdder granted = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder evicted = new LongAdder();

    KeyTable(String name, Rate rate, int maximumKeys, LongSupplier ticker) {
        this.name = Arguments.name(name);
        this.gcra = new Gcra(rate);
        this.ticker = Objects.requireNonNull(ticker, "ticker");
        Arguments.range("maximumKeys", maximumKeys, 1, 100_000_000);
        this.ways = Math.min(WAYS, maximumKeys);
        this.sets = maximumKeys / ways;
        this.places = new AtomicReferenceArray<>(ways * sets);
        this.locks = new ReentrantLock[Math.min(64, sets)];
        for (int i = 0; i < locks.length; i++) {
            locks[i] = new ReentrantLock();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long tryAcquireNanos(K key, int permits) {
        gcra.checkPermits(permits);
        int hash = spread(key.hashCode());
        int set = (int) (((hash & 0xFFFF_FFFFL) * sets) >>> 32);
        long now = ticker.getAsLong();
        Entry<K> entry = find(key, hash, set);
        while (true) {
            if (entry == null) {
                entry = place(key, hash, set, now);
            }
            long tat = entry.tat;
            if (tat == GONE) {
                entry = find(key, hash, set);
                continue;
            }
            long wait = gcra.waitNanos(tat, now, permits);
            if (wait > 0) {
                rejected.increment();
                return wait;
            }
            if (Entry.TAT.compareAndSet(entry, tat, clear(gcra.granted(now, wait)))) {
                granted.add(permits);
                return 0;
            }
        }
    }

    /** A TAT that could be read as a mark is moved by two nanoseconds. */
    private static long clear(long tat) {
        return tat == GONE ? GONE + 1 : tat;
    }

    private @Nullable Entry<K> find(K key, int hash, int set) {
        int first = set * ways;
        for (int i = first; i < first + ways; i++) {
            Entry<K> entry = places.get(i);
            if (entry == null) {
                return null; // places of a set are filled in order and never emptied
            }
            if (entry.hash == hash && entry.key.equals(key)) {
                return entry;
            }
        }
        return null;
    }

    private Entry<K> place(K key, int hash, int set, long now) {
        ReentrantLock lock = locks[set % locks.length];
        lock.lock();
        try {
            Entry<K> known = find(key, hash, set);
            return known != null ? known : fill(key, hash, set, now);
        } finally {
            lock.unlock();
        }
    }

    private Entry<K> fill(K key, int hash, int set, long now) {
        int first = set * ways;
        int best = first;
        long least = Long.MAX_VALUE;
        for (int i = first; i < first + ways; i++) {
            Entry<K> entry = places.get(i);
            if (entry == null) {
                Entry<K> fresh = new Entry<>(key, hash, Gcra.FRESH);
                places.set(i, fresh);
                keys.increment();
                return fresh;
            }
            long tat = entry.tat;
            long debt = tat == Gcra.FRESH ? Long.MIN_VALUE : tat - now;
            if (debt < least) {
                least = debt;
                best = i;
            }
        }
        Entry<K> victim = Objects.requireNonNull(places.get(best));
        Entry<K> heir = new Entry<>(key, hash, (long) Entry.TAT.getAndSet(victim, GONE));
        places.set(best, heir);
        evicted.increment();
        return heir;
    }

    /** The finalizer of MurmurHash3: sets are chosen by high bits, which many hash codes leave alone. */
    private static int spread(int hash) {
        int h = hash;
        h = (h ^ (h >>> 16)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        return h ^ (h >>> 16);
    }

    @Override
    public Stats stats() {
        return new Stats(name, keys.sum(), granted.sum(), rejected.sum(), evicted.sum());
    }

    @Override
    public String toString() {
        return "KeyedRateLimiter[" + name + ", " + gcra.rate.count() + " per " + gcra.rate.per() + ", burst="
                + gcra.rate.burst() + ", maximumKeys=" + ways * sets + "]";
    }

    private static final class Entry<K> {
        static final VarHandle TAT;

        static {
            try {
                TAT = MethodHandles.lookup().findVarHandle(Entry.class, "tat", long.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        final K key;
        final int hash;
        volatile long tat;

        Entry(K key, int hash, long tat) {
            this.key = key;
            this.hash = hash;
            this.tat = tat;
        }
    }
}
