// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.Answer.Kind;
import io.github.pentalith.cache.RemoteStore.Fetched;
import io.github.pentalith.cache.Wire.Decoded;
import io.github.pentalith.cache.Wire.Stamp;
import io.github.pentalith.cache.Wire.Tagged;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the remote level holds, decoded, and its tags looked at. Never throws what the store throws. */
final class RemoteReads<K, V> {
    private static final Logger LOG = LoggerFactory.getLogger(TieredCache.class);
    private static final Fetched NOTHING = new Fetched(null, 0, Duration.ZERO, Duration.ZERO, 0, false);

    private final String name;
    private final RemoteStore store;
    private final RemoteCalls calls;
    private final KeyEncoder<K> keys;
    private final Wire<V> wire;
    private final Debts<K> debts;
    private final Tags tags;
    private final Counters counters;

    RemoteReads(
            String name,
            RemoteStore store,
            RemoteCalls calls,
            KeyEncoder<K> keys,
            Wire<V> wire,
            Debts<K> debts,
            Tags tags,
            Counters counters) {
        this.name = name;
        this.store = store;
        this.calls = calls;
        this.keys = keys;
        this.wire = wire;
        this.debts = debts;
        this.tags = tags;
        this.counters = counters;
    }

    /** One answer per key. */
    List<Answer<V>> fetch(List<K> wanted, Duration lease) {
        return answers(wanted, lease, true, asked -> store.fetch(asked, lease));
    }

    /** The same for keys that were not there a moment ago, or broken, which was counted then. */
    List<Answer<V>> lease(List<K> wanted, Duration lease) {
        List<Long> none = Collections.nCopies(wanted.size(), 0L);
        return answers(wanted, lease, false, asked -> store.refetch(asked, none.subList(0, asked.size()), lease));
    }

    /** The same for one key where the value of a version counts as none. */
    Answer<V> refetch(K wanted, long version, Duration lease) {
        return answers(List.of(wanted), lease, true, asked -> store.refetch(asked, List.of(version), lease))
                .get(0);
    }

    private List<Answer<V>> answers(
            List<K> wanted, Duration lease, boolean counts, Function<List<byte[]>, List<Fetched>> how) {
        List<byte[]> asked = new ArrayList<>(wanted.size());
        boolean[] owed = new boolean[wanted.size()];
        for (int i = 0; i < owed.length; i++) {
            K key = wanted.get(i);
            owed[i] = debts.owes(key);
            if (!owed[i]) {
                asked.add(keys.encode(key));
            }
        }
        List<Answer<V>> verified = verified(asked, answered(asked, how), lease, counts);
        if (asked.size() == owed.length) {
            return verified;
        }
        List<Answer<V>> answers = new ArrayList<>(owed.length);
        int next = 0;
        for (boolean away : owed) {
            answers.add(away ? Answer.without(Kind.AWAY, 0) : verified.get(next++));
        }
        return answers;
    }

    private List<Fetched> answered(List<byte[]> asked, Function<List<byte[]>, List<Fetched>> how) {
        if (asked.isEmpty()) {
            return List.of();
        }
        try {
            return calls.call(() -> how.apply(asked));
        } catch (RuntimeException e) {
            LOG.debug("cache {}: the remote level did not answer", name, e);
            return List.of();
        }
    }

    /** Answers whose tags hold; those that have outlived a tag are asked for again, once. */
    private List<Answer<V>> verified(List<byte[]> asked, List<Fetched> fetched, Duration lease, boolean counts) {
        List<Answer<V>> answers = new ArrayList<>(asked.size());
        if (fetched.isEmpty()) {
            asked.forEach(key -> answers.add(Answer.without(Kind.AWAY, 0)));
            return answers;
        }
        List<Read<V>> reads = new ArrayList<>(asked.size());
        for (int i = 0; i < asked.size(); i++) {
            reads.add(read(asked.get(i), fetched.get(i), lease, counts));
        }
        learnTags(reads);
        Seals seals = new Seals(tags);
        List<Integer> outlived = null;
        for (int i = 0; i < asked.size(); i++) {
            Answer<V> answer = answer(reads.get(i), seals, lease);
            if (answer.kind() == Kind.BUSY && reads.get(i).content != null) {
                outlived = outlived == null ? new ArrayList<>() : outlived;
                outlived.add(i);
            }
            answers.add(answer);
        }
        if (outlived != null) {
            List<byte[]> again = outlived.stream().map(asked::get).toList();
            List<Long> versions =
                    outlived.stream().map(i -> fetched.get(i).version()).toList();
            List<Fetched> newer = answered(again, those -> store.refetch(those, versions, lease));
            for (int i = 0; i < newer.size(); i++) {
                Read<V> second = read(again.get(i), newer.get(i), lease, true);
                learnTags(List.of(second));
                answers.set(outlived.get(i), answer(second, new Seals(tags), lease));
            }
        }
        return answers;
    }

    /** Decoded, tags not yet looked at; no content: no value. */
    private record Read<V>(
            Kind kind, Fetched fetched, @Nullable Decoded<V> content) {}

    private Read<V> read(byte[] key, Fetched fetched, Duration lease, boolean counts) {
        Read<V> read = decoded(fetched, lease);
        if (read != null) {
            return read;
        }
        if (counts) {
            counters.decodeFailures.increment();
        }
        if (lease.isZero()) {
            return new Read<>(Kind.ABSENT, NOTHING, null);
        }
        // A lease is granted only where there is no value, so the broken one goes.
        List<Fetched> again = answered(List.of(key), broken -> {
            store.invalidate(broken);
            return store.fetch(broken, lease);
        });
        Read<V> second = again.isEmpty() ? null : decoded(again.get(0), lease);
        return second == null ? new Read<>(Kind.AWAY, NOTHING, null) : second;
    }

    /** Null if the bytes are broken or foreign. */
    private @Nullable Read<V> decoded(Fetched fetched, Duration lease) {
        byte[] bytes = fetched.value();
        boolean granted = fetched.lease() != 0;
        if (bytes == null) {
            Kind kind = granted ? Kind.LEASE : fetched.busy() ? Kind.BUSY : lease.isZero() ? Kind.ABSENT : Kind.WRITING;
            return new Read<>(kind, fetched, null);
        }
        try {
            Decoded<V> content = wire.read(bytes);
            Kind kind = !fetched.fresh().isZero() ? Kind.HIT : granted ? Kind.LEASE : Kind.STALE;
            return new Read<>(kind, fetched, content);
        } catch (RuntimeException e) {
            LOG.debug("cache {}: the remote level holds bytes that are not ours", name, e);
            return null;
        }
    }

    /** One trip for all tags that are not known. */
    private void learnTags(List<Read<V>> reads) {
        Set<String> all = null;
        for (Read<V> read : reads) {
            if (read.content != null && !read.content.stamp().tags().isEmpty()) {
                all = all == null ? new LinkedHashSet<>(List.of(Tags.ALL)) : all;
                for (Tagged tagged : read.content.stamp().tags()) {
                    all.add(tagged.tag());
                }
            }
        }
        if (all != null) {
            List<Tags.State> unused = tags.states(List.copyOf(all));
        }
    }

    /** The seals of the values of one answer; those without tags of the user's share one. */
    private static final class Seals {
        private final Tags tags;
        private Tags.@Nullable Seal plain;
        private boolean asked;

        Seals(Tags tags) {
            this.tags = tags;
        }

        Tags.@Nullable Seal of(Stamp stamp) {
            if (!stamp.tags().isEmpty()) {
                return tags.now(stamp.tags());
            }
            if (!asked) {
                plain = tags.now(List.of());
                asked = true;
            }
            return plain;
        }
    }

    /** Busy: a value that outlived one of its tags; who is not given the lease for it waits for who has it. */
    private Answer<V> answer(Read<V> read, Seals seals, Duration lease) {
        Decoded<V> content = read.content;
        Fetched fetched = read.fetched;
        if (content == null) {
            return Answer.without(read.kind, fetched.lease());
        }
        Stamp stamp = content.stamp();
        Tags.Seal now = seals.of(stamp);
        if (now == null) {
            return Answer.without(Kind.AWAY, 0); // a lease lapses
        }
        if (now.has(stamp)) {
            long fresh = Nanos.of(fetched.fresh());
            Entry.Span span = new Entry.Span(
                    fresh,
                    fresh,
                    Nanos.of(fetched.stale()),
                    stamp.aheadMillis() * 1_000_000,
                    stamp.spreadMicros() * 1_000);
            return new Answer<>(read.kind, content.value(), fetched.version(), span, now, fetched.lease());
        }
        Kind kind = read.kind == Kind.LEASE ? Kind.LEASE : lease.isZero() ? Kind.ABSENT : Kind.BUSY;
        return Answer.without(kind, fetched.lease());
    }
}
