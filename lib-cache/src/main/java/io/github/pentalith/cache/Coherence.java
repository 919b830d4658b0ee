// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * What this process knows about the truth of what it holds: the fill guard and the proof of age.
 *
 * <p><b>Fill guard.</b> Whoever asks anybody for a value takes a {@link Mark} first. The value may be held only if,
 * inside the atomic insertion, the mark is still {@linkplain #unchanged unchanged}. An invalidation first counts up the
 * stripe of its key, then removes the key. So either the insertion comes first and is removed, or the count comes first
 * and the insertion is refused; it cannot be too late for both.
 *
 * <p><b>Proof of age.</b> The feed's heartbeat was sent at {@code verifiedAt} and answered on the same connection, so
 * all invalidations acknowledged before that time have been heard. What was asked for at {@code askedAt} cannot be
 * older than that. A value is therefore at most {@code now - max(askedAt, verifiedAt)} behind, and trusted while that
 * is within the bound. The heartbeat counts only for values that were asked for since the feed last began ({@code
 * epoch}); for others a message may have been lost between. A {@code generation} ends when everything was dropped: an
 * insertion that straddles it is dead whatever its age.
 */
final class Coherence {
    static final long UNBOUNDED = Long.MAX_VALUE;

    private static final int STRIPES = 1 << 12;

    private final AtomicLongArray stripes = new AtomicLongArray(STRIPES);
    private final AtomicLong tagInvalidations = new AtomicLong();
    private final ReentrantLock changing = new ReentrantLock(); // some ten changes a second; readers never lock
    private volatile Era era;
    private final LongSupplier ticker;
    private final long boundNanos;

    /**
     * A stretch of time in which nothing was dropped and the feed did not begin anew. What was asked for in it is
     * vouched for by its own proof only, so that nobody ever takes a new proof for an old entry.
     */
    static final class Era {
        final long epoch;
        final long generation;
        private volatile long verifiedAt;
        private volatile long trustedUntil; // long ago once it has ended

        private Era(long epoch, long generation, long verifiedAt, long trustedUntil) {
            this.epoch = epoch;
            this.generation = generation;
            this.verifiedAt = verifiedAt;
            this.trustedUntil = trustedUntil;
        }

        /** Whether its proof alone is enough: one comparison, which most hits need no more than. */
        boolean vouches(long now) {
            return now - trustedUntil < 0;
        }
    }

    /** The state of the guard before somebody was asked. */
    record Mark(int stripe, long count, long tags, Era era, long askedAt) {}

    Coherence(LongSupplier ticker, long boundNanos) {
        this.ticker = ticker;
        this.boundNanos = boundNanos;
        long now = ticker.getAsLong();
        this.era = new Era(0, 0, now, trustedUntil(now));
    }

    private long trustedUntil(long verifiedAt) {
        return verifiedAt + Math.min(boundNanos, Entry.FOREVER);
    }

    long now() {
        return ticker.getAsLong();
    }

    Mark mark(Object key) {
        int stripe = stripe(key);
        long count = stripes.get(stripe);
        long tags = tagInvalidations.get();
        Era current = era;
        return new Mark(stripe, count, tags, current, now());
    }

    /** The same for one of many keys that are asked for together, after a time that was read before. */
    Mark mark(Object key, long now) {
        int stripe = stripe(key);
        return new Mark(stripe, stripes.get(stripe), tagInvalidations.get(), era, now);
    }

    @SuppressWarnings("ReferenceEquality") // an era is its identity
    boolean unchanged(Mark mark) {
        return stripes.get(mark.stripe) == mark.count && era == mark.era;
    }

    /** Before a key is removed. */
    void invalidated(Object key) {
        stripes.incrementAndGet(stripe(key));
    }

    /** Before a tag's version is forgotten. */
    void tagInvalidated(String tag) {
        tagInvalidations.incrementAndGet();
        stripes.incrementAndGet(stripe(tag));
    }

    /** How many invalidations of tags this process has heard of. */
    long tagInvalidations() {
        return tagInvalidations.get();
    }

    /** The feed begins (again): what was asked for before is no longer vouched for by heartbeats. */
    void feedBegan() {
        change(old -> new Era(old.epoch + 1, old.generation, old.verifiedAt, old.trustedUntil));
    }

    /** Before everything is removed. */
    void dropped() {
        change(old -> new Era(old.epoch, old.generation + 1, old.verifiedAt, old.trustedUntil));
    }

    private void change(UnaryOperator<Era> next) {
        changing.lock();
        try {
            Era old = era;
            era = next.apply(old);
            old.trustedUntil = now() - Entry.FOREVER;
        } finally {
            changing.unlock();
        }
    }

    void verified(long asOf) {
        changing.lock();
        try {
            Era current = era;
            if (asOf - current.verifiedAt > 0) {
                current.verifiedAt = asOf;
                current.trustedUntil = trustedUntil(asOf);
            }
        } finally {
            changing.unlock();
        }
    }

    /** The age of the youngest proof; what {@code maxUnverified} bounds. */
    long unverifiedNanos() {
        return Math.max(0, now() - era.verifiedAt);
    }

    /** Whether what was asked for then, in a certain era, may be given now. Some reads and no write. */
    @SuppressWarnings("ReferenceEquality") // an era is its identity
    boolean trusts(long askedAt, Era of, boolean watched, long now) {
        Era current = era;
        if (of.generation != current.generation) {
            return false;
        }
        if (boundNanos == UNBOUNDED) {
            return true;
        }
        long verifiedAt = current.verifiedAt;
        long proof = watched && of == current && verifiedAt - askedAt > 0 ? verifiedAt : askedAt;
        return now - proof <= boundNanos;
    }

    boolean sameGeneration(Era of) {
        return of.generation == era.generation;
    }

    private static int stripe(Object key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return hash >>> (32 - 12);
    }
}
