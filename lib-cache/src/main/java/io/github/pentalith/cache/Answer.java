// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import org.jspecify.annotations.Nullable;

/**
 * What the remote level says about a key, decoded.
 *
 * @param value of a hit (null: a remembered absence), or the stale value
 * @param lease what gives the right to fill, 0 if none
 */
record Answer<V>(Kind kind, @Nullable V value, long version, long freshNanos, long staleNanos, long lease) {
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
        /** The remote level could not be asked. */
        AWAY
    }

    static <V> Answer<V> without(Kind kind, long lease) {
        return new Answer<>(kind, null, 0, 0, 0, lease);
    }
}
