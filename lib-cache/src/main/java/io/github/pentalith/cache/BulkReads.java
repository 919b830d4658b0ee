// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.Coherence.Mark;
import io.github.pentalith.cache.RemoteLevel.Filled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way of many keys at once: one pass over the local level, one trip to the remote one for what is there, one for
 * leases of the rest, one bulk load, one trip back. Keys that another thread or process is already after are waited for
 * one by one, after our own have landed, so that two bulks with common keys never wait for each other in a ring.
 */
final class BulkReads<K, V> {
    private final Loading<K, V> loading;
    private final @Nullable CacheLoader<? super K, V> loader;
    private final Map<K, @Nullable V> found;
    private final List<K> missing = new ArrayList<>();
    private final Map<K, Flight<V>> mine = new LinkedHashMap<>();
    private final List<K> others = new ArrayList<>();

    /** Takes what the local level has. {@code loader}: null if nothing is to be loaded. */
    BulkReads(Loading<K, V> loading, @Nullable CacheLoader<? super K, V> loader, Iterable<? extends K> keys) {
        this.loading = loading;
        this.loader = loader;
        this.found = inOrder(keys);
        int hits = 0;
        long now = loading.coherence.now();
        for (Map.Entry<K, @Nullable V> each : found.entrySet()) {
            Entry<V> entry = loading.local.held(each.getKey());
            if (entry == null) {
                missing.add(each.getKey());
            } else if (entry.quiet(loading.coherence, now)) {
                each.setValue(entry.value);
                hits++;
            } else if (entry.fresh(loading.coherence, now)) {
                each.setValue(entry.value);
                hits++;
                loading.consider(each.getKey(), entry, loader);
            } else {
                missing.add(each.getKey());
            }
        }
        loading.counters.localHits.add(hits);
    }

    /** Each key once, without a value. */
    static <K, V> Map<K, @Nullable V> inOrder(Iterable<? extends K> keys) {
        int count = keys instanceof Collection<?> some ? some.size() : 0;
        Map<K, @Nullable V> all = new LinkedHashMap<>(Math.max(16, count * 2));
        for (K key : keys) {
            all.put(Objects.requireNonNull(key, "key"), null);
        }
        return all;
    }

    boolean complete() {
        return missing.isEmpty();
    }

    /** Those that have a value. */
    @SuppressWarnings("NullAway") // no null is left
    Map<K, V> values() {
        found.values().removeIf(Objects::isNull);
        return found;
    }

    /** Looks for what is missing. */
    void search() {
        CacheLoader<? super K, V> by = loader;
        if (by != null) {
            search(by);
            return;
        }
        List<Lookup<V>> lookups = loading.lookUp(missing);
        for (int i = 0; i < lookups.size(); i++) {
            found.put(missing.get(i), loading.counted(lookups.get(i)));
        }
    }

    private void search(CacheLoader<? super K, V> by) {
        Loading.Patience patience = loading.patience();
        Map<K, Answer<V>> wanted = lookUp();
        for (K key : wanted.keySet()) {
            Flight<V> flight = new Flight<V>(loading.coherence.mark(key)).lead();
            if (loading.flights.putIfAbsent(key, flight) == null) {
                mine.put(key, flight);
            } else {
                others.add(key);
            }
        }
        try {
            search(by, wanted, patience);
        } catch (RuntimeException | Error e) {
            mine.values().forEach(flight -> Loading.end(flight, e));
            throw e;
        } finally {
            mine.forEach((key, flight) -> {
                flight.abandon();
                boolean unused = loading.flights.remove(key, flight);
            });
        }
        for (K key : others) {
            add(key, loading.get(key, by));
        }
    }

    /** Takes what the remote level has, without flights or leases, and returns what is known of the rest. */
    private Map<K, Answer<V>> lookUp() {
        Map<K, Answer<V>> rest = new LinkedHashMap<>();
        if (loading.remote == null) {
            missing.forEach(key -> rest.put(key, Answer.without(Answer.Kind.AWAY, 0)));
            return rest;
        }
        List<Mark> marks = new ArrayList<>(missing.size());
        long now = loading.coherence.now();
        for (K key : missing) {
            marks.add(loading.coherence.mark(key, now));
        }
        List<Answer<V>> answers = loading.remote.reads().fetch(missing, Duration.ZERO);
        loading.local.together(() -> {
            for (int i = 0; i < answers.size(); i++) {
                K key = missing.get(i);
                Answer<V> answer = answers.get(i);
                if (answer.kind() == Answer.Kind.HIT) {
                    add(key, loading.hit(key, answer, marks.get(i), loader));
                } else {
                    rest.put(key, answer);
                }
            }
        });
        return rest;
    }

    private void add(K key, @Nullable V value) {
        if (value != null) {
            found.put(key, value);
        }
    }

    private void land(K key, @Nullable V value) {
        Flight<V> flight = mine.get(key);
        if (flight != null) {
            flight.land(value);
        }
        add(key, value);
    }

    /** With leases now. */
    private void search(CacheLoader<? super K, V> by, Map<K, Answer<V>> wanted, Loading.Patience patience) {
        Map<K, Answer<V>> toLoad = new LinkedHashMap<>();
        List<K> asked = new ArrayList<>(mine.size());
        for (K key : mine.keySet()) {
            Entry<V> again = loading.fresh(key, by); // another flight may have landed
            Answer<V> before = wanted.get(key);
            if (again != null) {
                land(key, again.value);
            } else if (before != null && before.kind() == Answer.Kind.AWAY) {
                toLoad.put(key, before);
            } else {
                asked.add(key);
            }
        }
        List<Answer<V>> answers = loading.remote == null || asked.isEmpty()
                ? List.of()
                : loading.remote.reads().lease(asked, loading.lease);
        for (int i = 0; i < asked.size(); i++) {
            K key = asked.get(i);
            Answer<V> answer = answers.get(i);
            Flight<V> flight = mine.get(key);
            if (flight == null) {
                continue;
            }
            switch (answer.kind()) {
                case HIT -> land(key, loading.hit(key, answer, flight.mark, loader));
                case STALE -> {
                    loading.counters.staleServed.increment();
                    land(key, answer.value());
                }
                case BUSY -> {
                    flight.abandon();
                    boolean unused = loading.flights.remove(key, flight);
                    others.add(key);
                }
                default -> toLoad.put(key, answer);
            }
        }
        if (!toLoad.isEmpty()) {
            load(by, toLoad, patience);
        }
    }

    private void load(CacheLoader<? super K, V> by, Map<K, Answer<V>> toLoad, Loading.Patience patience) {
        loading.counters.misses.add(toLoad.size());
        Tags.Before before = loading.tags.before(loading.options.tags());
        Map<?, ? extends V> values;
        try {
            values = loading.permitted(() -> by.loadAll(Collections.unmodifiableSet(toLoad.keySet())), patience);
        } catch (RuntimeException | Error e) {
            List<Loaded<K, V>> nothing = new ArrayList<>();
            toLoad.forEach((key, answer) -> nothing.add(Loaded.nothing(key, answer.lease(), loading.options)));
            loading.giveBack(nothing);
            toLoad.forEach((key, answer) -> land(key, loading.staleInstead(key, answer, e)));
            return;
        }
        long nanos = (loading.coherence.now() - before.at()) / toLoad.size();
        List<Loaded<K, V>> leased = new ArrayList<>();
        List<Loaded<K, V>> unleased = new ArrayList<>();
        toLoad.forEach((key, answer) -> {
            Loaded<K, V> loaded = loading.loaded(key, values.get(key), loading.options, answer, before, nanos);
            (answer.lease() == 0 ? unleased : leased).add(loaded);
        });
        List<Filled> filled = loading.remote == null || leased.isEmpty() ? List.of() : loading.remote.fill(leased);
        for (int i = 0; i < leased.size(); i++) {
            finish(leased.get(i), filled.get(i));
        }
        unleased.forEach(loaded -> finish(loaded, Filled.FAILED));
    }

    private void finish(Loaded<K, V> loaded, Filled filled) {
        Flight<V> flight = mine.get(loaded.key());
        if (flight != null) {
            loading.keepLoaded(loaded, flight.mark, filled);
            land(loaded.key(), loaded.value());
        }
    }
}
