// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.Answer.Kind;
import io.github.pentalith.cache.RemoteStore.Fetched;
import io.github.pentalith.cache.RemoteStore.Fill;
import io.github.pentalith.cache.TieredCache.RemoteState;
import io.github.pentalith.resilience.CheckedSupplier;
import io.github.pentalith.resilience.Pipeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

    /** More debts than these become one: everything. */
    static final int MAXIMUM_DEBTS = 100_000;

    private static final int BATCH = 256;

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
    private final Map<K, Object> debts = new ConcurrentHashMap<>();
    private volatile @Nullable Object totalDebt;
    private volatile RemoteState state = RemoteState.UNVERIFIED;
    private RemoteStore.@Nullable Subscription subscription;

    /** {@code revive}: closes the breaker, once the store is known to work. */
    RemoteLevel(
            TieredCache.Builder<K, V> settings,
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
        List<byte[]> asked = new ArrayList<>(wanted.size());
        boolean[] owed = new boolean[wanted.size()];
        for (int i = 0; i < owed.length; i++) {
            owed[i] = owes(wanted.get(i));
            if (!owed[i]) {
                asked.add(keys.encode(wanted.get(i)));
            }
        }
        List<Fetched> fetched = fetchBytes(asked, lease);
        List<Answer<V>> answers = new ArrayList<>(owed.length);
        int next = 0;
        for (boolean away : owed) {
            if (away || fetched == null) {
                answers.add(Answer.without(Kind.AWAY, 0));
            } else {
                answers.add(answer(asked.get(next), fetched.get(next), lease));
                next++;
            }
        }
        return answers;
    }

    private @Nullable List<Fetched> fetchBytes(List<byte[]> asked, Duration lease) {
        if (asked.isEmpty()) {
            return List.of();
        }
        try {
            return call(() -> store.fetch(asked, lease));
        } catch (RuntimeException e) {
            LOG.debug("cache {}: the remote level did not answer", name, e);
            return null;
        }
    }

    private Answer<V> answer(byte[] key, Fetched fetched, Duration lease) {
        Answer<V> answer = decoded(fetched);
        if (answer != null) {
            return answer;
        }
        counters.decodeFailures.increment();
        if (lease.isZero()) {
            return Answer.without(Kind.ABSENT, 0);
        }
        // A lease is granted only where there is no value, so the broken one goes.
        try {
            call(() -> {
                store.invalidate(List.of(key));
                return true;
            });
        } catch (RuntimeException e) {
            return Answer.without(Kind.AWAY, 0);
        }
        List<Fetched> again = fetchBytes(List.of(key), lease);
        Answer<V> second = again == null ? null : decoded(again.get(0));
        return second == null ? Answer.without(Kind.AWAY, 0) : second;
    }

    /** Null if the bytes are broken or foreign. */
    private @Nullable Answer<V> decoded(Fetched fetched) {
        byte[] bytes = fetched.value();
        if (bytes == null) {
            return Answer.without(
                    fetched.lease() != 0 ? Kind.LEASE : fetched.busy() ? Kind.BUSY : Kind.ABSENT, fetched.lease());
        }
        try {
            V value = wire.decode(bytes);
            long fresh = Nanos.of(fetched.fresh());
            Kind kind = fresh > 0 ? Kind.HIT : fetched.lease() != 0 ? Kind.LEASE : Kind.STALE;
            return new Answer<>(kind, value, fetched.version(), fresh, Nanos.of(fetched.stale()), fetched.lease());
        } catch (RuntimeException e) {
            LOG.debug("cache {}: the remote level holds bytes that are not ours", name, e);
            return null;
        }
    }

    // Filling

    enum Filled {
        STORED,
        /** The lease was void: an invalidation came meanwhile, or it lapsed. */
        REFUSED,
        /** Not stored, or perhaps; the store did not say. */
        FAILED
    }

    /** A loaded value on its way; {@code keep} false: only the lease is given back. */
    record Loaded<K, V>(
            K key, long lease, boolean keep, @Nullable V value, Duration ttl, Duration staleFor) {}

    List<Filled> fill(List<Loaded<K, V>> loaded) {
        List<Fill> fills = new ArrayList<>(loaded.size());
        for (Loaded<K, V> each : loaded) {
            byte[] bytes = each.keep() ? bytesOf(each.value()) : null;
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
    private byte @Nullable [] bytesOf(@Nullable V value) {
        try {
            byte[] bytes = wire.encode(value);
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

    /** Whether the store has the value now; if not, it will not have an older one for long. */
    boolean write(K key, V value, Duration ttl, Duration staleFor) {
        byte[] bytes = bytesOf(value);
        if (bytes == null) {
            invalidate(List.of(key));
            return false;
        }
        return settled(
                List.of(key), () -> store.write(keys.encode(key), RemoteStore.ANY_VERSION, bytes, ttl, staleFor));
    }

    void invalidate(List<K> dropped) {
        for (int from = 0; from < dropped.size(); from += BATCH) {
            List<K> batch = dropped.subList(from, Math.min(dropped.size(), from + BATCH));
            boolean unused = settled(batch, () -> {
                store.invalidate(encoded(batch));
                return 0L;
            });
        }
    }

    void clear() {
        try {
            call(() -> {
                store.clear(keys.prefix());
                return true;
            });
        } catch (RuntimeException e) {
            if (strict) {
                throw e;
            }
            totalDebt = new Object();
        }
    }

    private boolean settled(List<K> written, Supplier<Long> work) {
        try {
            long unused = call(work::get);
            return true;
        } catch (RuntimeException e) {
            if (strict) {
                throw e;
            }
            LOG.debug("cache {}: an invalidation waits for the remote level", name, e);
            for (K key : written) {
                if (debts.size() < MAXIMUM_DEBTS) {
                    debts.put(key, new Object());
                } else {
                    totalDebt = new Object();
                }
            }
            return false;
        }
    }

    private List<byte[]> encoded(List<K> plain) {
        List<byte[]> bytes = new ArrayList<>(plain.size());
        for (K key : plain) {
            bytes.add(keys.encode(key));
        }
        return bytes;
    }

    private boolean owes(K key) {
        return totalDebt != null || (!debts.isEmpty() && debts.containsKey(key));
    }

    long debts() {
        return (long) debts.size() + (totalDebt == null ? 0 : 1);
    }

    /** On the feed's thread, past the breaker: this is how it is found out that the store works again. */
    @SuppressWarnings("ReferenceEquality") // a debt is its identity: a later one is not paid by an earlier payment
    private void payDebts() {
        Object total = totalDebt;
        if (total != null) {
            store.clear(keys.prefix());
            if (totalDebt == total) { // only this thread sets it to null
                totalDebt = null;
            }
        }
        List<Map.Entry<K, Object>> due = new ArrayList<>(debts.entrySet());
        for (int from = 0; from < due.size(); from += BATCH) {
            List<Map.Entry<K, Object>> batch = due.subList(from, Math.min(due.size(), from + BATCH));
            store.invalidate(encoded(batch.stream().map(Map.Entry::getKey).toList()));
            // A debt that was renewed meanwhile is another object and stays.
            batch.forEach(debt -> debts.remove(debt.getKey(), debt.getValue()));
        }
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
