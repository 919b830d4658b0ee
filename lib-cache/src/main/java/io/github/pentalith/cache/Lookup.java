// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a cache knows about a key. An immutable value.
 *
 * @param <V> the type of the values
 * @param value the value, null if there is none
 * @param source where the answer came from
 * @param version the version of the value in the remote level, 0 if unknown
 * @param age how long ago this process asked for the value that it holds, zero if it did so just now
 * @param stale whether the value has outlived its TTL
 */
public record Lookup<V>(@Nullable V value, Source source, long version, Duration age, boolean stale) {

    static <V> Lookup<V> absent() {
        return new Lookup<>(null, Source.ABSENT, 0, Duration.ZERO, false);
    }

    static <V> Lookup<V> remote(@Nullable V value, long version, boolean stale) {
        return new Lookup<>(value, Source.REMOTE, version, Duration.ZERO, stale);
    }

    /** Where an answer came from. */
    public enum Source {
        /** The local level. */
        LOCAL,
        /** The remote level. */
        REMOTE,
        /** No level knows the key. */
        ABSENT
    }

    /**
     * {@return whether a level knows the key, be it only that it has no value}
     */
    public boolean known() {
        return source != Source.ABSENT;
    }
}
