// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.Flight.Landing;
import io.github.pentalith.cache.Loading.Patience;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way of a key for callers that do not wait. It has the same steps as {@link Loading}, but no thread stands still
 * between them: keys that are asked for at the same time go to the remote level together, who follows a flight or waits
 * for another process leaves a note, and only a load, which is user code, occupies a thread.
 */
final class AsyncReads<K, V> {
    private final Loading<K, V> loading;
    private final Workers workers;
    private final Combiner<Request<K, V>> waiting;

    AsyncReads(Loading<K, V> loading, Workers workers) {
        this.loading = loading;
        this.workers = workers;
        this.waiting = new Combiner<>(workers, this::search, AsyncReads::refuse);
    }

    /** One caller's wish; {@code round}: how often another process was loading. */
    private record Request<K, V>(
            K key,
            @Nullable CacheLoader<? super K, V> loader,
            CompletableFuture<@Nullable V> result,
            Patience patience,
            int round) {
        Request<K, V> nextRound() {
            return new Request<>(key, loader, result, patience, round + 1);
        }
    }

    CompletableFuture<@Nullable V> get(K key, @Nullable CacheLoader<? super K, V> loader) {
        CompletableFuture<@Nullable V> result = new CompletableFuture<>();
        waiting.add(new Request<>(key, loader, result, loading.patience(), 0));
        return result;
    }

    private static <K, V> void refuse(List<Request<K, V>> batch, Throwable error) {
        batch.forEach(request -> request.result.completeExceptionally(error));
    }

    private void search(List<Request<K, V>> batch) {
        Map<K, Flight<V>> flights = new LinkedHashMap<>();
        try {
            Map<K, Request<K, V>> leaders = new LinkedHashMap<>();
            List<Request<K, V>> lookUps = new ArrayList<>();
            for (Request<K, V> request : batch) {
                if (!request.result.isDone()) { // else it was cancelled before it began
                    sort(request, leaders, flights, lookUps);
                }
            }
            if (!leaders.isEmpty()) {
                lead(leaders, flights);
            }
            if (!lookUps.isEmpty()) {
                lookUp(lookUps);
            }
        } catch (RuntimeException | Error e) { // for instance a key that its codec cannot write
            refuse(batch, e);
            flights.forEach((key, flight) -> {
                Loading.end(flight, e);
                boolean unused = loading.flights.remove(key, flight);
            });
        }
    }

    private void sort(
            Request<K, V> request,
            Map<K, Request<K, V>> leaders,
            Map<K, Flight<V>> flights,
            List<Request<K, V>> lookUps) {
        K key = request.key;
        Entry<V> entry = loading.fresh(key, request.loader);
        if (entry != null) {
            request.result.complete(entry.value);
            return;
        }
        if (request.loader == null) {
            lookUps.add(request);
            return;
        }
        while (true) {
            Flight<V> running = loading.flights.get(key);
            if (running != null && (flights.get(key) == running || loading.joinable(running))) {
                follow(request, running);
                return;
            }
            Flight<V> mine = new Flight<>(loading.coherence.mark(key));
            if (running == null
                    ? loading.flights.putIfAbsent(key, mine) == null
                    : loading.flights.replace(key, running, mine)) {
                Flight<V> before = flights.put(key, mine);
                if (before == null) {
                    leaders.put(key, request);
                } else { // it grew old while this batch was sorted: its request searches with the new one
                    before.abandon();
                    follow(request, mine);
                }
                return;
            }
        }
    }

    private void lead(Map<K, Request<K, V>> leaders, Map<K, Flight<V>> flights) {
        List<K> keys = List.copyOf(leaders.keySet());
        RemoteLevel<K, V> remote = loading.remote;
        List<Answer<V>> answers = remote == null ? List.of() : remote.reads().fetch(keys, loading.lease);
        for (int i = 0; i < keys.size(); i++) {
            Request<K, V> request = leaders.get(keys.get(i));
            Flight<V> flight = flights.get(keys.get(i));
            if (request != null && flight != null) {
                Answer<V> answer = remote == null ? Answer.without(Answer.Kind.AWAY, 0) : answers.get(i);
                answered(request, flight, answer);
            }
        }
    }

    private void answered(Request<K, V> request, Flight<V> flight, Answer<V> answer) {
        switch (answer.kind()) {
            case HIT -> land(request, flight, loading.hit(request.key, answer, flight.mark, request.loader));
            case STALE -> {
                loading.counters.staleServed.increment();
                land(request, flight, answer.value());
            }
            case BUSY -> {
                flight.abandon();
                boolean unused = loading.flights.remove(request.key, flight);
                later(request);
            }
            default -> {
                loading.counters.misses.increment();
                try {
                    workers.execute(() -> load(request, flight, answer));
                } catch (RuntimeException e) {
                    fail(request, flight, e);
                }
            }
        }
    }

    private void land(Request<K, V> request, Flight<V> flight, @Nullable V value) {
        flight.land(value);
        boolean unused = loading.flights.remove(request.key, flight);
        request.result.complete(value);
    }

    private void fail(Request<K, V> request, Flight<V> flight, Throwable error) {
        Loading.end(flight, error);
        boolean unused = loading.flights.remove(request.key, flight);
        request.result.completeExceptionally(error);
    }

    private void load(Request<K, V> request, Flight<V> flight, Answer<V> answer) {
        CacheLoader<? super K, V> loader = request.loader;
        if (loader == null) {
            return; // such a request leads no flight
        }
        flight.lead();
        try {
            land(request, flight, loading.load(request.key, loader, flight.mark, answer, request.patience));
        } catch (RuntimeException | Error e) {
            fail(request, flight, e);
        }
    }

    /** Another process loads: look again after a pause. */
    private void later(Request<K, V> request) {
        if (loading.left(request.patience) <= 0) {
            request.result.completeExceptionally(loading.timeout(request.patience));
            return;
        }
        long pause = Loading.pauseNanos(request.round);
        CompletableFuture.delayedExecutor(pause, TimeUnit.NANOSECONDS, Runnable::run) // a note, no work
                .execute(() -> waiting.add(request.nextRound()));
    }

    private void follow(Request<K, V> request, Flight<V> flight) {
        Entry<V> stale = loading.local.stale(request.key);
        if (stale != null) {
            loading.counters.staleServed.increment();
            request.result.complete(stale.value);
            return;
        }
        long left = Math.max(0, loading.left(request.patience));
        CompletableFuture<Landing<V>> unused = flight.landing()
                .orTimeout(left, TimeUnit.NANOSECONDS)
                .whenComplete((landing, late) -> landed(request, late == null ? landing : null));
    }

    private void landed(Request<K, V> request, @Nullable Landing<V> landing) {
        Throwable error = landing == null ? null : landing.error();
        if (landing == null) {
            request.result.completeExceptionally(loading.timeout(request.patience));
        } else if (landing.abandoned()) {
            waiting.add(request);
        } else if (error != null) {
            request.result.completeExceptionally(error);
        } else {
            request.result.complete(landing.value());
        }
    }

    private void lookUp(List<Request<K, V>> requests) {
        List<Lookup<V>> lookups =
                loading.lookUp(requests.stream().map(Request::key).toList());
        for (int i = 0; i < requests.size(); i++) {
            requests.get(i).result.complete(loading.counted(lookups.get(i)));
        }
    }
}
