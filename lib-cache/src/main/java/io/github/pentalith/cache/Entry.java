// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import org.jspecify.annotations.Nullable;

/** A value of the local level. Immutable, safely published by final fields; a null value is a remembered absence. */
final class Entry<V> {
    /** Longer than any process lives, and far from overflow. */
    private static final long FOREVER = Long.MAX_VALUE / 4;

    final @Nullable V value;
    final long version;
    final long askedAt;
    final long epoch;
    final long generation;
    final long freshUntil;
    final long staleUntil;

    /** {@code epoch}: that of the mark, or {@link Coherence#UNWATCHED}. */
    Entry(@Nullable V value, long version, Coherence.Mark mark, long epoch, long freshNanos, long staleNanos) {
        this.value = value;
        this.version = version;
        this.askedAt = mark.askedAt();
        this.epoch = epoch;
        this.generation = mark.generation();
        this.freshUntil = askedAt + Math.min(freshNanos, FOREVER);
        this.staleUntil = freshUntil + (value == null ? 0 : Math.min(staleNanos, FOREVER));
    }

    boolean fresh(long now) {
        return now - freshUntil < 0;
    }

    boolean servable(long now) {
        return now - staleUntil < 0;
    }
}
