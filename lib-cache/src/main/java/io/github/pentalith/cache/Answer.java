// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import org.jspecify.annotations.Nullable;

/**
 * What the remote level says about a key, decoded.
 *
 * @param value of a hit (null: a remembered absence), or the stale value
 * @param span how long it counts from now; for a hit
 * @param seal its tags, which hold
 * @param lease what gives the right to fill, 0 if none
 */
record Answer<V>(Kind kind, @Nullable V value, long version, Entry.Span span, Tags.Seal seal, long lease) {
    private static final Entry.Span NO_TIME = new Entry.Span(0, 0, 0, 0, 0);

    enum Kind {
        /** A fresh value or absence. */
        HIT,
        /** A value past its TTL, and somebody else refreshes it or nobody was asked to. */
        STALE,
        /** Nothing, or nothing fresh, and the lease is ours. */
        LEASE,
        /** Nothing, and somebody else has the lease. */
        BUSY,
        /** Nothing, and no lease was wanted. */
        ABSENT,
        /** Nothing, and a write of it is under way: what is loaded now may be kept nowhere. */
        WRITING,
        /** The remote level could not be asked. */
        AWAY
    }

    static <V> Answer<V> without(Kind kind, long lease) {
        return new Answer<>(kind, null, 0, NO_TIME, Tags.Seal.NONE, lease);
    }
}
