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
 *
 * <p>A change of the rate is a new {@link Epoch} and touches no entry. Who next comes upon an entry of an older epoch puts one of
 * the present epoch in its place, with the grants that were there at each change in between, at most the burst of then;
 * the old one is marked as in an eviction, so nobody takes at an old rate once somebody has taken at the new one.
 */
final class KeyTable<K> implements KeyedRateLimiter<K> {
    private static final int WAYS = 8;
    private static final long GONE = Gcra.FRESH + 1;

    private final String name;
    private final LongSupplier ticker;
    private final int ways;
    private final int sets;
    private final AtomicReferenceArray<@Nullable Entry<K>> places;
    private final ReentrantLock[] locks;
    private final ReentrantLock changing = new ReentrantLock();
    private volatile Epoch epoch;
    private final LongAdder keys = new LongAdder();
    private final LongAdder granted = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder evicted = new LongAdder();

    KeyTable(String name, Rate rate, int maximumKeys, LongSupplier ticker) {
        this.name = Arguments.name(name);
        this.epoch = new Epoch(rate);
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
    public Rate rate() {
        return epoch.gcra.rate;
    }

    @Override
    public void rate(Rate next) {
        Epoch to = new Epoch(next);
        changing.lock();
        try {
            Epoch from = epoch;
            from.untilNanos = ticker.getAsLong();
            from.next = to;
            epoch = to;
        } finally {
            changing.unlock();
        }
    }

    @Override
    public long tryAcquireNanos(K key, int permits) {
        int hash = spread(key.hashCode());
        int set = (int) (((hash & 0xFFFF_FFFFL) * sets) >>> 32);
        long now = ticker.getAsLong(); // before the epoch: nothing is taken at a rate that was no more
        Entry<K> entry = find(key, hash, set);
        while (true) {
            Epoch current = epoch;
            Gcra gcra = current.gcra;
            gcra.checkPermits(permits);
            if (entry == null || entry.epoch != current) {
                entry = place(key, hash, set, now);
                continue;
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
        int at = indexOf(key, hash, set);
        Entry<K> entry = at < 0 ? null : places.get(at);
        return entry != null && entry.hash == hash && entry.key.equals(key)
                ? entry
                : null; // it may have lost the place
    }

    private int indexOf(K key, int hash, int set) {
        int first = set * ways;
        for (int i = first; i < first + ways; i++) {
            Entry<K> entry = places.get(i);
            if (entry == null) {
                return -1; // places of a set are filled in order and never emptied
            }
            if (entry.hash == hash && entry.key.equals(key)) {
                return i;
            }
        }
        return -1;
    }

    /** The entry of a key in the present epoch, made if need be. */
    private Entry<K> place(K key, int hash, int set, long now) {
        ReentrantLock lock = locks[set % locks.length];
        lock.lock();
        try {
            Epoch current = epoch;
            int at = indexOf(key, hash, set);
            if (at < 0) {
                return fill(key, hash, set, now, current);
            }
            Entry<K> known = Objects.requireNonNull(places.get(at));
            return known.epoch == current ? known : replace(at, key, hash, current);
        } finally {
            lock.unlock();
        }
    }

    private Entry<K> fill(K key, int hash, int set, long now, Epoch current) {
        int first = set * ways;
        int best = first;
        long least = Long.MAX_VALUE;
        for (int i = first; i < first + ways; i++) {
            Entry<K> entry = places.get(i);
            if (entry == null) {
                Entry<K> fresh = new Entry<>(key, hash, Gcra.FRESH, current);
                places.set(i, fresh);
                keys.increment();
                return fresh;
            }
            long tat = entry.epoch.carried(entry.tat, current);
            long debt = tat == Gcra.FRESH ? Long.MIN_VALUE : tat - now;
            if (debt < least) {
                least = debt;
                best = i;
            }
        }
        evicted.increment();
        return replace(best, key, hash, current);
    }

    /** Puts an entry of the present epoch in the place of another, with what that one had used. */
    private Entry<K> replace(int at, K key, int hash, Epoch current) {
        Entry<K> old = Objects.requireNonNull(places.get(at));
        long tat = (long) Entry.TAT.getAndSet(old, GONE);
        Entry<K> heir = new Entry<>(key, hash, clear(old.epoch.carried(tat, current)), current);
        places.set(at, heir);
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
        Rate rate = rate();
        return "KeyedRateLimiter[" + name + ", " + rate.count() + " per " + rate.per() + ", burst=" + rate.burst()
                + ", maximumKeys=" + ways * sets + "]";
    }

    /** A time in which the rate does not change. */
    private static final class Epoch {
        final Gcra gcra;
        /** When it ended; written before {@link #next}. */
        long untilNanos;

        volatile @Nullable Epoch next;

        Epoch(Rate rate) {
            this.gcra = new Gcra(rate);
        }

        /** The TAT of a later epoch, or of this one, that leaves the grants of this one's. */
        long carried(long tat, Epoch to) {
            long carried = tat;
            for (Epoch from = this; from != to; ) {
                Epoch next = Objects.requireNonNull(from.next);
                carried = from.gcra.carriedTo(next.gcra, carried, from.untilNanos);
                from = next;
            }
            return carried;
        }
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
        final Epoch epoch;
        volatile long tat;

        Entry(K key, int hash, long tat, Epoch epoch) {
            this.epoch = epoch;
            this.key = key;
            this.hash = hash;
            this.tat = tat;
        }
    }
}
