// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.Coherence.Mark;
import io.github.pentalith.cache.Flight.Landing;
import io.github.pentalith.cache.RemoteLevel.Filled;
import io.github.pentalith.resilience.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The way of a key that the local level does not have: one flight per key in this process, one lease per key in the
 * remote level, then the loader.
 *
 * <p>A flight may be joined only while what it will bring is as good as what a flight of one's own would: no
 * invalidation since it began, and not older than the bound. Otherwise the next caller takes its place in the map, and
 * those who joined before get its value: it was fresh when they came.
 *
 * <p>What was stored in the remote level is not put in the local one by the thread that loaded it: the store tells
 * every feed, this process's too, that the key has changed, and that message cannot be told from one about a change
 * made a moment later. The next reader fetches the value, under a mark taken after the message or removed by it.
 */
final class Loading<K, V> {
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);

    final ConcurrentMap<K, Flight<V>> flights = new ConcurrentHashMap<>();
    final LocalLevel<K, V> local;
    final @Nullable RemoteLevel<K, V> remote;
    final Coherence coherence;
    final Counters counters;
    final EntryOptions options;
    final Duration lease;
    final Tags tags;
    private final Refreshing<K, V> refreshing;
    private final String name;
    private final long localTtlNanos;
    private final long loadTimeoutNanos;
    private final Semaphore permits;
    private final RandomGenerator random;

    Loading(
            CacheBuilder<K, V> settings,
            LocalLevel<K, V> local,
            @Nullable RemoteLevel<K, V> remote,
            Coherence coherence,
            Counters counters,
            Workers workers) {
        this.name = settings.name;
        this.local = local;
        this.remote = remote;
        this.coherence = coherence;
        this.counters = counters;
        this.options = settings.options;
        this.localTtlNanos = Nanos.of(options.localTtl());
        this.loadTimeoutNanos = Nanos.of(settings.loadTimeout);
        // Half: who waits for a holder that died still has the other half for a load of its own.
        this.lease = settings.loadTimeout.dividedBy(2);
        this.permits = new Semaphore(settings.maximumLoads);
        this.random = settings.random;
        this.tags = remote == null ? new Tags(coherence, null, () -> {}) : remote.tags();
        this.refreshing = new Refreshing<>(this, workers);
    }

    /** How long one caller may wait, and since when. */
    record Patience(long begin, long nanos) {}

    Patience patience() {
        Deadline deadline = Deadline.current();
        long nanos = deadline == null ? loadTimeoutNanos : Math.min(loadTimeoutNanos, Nanos.of(deadline.remaining()));
        return new Patience(coherence.now(), nanos);
    }

    long left(Patience patience) {
        return patience.nanos - (coherence.now() - patience.begin);
    }

    /** What the local level has; perhaps this reader is the one that has it refreshed. */
    @Nullable
    Entry<V> fresh(K key, @Nullable CacheLoader<? super K, V> loader) {
        Entry<V> entry = local.fresh(key);
        if (entry != null) {
            counters.localHits.increment();
            refreshing.consider(key, entry, loader);
        }
        return entry;
    }

    void consider(K key, Entry<V> entry, @Nullable CacheLoader<? super K, V> loader) {
        refreshing.consider(key, entry, loader);
    }

    @Nullable
    V get(K key, CacheLoader<? super K, V> loader) {
        Entry<V> entry = fresh(key, loader);
        if (entry != null) {
            return entry.value;
        }
        Patience patience = patience();
        while (true) {
            Flight<V> running = flights.get(key);
            if (running != null && running.ledByThisThread()) {
                throw new IllegalStateException("cache " + name + ": a load asks for its own key: key=" + key);
            }
            if (running != null && joinable(running)) {
                Landing<V> landing = follow(key, running, patience);
                if (!landing.abandoned()) {
                    return landed(landing);
                }
                boolean unused = flights.remove(key, running);
            } else {
                Flight<V> mine = new Flight<V>(coherence.mark(key)).lead();
                boolean leading =
                        running == null ? flights.putIfAbsent(key, mine) == null : flights.replace(key, running, mine);
                if (leading) {
                    return lead(key, loader, mine, patience);
                }
            }
        }
    }

    boolean joinable(Flight<V> flight) {
        if (flight.beside() && remote != null) {
            return false; // the remote level has the old value until the new one is there; it is not for waiting
        }
        Mark mark = flight.mark;
        return coherence.unchanged(mark)
                && coherence.tagInvalidations() == mark.tags() // of any tag: nobody knows yet which ones it will have
                && coherence.trusts(mark.askedAt(), mark.era(), true, coherence.now());
    }

    private Landing<V> follow(K key, Flight<V> running, Patience patience) {
        Entry<V> stale = local.stale(key);
        if (stale != null) {
            counters.staleServed.increment();
            return new Landing<>(stale.value, null, false);
        }
        try {
            Landing<V> landing = running.await(left(patience));
            if (landing == null) {
                throw timeout(patience);
            }
            return landing;
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private @Nullable V landed(Landing<V> landing) {
        if (landing.error() instanceof Error error) {
            throw error;
        }
        if (landing.error() instanceof RuntimeException error) {
            throw error;
        }
        return landing.value();
    }

    private @Nullable V lead(K key, CacheLoader<? super K, V> loader, Flight<V> mine, Patience patience) {
        try {
            V value = search(key, loader, patience);
            mine.land(value);
            return value;
        } catch (RuntimeException | Error e) {
            end(mine, e);
            throw e;
        } finally {
            boolean unused = flights.remove(key, mine);
        }
    }

    /** A leader that had to give up for reasons of its own, its interrupt or its deadline, fails nobody else. */
    static void end(Flight<?> flight, Throwable error) {
        Deadline deadline = Deadline.current();
        if (error instanceof CancellationException
                || error instanceof CacheTimeoutException
                || error.getCause() instanceof InterruptedException
                || (deadline != null && deadline.expired())) {
            flight.abandon();
        } else {
            flight.fail(error);
        }
    }

    private @Nullable V search(K key, CacheLoader<? super K, V> loader, Patience patience) {
        Entry<V> again = fresh(key, loader); // a flight may have landed since the first look
        if (again != null) {
            return again.value;
        }
        for (int round = 0; ; round++) {
            Mark mark = coherence.mark(key);
            Answer<V> answer = remote == null
                    ? Answer.without(Answer.Kind.AWAY, 0)
                    : remote.reads().fetch(List.of(key), lease).get(0);
            switch (answer.kind()) {
                case HIT -> {
                    return hit(key, answer, mark, loader);
                }
                case STALE -> {
                    counters.staleServed.increment();
                    return answer.value();
                }
                case BUSY -> pause(round, patience);
                default -> {
                    counters.misses.increment();
                    return load(key, loader, mark, answer, patience);
                }
            }
        }
    }

    /** What the remote level has, counting nothing. */
    List<Lookup<V>> lookUp(List<K> keys) {
        List<Lookup<V>> lookups = new ArrayList<>(keys.size());
        if (remote == null) {
            keys.forEach(key -> lookups.add(Lookup.absent()));
            return lookups;
        }
        List<Mark> marks = keys.stream().map(coherence::mark).toList();
        List<Answer<V>> answers = remote.reads().fetch(keys, Duration.ZERO);
        for (int i = 0; i < keys.size(); i++) {
            Answer<V> answer = answers.get(i);
            switch (answer.kind()) {
                case HIT -> {
                    Entry<V> unused = keep(keys.get(i), answer, marks.get(i));
                    lookups.add(Lookup.remote(answer.value(), answer.version(), false));
                }
                case STALE -> lookups.add(Lookup.remote(answer.value(), answer.version(), true));
                default -> lookups.add(Lookup.absent());
            }
        }
        return lookups;
    }

    /** Counts what {@link #lookUp} found, and gives it. */
    @Nullable
    V counted(Lookup<V> lookup) {
        (lookup.known() ? counters.remoteHits : counters.misses).increment();
        return lookup.value();
    }

    /** Counts and gives what the remote level holds, and puts it into the local one. */
    @Nullable
    V hit(K key, Answer<V> answer, Mark mark, @Nullable CacheLoader<? super K, V> loader) {
        counters.remoteHits.increment();
        refreshing.consider(key, keep(key, answer, mark), loader);
        return answer.value();
    }

    Entry<V> keep(K key, Answer<V> answer, Mark mark) {
        Entry.Span all = answer.span();
        long fresh = Math.min(all.fresh(), localTtlNanos - jitter(localTtlNanos, options));
        Entry.Span span = new Entry.Span(fresh, all.expiry(), all.stale(), all.ahead(), all.spread());
        Entry<V> entry = new Entry<>(answer.value(), answer.version(), mark, true, answer.seal(), span);
        local.insert(key, entry, mark);
        return entry;
    }

    /** How long to wait for another process before asking again. */
    static long pauseNanos(int round) {
        return Math.min(LONGEST_PAUSE, FIRST_PAUSE << Math.min(round, 8));
    }

    private void pause(int round, Patience patience) {
        long left = left(patience);
        if (left <= 0) {
            throw timeout(patience);
        }
        LockSupport.parkNanos(Math.min(left, pauseNanos(round)));
        if (Thread.currentThread().isInterrupted()) {
            throw interrupted();
        }
    }

    /** Loads a value and keeps it where the answer allows. */
    @Nullable
    V load(K key, CacheLoader<? super K, V> loader, Mark mark, Answer<V> answer, Patience patience) {
        V previous = answer.value();
        if (previous == null && remote == null) {
            Entry<V> last = local.lastResort(key);
            previous = last == null ? null : last.value;
        }
        LoadContext<V> context = new LoadContext<>(options, previous);
        Tags.Before before = tags.before(options.tags());
        V value;
        try {
            value = permitted(() -> loader.load(key, context), patience);
        } catch (RuntimeException | Error e) {
            giveBack(List.of(Loaded.nothing(key, answer.lease(), options)));
            return staleInstead(key, answer, e);
        }
        long nanos = coherence.now() - before.at();
        store(loaded(key, value, context.options(), answer, before, nanos), mark, answer);
        return value;
    }

    /** Runs a load under one of the permits. */
    <T extends @Nullable Object> T permitted(Callable<T> load, Patience patience) {
        try {
            if (!permits.tryAcquire(Math.max(0, left(patience)), TimeUnit.NANOSECONDS)) {
                throw timeout(patience);
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
        long start = coherence.now();
        boolean success = false;
        try {
            T loaded = load.call();
            success = true;
            return loaded;
        } catch (RuntimeException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CacheLoadException(name, e);
        } catch (Exception e) {
            throw new CacheLoadException(name, e);
        } finally {
            permits.release();
            counters.loaded(coherence.now() - start, success);
        }
    }

    /**
     * The stale value for a load that failed. If the remote level answered, its word counts: a value that it does not
     * hold may have been invalidated.
     */
    @Nullable
    V staleInstead(K key, Answer<V> answer, Throwable error) {
        if (!(error instanceof Error) && !(error.getCause() instanceof InterruptedException)) {
            V stale = answer.value();
            if (stale == null && answer.kind() == Answer.Kind.AWAY) {
                Entry<V> last = local.lastResort(key);
                stale = last == null ? null : last.value;
            }
            if (stale != null) {
                counters.staleServed.increment();
                return stale;
            }
        }
        if (error instanceof Error fatal) {
            throw fatal;
        }
        throw (RuntimeException) error;
    }

    private void store(Loaded<K, V> loaded, Mark mark, Answer<V> answer) {
        Filled filled = Filled.FAILED;
        if (remote != null && answer.lease() != 0) {
            filled = remote.fill(List.of(loaded)).get(0);
        }
        keepLoaded(loaded, mark, filled);
    }

    Loaded<K, V> loaded(
            K key, @Nullable V value, EntryOptions chosen, Answer<V> answer, Tags.Before before, long nanos) {
        Tags.Seal seal = tags.seal(chosen.tags(), before);
        if (seal == null && remote != null && answer.kind() == Answer.Kind.AWAY) {
            seal = tags.unwatched(chosen.tags(), before);
        }
        Duration ttl = shortened(value == null ? chosen.negativeTtl() : chosen.ttl(), chosen);
        Duration staleFor = value == null ? Duration.ZERO : chosen.staleFor();
        boolean keep = seal != null && !ttl.isZero() && answer.kind() != Answer.Kind.WRITING;
        Tags.Seal known = seal == null ? Tags.Seal.NONE : seal;
        return new Loaded<>(key, answer.lease(), keep, value, ttl, staleFor, chosen, nanos, known);
    }

    /** What a user wrote. */
    Loaded<K, V> written(K key, V value, EntryOptions chosen, Tags.Before before) {
        return loaded(key, value, chosen, Answer.without(Answer.Kind.AWAY, 0), before, 0);
    }

    /** Puts what was loaded, but is in no remote level, into the local one; see the class comment for the rest. */
    void keepLoaded(Loaded<K, V> loaded, Mark mark, Filled filled) {
        if (loaded.keep() && filled == Filled.FAILED) {
            local.insert(loaded.key(), unwatched(loaded, mark), mark);
        }
    }

    /** An entry for the local level alone. With a remote level no feed watches over it. */
    Entry<V> unwatched(Loaded<K, V> loaded, Mark mark) {
        EntryOptions chosen = loaded.chosen();
        Duration full = loaded.value() == null ? chosen.negativeTtl() : chosen.ttl();
        boolean shorter = chosen.localTtl().compareTo(full) < 0; // else the jitter has been applied already
        long fresh = Nanos.of(shorter ? shortened(chosen.localTtl(), chosen) : loaded.ttl());
        return new Entry<>(
                loaded.value(), 0, mark, remote == null, loaded.seal().ofUser(), loaded.span(fresh));
    }

    void giveBack(List<Loaded<K, V>> loaded) {
        List<Loaded<K, V>> leased =
                loaded.stream().filter(each -> each.lease() != 0).toList();
        if (remote != null && !leased.isEmpty()) {
            List<Filled> unused = remote.fill(leased);
        }
    }

    Duration shortened(Duration ttl, EntryOptions chosen) {
        return ttl.minusNanos(jitter(Nanos.of(ttl), chosen));
    }

    private long jitter(long nanos, EntryOptions chosen) {
        return chosen.jitter() == 0 ? 0 : (long) (nanos * chosen.jitter() * random.nextDouble());
    }

    CacheTimeoutException timeout(Patience patience) {
        counters.timeouts.increment();
        return new CacheTimeoutException(name, Duration.ofNanos(coherence.now() - patience.begin));
    }

    String name() {
        return name;
    }

    RandomGenerator random() {
        return random;
    }

    private CancellationException interrupted() {
        Thread.currentThread().interrupt();
        return new CancellationException("cache " + name + ": interrupted while waiting for a value");
    }
}
