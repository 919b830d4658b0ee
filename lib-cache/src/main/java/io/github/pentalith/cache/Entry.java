// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.Coherence.Era;
import io.github.pentalith.cache.Coherence.Mark;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A value of the local level. Immutable but for the claim of its refresh, safely published by final fields; a null
 * value is a remembered absence. What nearly every hit reads is here, in half a cache line, what the others read in
 * {@link Life}.
 */
final class Entry<V> {
    /** Longer than any process lives, and far from overflow. */
    static final long FOREVER = Long.MAX_VALUE / 4;

    final @Nullable V value;
    final Life life;
    private final @Nullable Era vouching;
    private final Tags.State @Nullable [] tags;
    private final long quietUntil;

    /**
     * How long a value counts.
     *
     * @param fresh in this level
     * @param expiry everywhere; what is refreshed early is early before this
     * @param ahead before the expiry begins the time in which the first reader refreshes it
     * @param spread of early refreshes; see {@link Life#due}
     */
    record Span(long fresh, long expiry, long stale, long ahead, long spread) {}

    /** {@code watched}: whether the feed tells of changes. */
    Entry(@Nullable V value, long version, Mark mark, boolean watched, Tags.Seal seal, Span span) {
        this.value = value;
        this.life = new Life(version, mark, value != null, watched, seal, span);
        this.vouching = life.watched ? life.era : null;
        this.tags = seal.toArray();
        this.quietUntil = life.quietUntil();
    }

    /** Neither expired nor due for a refresh, and trusted: most hits need to know no more. */
    boolean quiet(Coherence coherence, long now) {
        return now - quietUntil < 0
                && ((vouching != null && vouching.vouches(now)) || life.trusts(coherence, now))
                && tagsHold();
    }

    /** Neither expired nor untrusted; perhaps due for a refresh. */
    boolean fresh(Coherence coherence, long now) {
        return life.fresh(now) && trusted(coherence, now);
    }

    boolean trusted(Coherence coherence, long now) {
        return life.trusts(coherence, now) && tagsHold();
    }

    boolean sameGeneration(Coherence coherence) {
        return coherence.sameGeneration(life.era) && tagsHold();
    }

    private boolean tagsHold() {
        if (tags != null) {
            for (Tags.State state : tags) {
                if (state.proof == null) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The times of an entry, and who refreshes it. */
    static final class Life {
        /** Beyond so many spreads before the expiry an early refresh has a chance of e^-20. */
        private static final long SPREADS = 20;

        final long version;
        final long askedAt;
        private final Era era;
        private final long provenAt;
        private final boolean watched;
        private final long freshUntil;
        private final long staleUntil;
        private final long expiry;
        private final long ahead;
        private final long spread;
        private final @Nullable AtomicBoolean refresh;

        Life(long version, Mark mark, boolean present, boolean watched, Tags.Seal seal, Span span) {
            this.version = version;
            this.askedAt = mark.askedAt();
            this.era = mark.era();
            // The weakest proof of the value and its tags is the entry's.
            long oldest = askedAt;
            boolean one = watched;
            for (Tags.State state : seal.states()) {
                Mark proof = state.proof;
                if (proof == null) {
                    one = false;
                } else {
                    oldest = proof.askedAt() - oldest < 0 ? proof.askedAt() : oldest;
                    one &= proof.era().epoch == era.epoch;
                }
            }
            this.provenAt = oldest;
            this.watched = one;
            this.freshUntil = askedAt + Math.min(span.fresh, FOREVER);
            this.expiry = askedAt + Math.min(span.expiry, FOREVER);
            this.staleUntil = freshUntil + (present ? Math.min(span.stale, FOREVER) : 0);
            this.ahead = span.ahead;
            this.spread = span.spread;
            this.refresh = ahead > 0 || spread > 0 ? new AtomicBoolean() : null;
        }

        private long quietUntil() {
            long early = expiry - Math.max(ahead, Math.min(spread, FOREVER / SPREADS) * SPREADS);
            return early - freshUntil < 0 ? early : freshUntil;
        }

        boolean fresh(long now) {
            return now - freshUntil < 0;
        }

        private boolean trusts(Coherence coherence, long now) {
            return coherence.trusts(provenAt, era, watched, now);
        }

        boolean servable(long now) {
            return now - staleUntil < 0;
        }

        /**
         * Whether this reader is the one that refreshes the value before it expires: the first within the time ahead, or
         * the one whose dice say so, which gets likelier towards the expiry and never happens to all readers at once
         * (XFetch: Vattani, Chierichetti, Lowenstein, VLDB 2015). True once per entry at most.
         */
        boolean claimRefresh(long now, RandomGenerator random) {
            AtomicBoolean claim = refresh;
            return claim != null
                    && !claim.get()
                    && due(expiry - now, ahead, spread, random)
                    && claim.compareAndSet(false, true);
        }

        void leaveRefresh() {
            if (refresh != null) {
                refresh.set(false);
            }
        }

        static boolean due(long left, long ahead, long spread, RandomGenerator random) {
            return left <= ahead || (spread > 0 && -spread * Math.log(1 - random.nextDouble()) >= left);
        }
    }
}
