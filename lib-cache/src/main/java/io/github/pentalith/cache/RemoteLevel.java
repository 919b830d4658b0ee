// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.RemoteStore.Fill;
import io.github.pentalith.cache.TieredCache.RemoteState;
import io.github.pentalith.resilience.Pipeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    private final String name;
    private final RemoteStore store;
    private final RemoteCalls calls;
    private final RemoteReads<K, V> reads;
    private final Runnable revive;
    private final KeyEncoder<K> keys;
    private final Wire<V> wire;
    private final int maximumValueBytes;
    private final boolean strict;
    private final Coherence coherence;
    private final LocalLevel<K, V> local;
    private final Counters counters;
    private final Tags tags;
    private final TagVersions tagVersions;
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
        this.calls = new RemoteCalls(pipeline, coherence, counters);
        this.revive = revive;
        this.keys = keys;
        this.wire = new Wire<>(codec);
        this.maximumValueBytes = settings.maximumValueBytes;
        this.strict = settings.strictWrites;
        this.local = local;
        this.coherence = coherence;
        this.counters = counters;
        this.tagVersions = new TagVersions(store, calls, keys, tagDebts);
        this.tags = new Tags(coherence, tagVersions, local::dropDead);
        this.reads = new RemoteReads<>(name, store, calls, keys, wire, debts, tags, counters);
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

    /** What the remote level holds. */
    RemoteReads<K, V> reads() {
        return reads;
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
            versions = calls.call(() -> store.fill(fills));
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
        return !debts.owes(written.key()) && calls.call(() -> write(written, ifVersion, bytes)) != 0;
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
            calls.call(() -> {
                tagVersions.renew(List.of(tag));
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
     * Begins a write; see {@link RemoteStore#mark}.
     *
     * @return the mark; 0 if another version was there; {@link #FAILED}, then the key is owed
     */
    long mark(K key, long ifVersion, Duration atMost) {
        if (ifVersion == RemoteStore.ANY_VERSION) {
            return settled(List.of(key), () -> store.mark(keys.encode(key), ifVersion, atMost));
        }
        return debts.owes(key) ? 0 : calls.call(() -> store.mark(keys.encode(key), ifVersion, atMost));
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
            return calls.call(work::get);
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
        Runnable everything = () -> tagVersions.renew(List.of(Tags.ALL));
        debts.pay(BATCH, everything, batch -> store.invalidate(encoded(batch)));
        tagDebts.pay(BATCH, everything, tagVersions::renew);
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
        return store + ", pipeline=" + calls + ", strictWrites=" + strict;
    }
}
