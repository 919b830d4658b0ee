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
    /** The epoch of values that no feed watches over: loaded while the remote level was away, or not stored in it. */
    static final long UNWATCHED = -1;

    static final long UNBOUNDED = Long.MAX_VALUE;

    private static final int STRIPES = 1 << 12;

    private final AtomicLongArray stripes = new AtomicLongArray(STRIPES);
    private final AtomicLong tagInvalidations = new AtomicLong();
    private final ReentrantLock changing = new ReentrantLock(); // some ten changes a second; readers never lock
    private volatile View view;
    private final LongSupplier ticker;
    private final long boundNanos;

    /** One immutable object, so that a reader never sees a new proof with an old epoch. */
    record View(long epoch, long generation, long verifiedAt) {}

    /** The state of the guard before somebody was asked. */
    record Mark(int stripe, long count, long tags, long epoch, long generation, long askedAt) {}

    Coherence(LongSupplier ticker, long boundNanos) {
        this.ticker = ticker;
        this.boundNanos = boundNanos;
        this.view = new View(0, 0, ticker.getAsLong());
    }

    long now() {
        return ticker.getAsLong();
    }

    Mark mark(Object key) {
        int stripe = stripe(key);
        long count = stripes.get(stripe);
        long tags = tagInvalidations.get();
        View current = view;
        return new Mark(stripe, count, tags, current.epoch, current.generation, now());
    }

    boolean unchanged(Mark mark) {
        View current = view;
        return stripes.get(mark.stripe) == mark.count
                && current.epoch == mark.epoch
                && current.generation == mark.generation;
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
        change(old -> new View(old.epoch + 1, old.generation, old.verifiedAt));
    }

    /** Before everything is removed. */
    void dropped() {
        change(old -> new View(old.epoch, old.generation + 1, old.verifiedAt));
    }

    void verified(long asOf) {
        change(old -> asOf - old.verifiedAt > 0 ? new View(old.epoch, old.generation, asOf) : old);
    }

    private void change(UnaryOperator<View> next) {
        changing.lock();
        try {
            view = next.apply(view);
        } finally {
            changing.unlock();
        }
    }

    /** The age of the youngest proof; what {@code maxUnverified} bounds. */
    long unverifiedNanos() {
        return Math.max(0, now() - view.verifiedAt);
    }

    /** Whether what was asked for then may be given now. Three reads and no write. */
    boolean trusts(long askedAt, long epoch, long generation, long now) {
        View current = view;
        if (generation != current.generation) {
            return false;
        }
        if (boundNanos == UNBOUNDED) {
            return true;
        }
        long proof = epoch == current.epoch && current.verifiedAt - askedAt > 0 ? current.verifiedAt : askedAt;
        return now - proof <= boundNanos;
    }

    boolean sameGeneration(long generation) {
        return generation == view.generation;
    }

    private static int stripe(Object key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return hash >>> (32 - 12);
    }
}
