// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.Answer.Kind;
import io.github.pentalith.cache.RemoteStore.Fetched;
import io.github.pentalith.cache.RemoteStore.Fill;
import io.github.pentalith.cache.TieredCache.RemoteState;
import io.github.pentalith.cache.Wire.Stamp;
import io.github.pentalith.cache.Wire.Tagged;
import io.github.pentalith.resilience.CheckedSupplier;
import io.github.pentalith.resilience.Pipeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The remote level as the cache uses it: typed, through the pipeline, never throwing at a reader; and the listener of
 * its feed.
 *
 * <p>A write that did not reach the store, or may not have, leaves a <em>debt</em>: the key must be invalidated there
 * before anybody believes the store about it. Until then this process does not ask the store for that key. Debts are
 * paid by the feed's thread, before the feed counts as live and at each heartbeat. Values are never re-sent: by then
 * another process may have written a newer one, and an invalidation is right whatever happened meanwhile.
 */
final class RemoteLevel<K, V> implements RemoteStore.Feed {
    private static final Logger LOG = LoggerFactory.getLogger(TieredCache.class);

    /** Of {@link #write}, {@link #settle} and {@link #mark}: the store did not say. */
    static final long FAILED = -1;

    private static final int BATCH = 256;
    private static final byte[] NO_VALUE = {};

    /** Tags that nobody looked at for so long are forgotten: then their entries are loaded again. */
    private static final Duration TAG_TTL = Duration.ofDays(30);

    private final String name;
    private final RemoteStore store;
    private final Pipeline pipeline;
    private final Runnable revive;
    private final KeyEncoder<K> keys;
    private final Wire<V> wire;
    private final int maximumValueBytes;
    private final boolean strict;
    private final Coherence coherence;
    private final LocalLevel<K, V> local;
    private final Counters counters;
    private final Tags tags;
    private final Debts<K> debts = new Debts<>();
    private final Debts<String> tagDebts = new Debts<>();
    private volatile RemoteState state = RemoteState.UNVERIFIED;
    private RemoteStore.@Nullable Subscription subscription;

    /** {@code revive}: closes the breaker, once the store is known to work. */
    RemoteLevel(
            CacheBuilder<K, V> settings,
            RemoteStore store,
            Pipeline pipeline,
            Runnable revive,
            KeyEncoder<K> keys,
            Codec<V> codec,
            LocalLevel<K, V> local,
            Coherence coherence,
            Counters counters) {
        this.name = settings.name;
        this.store = store;
        this.pipeline = pipeline;
        this.revive = revive;
        this.keys = keys;
        this.wire = new Wire<>(codec);
        this.maximumValueBytes = settings.maximumValueBytes;
        this.strict = settings.strictWrites;
        this.local = local;
        this.coherence = coherence;
        this.counters = counters;
        this.tags = new Tags(coherence, this::versions, local::dropDead);
    }

    Tags tags() {
        return tags;
    }

    void subscribe() {
        subscription = store.subscribe(keys.prefix(), this);
    }

    void close() {
        if (subscription != null) {
            subscription.close();
        }
    }

    // Reading

    /** One answer per key. Does not throw what the store throws. */
    List<Answer<V>> fetch(List<K> wanted, Duration lease) {
        return answers(wanted, lease, asked -> store.fetch(asked, lease));
    }

    /** The same for keys that were not there a moment ago. */
    List<Answer<V>> lease(List<K> wanted, Duration lease) {
        List<Long> none = Collections.nCopies(wanted.size(), 0L);
        return answers(wanted, lease, asked -> store.refetch(asked, none.subList(0, asked.size()), lease));
    }

    /** The same for one key where the value of a version counts as none. */
    Answer<V> refetch(K wanted, long version, Duration lease) {
        return answers(List.of(wanted), lease, asked -> store.refetch(asked, List.of(version), lease))
                .get(0);
    }

    private List<Answer<V>> answers(List<K> wanted, Duration lease, Function<List<byte[]>, List<Fetched>> how) {
        List<byte[]> asked = new ArrayList<>(wanted.size());
        boolean[] owed = new boolean[wanted.size()];
        for (int i = 0; i < owed.length; i++) {
            owed[i] = debts.owes(wanted.get(i));
            if (!owed[i]) {
                asked.add(keys.encode(wanted.get(i)));
            }
        }
        List<Answer<V>> verified = verified(asked, answered(asked, how), lease);
        if (asked.size() == wanted.size()) {
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
            return call(() -> how.apply(asked));
        } catch (RuntimeException e) {
            LOG.debug("cache {}: the remote level did not answer", name, e);
            return List.of();
        }
    }

    /** Answers whose tags hold; those that have outlived a tag are asked for again, once. */
    private List<Answer<V>> verified(List<byte[]> asked, List<Fetched> fetched, Duration lease) {
        List<Answer<V>> answers = new ArrayList<>(asked.size());
        if (fetched.isEmpty()) {
            asked.forEach(key -> answers.add(Answer.without(Kind.AWAY, 0)));
            return answers;
        }
        List<Read<V>> reads = new ArrayList<>(asked.size());
        for (int i = 0; i < asked.size(); i++) {
            reads.add(read(asked.get(i), fetched.get(i), lease));
        }
        learnTags(reads);
        List<Integer> outlived = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            Answer<V> answer = answer(reads.get(i), lease);
            if (answer.kind() == Kind.BUSY && reads.get(i).stamp != null) {
                outlived.add(i);
            }
            answers.add(answer);
        }
        if (!outlived.isEmpty()) {
            List<byte[]> again = outlived.stream().map(asked::get).toList();
            List<Long> versions =
                    outlived.stream().map(i -> fetched.get(i).version()).toList();
            List<Fetched> newer = answered(again, those -> store.refetch(those, versions, lease));
            for (int i = 0; i < newer.size(); i++) {
                Read<V> second = read(again.get(i), newer.get(i), lease);
                learnTags(List.of(second));
                answers.set(outlived.get(i), answer(second, lease));
            }
        }
        return answers;
    }

    /** Decoded, tags not yet looked at; no stamp: no value. */
    private record Read<V>(Answer<V> answer, @Nullable Stamp stamp) {}

    private Read<V> read(byte[] key, Fetched fetched, Duration lease) {
        Read<V> read = decoded(fetched, lease);
        if (read != null) {
            return read;
        }
        counters.decodeFailures.increment();
        if (lease.isZero()) {
            return new Read<>(Answer.without(Kind.ABSENT, 0), null);
        }
        // A lease is granted only where there is no value, so the broken one goes.
        List<Fetched> again = answered(List.of(key), broken -> {
            store.invalidate(broken);
            return store.fetch(broken, lease);
        });
        Read<V> second = again.isEmpty() ? null : decoded(again.get(0), lease);
        return second == null ? new Read<>(Answer.without(Kind.AWAY, 0), null) : second;
    }

    /** Null if the bytes are broken or foreign. */
    private @Nullable Read<V> decoded(Fetched fetched, Duration lease) {
        byte[] bytes = fetched.value();
        if (bytes == null) {
            Kind kind = fetched.lease() != 0
                    ? Kind.LEASE
                    : fetched.busy() ? Kind.BUSY : lease.isZero() ? Kind.ABSENT : Kind.WRITING;
            return new Read<>(Answer.without(kind, fetched.lease()), null);
        }
        try {
            Wire.Decoded<V> decoded = wire.read(bytes);
            Stamp stamp = decoded.stamp();
            long fresh = Nanos.of(fetched.fresh());
            Kind kind = fresh > 0 ? Kind.HIT : fetched.lease() != 0 ? Kind.LEASE : Kind.STALE;
            Entry.Span span = new Entry.Span(
                    fresh,
                    fresh,
                    Nanos.of(fetched.stale()),
                    stamp.aheadMillis() * 1_000_000,
                    stamp.spreadMicros() * 1_000);
            return new Read<>(
                    new Answer<>(kind, decoded.value(), fetched.version(), span, Tags.Seal.NONE, fetched.lease()),
                    stamp);
        } catch (RuntimeException e) {
            LOG.debug("cache {}: the remote level holds bytes that are not ours", name, e);
            return null;
        }
    }

    /** One trip for all tags that are not known. */
    private void learnTags(List<Read<V>> reads) {
        Set<String> all = null;
        for (Read<V> read : reads) {
            if (read.stamp != null && !read.stamp.tags().isEmpty()) {
                all = all == null ? new LinkedHashSet<>(List.of(Tags.ALL)) : all;
                for (Tagged tagged : read.stamp.tags()) {
                    all.add(tagged.tag());
                }
            }
        }
        if (all != null) {
            List<Tags.State> unused = tags.states(List.copyOf(all));
        }
    }

    /** Busy: a value that outlived one of its tags; who is not given the lease for it waits for who has it. */
    private Answer<V> answer(Read<V> read, Duration lease) {
        Stamp stamp = read.stamp;
        Answer<V> plain = read.answer;
        if (stamp == null) {
            return plain;
        }
        Tags.Seal now = tags.now(stamp.tags());
        if (now == null) {
            return Answer.without(Kind.AWAY, 0); // a lease lapses
        }
        if (now.has(stamp)) {
            return new Answer<>(plain.kind(), plain.value(), plain.version(), plain.span(), now, plain.lease());
        }
        Kind kind = plain.kind() == Kind.LEASE ? Kind.LEASE : lease.isZero() ? Kind.ABSENT : Kind.BUSY;
        return Answer.without(kind, plain.lease());
    }

    /** The versions of tags in the store. Who misses one creates it with a version that it never had. */
    private List<Long> versions(List<String> asked) {
        List<byte[]> where = new ArrayList<>(asked.size());
        for (String tag : asked) {
            if (tagDebts.owes(tag) || tagDebts.owes(Tags.ALL)) {
                throw new IllegalStateException("an invalidation of the tag waits for the remote level");
            }
            where.add(keys.encodeTag(tag));
        }
        return call(() -> {
            List<Fetched> found = store.fetch(where, Duration.ZERO);
            List<Long> versions = new ArrayList<>(found.size());
            for (int i = 0; i < found.size(); i++) {
                versions.add(
                        found.get(i).version() == 0
                                ? created(where.get(i))
                                : found.get(i).version());
            }
            return versions;
        });
    }

    private long created(byte[] tag) {
        long version = store.write(tag, 0, NO_VALUE, TAG_TTL, Duration.ZERO);
        return version != 0 // else somebody was faster
                ? version
                : store.fetch(List.of(tag), Duration.ZERO).get(0).version();
    }

    // Filling

    enum Filled {
        STORED,
        /** The lease was void: an invalidation came meanwhile, or it lapsed. */
        REFUSED,
        /** Not stored, or perhaps; the store did not say. */
        FAILED
    }

    List<Filled> fill(List<Loaded<K, V>> loaded) {
        List<Fill> fills = new ArrayList<>(loaded.size());
        for (Loaded<K, V> each : loaded) {
            byte[] bytes = bytesOf(each);
            fills.add(new Fill(keys.encode(each.key()), each.lease(), bytes, each.ttl(), each.staleFor()));
        }
        List<Long> versions = null;
        try {
            versions = call(() -> store.fill(fills));
        } catch (RuntimeException e) {
            LOG.debug("cache {}: the remote level did not take a value", name, e);
        }
        List<Filled> outcomes = new ArrayList<>(loaded.size());
        for (int i = 0; i < fills.size(); i++) {
            if (versions == null || fills.get(i).value() == null) {
                outcomes.add(Filled.FAILED);
            } else if (versions.get(i) == 0) {
                counters.remoteRefused.increment();
                outcomes.add(Filled.REFUSED);
            } else {
                outcomes.add(Filled.STORED);
            }
        }
        return outcomes;
    }

    /** Null if the value cannot be stored. */
    private byte @Nullable [] bytesOf(Loaded<K, V> loaded) {
        if (!loaded.keep() || !loaded.seal().complete()) {
            return null;
        }
        try {
            byte[] bytes = wire.encode(loaded.value(), loaded.stamp());
            if (bytes.length <= maximumValueBytes) {
                return bytes;
            }
            LOG.debug("cache {}: a value of {} bytes is too large for the remote level", name, bytes.length);
        } catch (RuntimeException e) {
            LOG.debug("cache {}: a value cannot be encoded", name, e);
        }
        counters.encodeFailures.increment();
        return null;
    }

    // Writing

    /**
     * Stores a value whatever is there; if that fails, the store will not have an older one for long.
     *
     * @return the version; 0 if a write is under way, so that nobody may keep the value; {@link #FAILED}
     */
    long write(Loaded<K, V> written) {
        byte[] bytes = bytesOf(written);
        K key = written.key();
        if (bytes == null) {
            invalidate(List.of(key));
            return FAILED;
        }
        return settled(List.of(key), () -> write(written, RemoteStore.ANY_VERSION, bytes));
    }

    private long write(Loaded<K, V> written, long ifVersion, byte[] bytes) {
        return store.write(keys.encode(written.key()), ifVersion, bytes, written.ttl(), written.staleFor());
    }

    /** Throws what the store throws: nobody but it can say. */
    boolean replace(Loaded<K, V> written, long ifVersion) {
        byte[] bytes = bytesOf(written);
        if (bytes == null) {
            throw new IllegalArgumentException("value must fit the remote level: cache=" + name
                    + " (expected: encodable, at most " + maximumValueBytes + " bytes)");
        }
        // What the store has of a key that is owed to it is no longer true, whatever its version.
        return !debts.owes(written.key()) && call(() -> write(written, ifVersion, bytes)) != 0;
    }

    void invalidate(List<K> dropped) {
        for (int from = 0; from < dropped.size(); from += BATCH) {
            List<K> batch = dropped.subList(from, Math.min(dropped.size(), from + BATCH));
            long unused = settled(batch, () -> {
                store.invalidate(encoded(batch));
                return 0L;
            });
        }
    }

    void invalidateTag(String tag) {
        try {
            call(() -> {
                renew(List.of(tag));
                return true;
            });
        } catch (RuntimeException e) {
            if (strict) {
                throw e;
            }
            tagDebts.add(tag);
        }
    }

    /**
     * Removes tags and creates them again: the removal of a key that the store has lost (a failover, SWAPDB) is no
     * change, and feeds would not tell of it.
     */
    private void renew(List<String> dropped) {
        List<byte[]> where = dropped.stream().map(keys::encodeTag).toList();
        store.invalidate(where);
        for (byte[] tag : where) {
            long unused = created(tag);
        }
    }

    /**
     * Begins a write; see {@link RemoteStore#mark}.
     *
     * @return the mark; 0 if another version was there; {@link #FAILED}, then the key is owed
     */
    long mark(K key, long ifVersion, Duration atMost) {
        if (ifVersion == RemoteStore.ANY_VERSION) {
            return settled(List.of(key), () -> store.mark(keys.encode(key), ifVersion, atMost));
        }
        return debts.owes(key) ? 0 : call(() -> store.mark(keys.encode(key), ifVersion, atMost));
    }

    /** Ends a write; {@code written}: null for no value. Returns whether the store has the value now. */
    boolean settle(K key, long mark, @Nullable Loaded<K, V> written) {
        if (mark <= 0) {
            invalidate(List.of(key));
            return false;
        }
        byte[] bytes = written == null ? null : bytesOf(written);
        Duration ttl = written == null ? Duration.ZERO : written.ttl();
        Duration staleFor = written == null ? Duration.ZERO : written.staleFor();
        return settled(List.of(key), () -> store.settle(keys.encode(key), mark, bytes, ttl, staleFor) ? 1L : 0L) == 1;
    }

    private long settled(List<K> written, Supplier<Long> work) {
        try {
            return call(work::get);
        } catch (RuntimeException e) {
            if (strict) {
                throw e;
            }
            LOG.debug("cache {}: an invalidation waits for the remote level", name, e);
            written.forEach(debts::add);
            return FAILED;
        }
    }

    private List<byte[]> encoded(List<K> plain) {
        List<byte[]> bytes = new ArrayList<>(plain.size());
        for (K key : plain) {
            bytes.add(keys.encode(key));
        }
        return bytes;
    }

    long debts() {
        return debts.count() + tagDebts.count();
    }

    /** On the feed's thread, past the breaker: this is how it is found out that the store works again. */
    private void payDebts() {
        Runnable everything = () -> renew(List.of(Tags.ALL));
        debts.pay(BATCH, everything, batch -> store.invalidate(encoded(batch)));
        tagDebts.pay(BATCH, everything, this::renew);
    }

    private void tryPayDebts() {
        if (debts() > 0) {
            try {
                payDebts();
            } catch (RuntimeException e) {
                LOG.debug("cache {}: invalidations still wait for the remote level", name, e);
            }
        }
    }

    private <T> T call(CheckedSupplier<T, RuntimeException> work) {
        long start = coherence.now();
        boolean success = false;
        try {
            T result = pipeline.call(work);
            success = true;
            return result;
        } finally {
            counters.remoteCalled(coherence.now() - start, success);
        }
    }

    // The feed

    @Override
    public long now() {
        return coherence.now();
    }

    @Override
    public void live() {
        payDebts();
        coherence.feedBegan();
        revive.run();
        state = RemoteState.LIVE;
        LOG.info("cache {}: the feed of invalidations is live", name);
        counters.remoteChanged(RemoteState.LIVE);
    }

    @Override
    public void changed(byte[] key) {
        counters.invalidationsReceived.increment();
        K decoded;
        try {
            String tag = keys.tag(key);
            if (tag != null) {
                tags.invalidated(tag);
                return;
            }
            decoded = keys.decode(key);
        } catch (RuntimeException e) {
            return; // no key of ours has these bytes
        }
        local.invalidate(decoded);
    }

    @Override
    public void flushed() {
        counters.invalidationsReceived.increment();
        local.clear();
    }

    @Override
    public void verified(long asOf) {
        coherence.verified(asOf);
        tryPayDebts();
    }

    @Override
    public void lost(Exception cause) {
        if (state == RemoteState.LIVE) {
            state = RemoteState.UNVERIFIED;
            counters.feedLosses.increment();
            LOG.warn("cache {}: the feed of invalidations is lost: {}", name, cause.toString());
            counters.remoteChanged(RemoteState.UNVERIFIED);
        }
        tryPayDebts();
    }

    RemoteState state() {
        return state;
    }

    @Override
    public String toString() {
        return store + ", pipeline=" + pipeline.name() + ", strictWrites=" + strict;
    }
}
