// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.Coherence.Mark;
import io.github.pentalith.cache.RemoteLevel.Filled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The way of many keys at once: one trip to the remote level for what is there, one for leases of the rest, one bulk
 * load, one trip back. Keys that another thread or
 * process is already after are waited for one by one, after our own have landed, so that two bulks with common keys
 * never wait for each other in a ring.
 */
final class BulkLoading<K, V> {
    private final Loading<K, V> loading;
    private final CacheLoader<? super K, V> loader;
    private final Map<K, Flight<V>> mine = new LinkedHashMap<>();
    private final List<K> others = new ArrayList<>();
    private final Map<K, @Nullable V> found;

    BulkLoading(Loading<K, V> loading, CacheLoader<? super K, V> loader, Map<K, @Nullable V> found) {
        this.loading = loading;
        this.loader = loader;
        this.found = found;
    }

    void getAll(List<K> missing) {
        Loading.Patience patience = loading.patience();
        Map<K, Answer<V>> wanted = lookUp(missing);
        for (K key : wanted.keySet()) {
            Flight<V> flight = new Flight<V>(loading.coherence.mark(key)).lead();
            if (loading.flights.putIfAbsent(key, flight) == null) {
                mine.put(key, flight);
            } else {
                others.add(key);
            }
        }
        try {
            search(wanted, patience);
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
            add(key, loading.get(key, loader));
        }
    }

    /** Takes what the levels have, without flights or leases, and returns what is known of the rest. */
    private Map<K, Answer<V>> lookUp(List<K> missing) {
        Map<K, Answer<V>> rest = new LinkedHashMap<>();
        List<K> asked = new ArrayList<>(missing.size());
        List<Mark> marks = new ArrayList<>(missing.size());
        for (K key : missing) {
            Entry<V> due = loading.fresh(key, loader);
            if (due != null) {
                add(key, due.value);
            } else if (loading.remote == null) {
                rest.put(key, Answer.without(Answer.Kind.AWAY, 0));
            } else {
                asked.add(key);
                marks.add(loading.coherence.mark(key));
            }
        }
        if (loading.remote != null && !asked.isEmpty()) {
            List<Answer<V>> answers = loading.remote.fetch(asked, Duration.ZERO);
            for (int i = 0; i < asked.size(); i++) {
                Answer<V> answer = answers.get(i);
                if (answer.kind() == Answer.Kind.HIT) {
                    add(asked.get(i), loading.hit(asked.get(i), answer, marks.get(i), loader));
                } else {
                    rest.put(asked.get(i), answer);
                }
            }
        }
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
    private void search(Map<K, Answer<V>> wanted, Loading.Patience patience) {
        Map<K, Answer<V>> toLoad = new LinkedHashMap<>();
        List<K> asked = new ArrayList<>(mine.size());
        for (K key : mine.keySet()) {
            Entry<V> again = loading.fresh(key, loader); // another flight may have landed
            Answer<V> before = wanted.get(key);
            if (again != null) {
                land(key, again.value);
            } else if (before != null && before.kind() == Answer.Kind.AWAY) {
                toLoad.put(key, before);
            } else {
                asked.add(key);
            }
        }
        List<Answer<V>> answers =
                loading.remote == null || asked.isEmpty() ? List.of() : loading.remote.lease(asked, loading.lease);
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
            load(toLoad, patience);
        }
    }

    private void load(Map<K, Answer<V>> toLoad, Loading.Patience patience) {
        loading.counters.misses.add(toLoad.size());
        Tags.Before before = loading.tags.before(loading.options.tags());
        Map<?, ? extends V> values;
        try {
            values = loading.permitted(() -> loader.loadAll(Collections.unmodifiableSet(toLoad.keySet())), patience);
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
