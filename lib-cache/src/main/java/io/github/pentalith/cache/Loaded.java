// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.Wire.Stamp;
import io.github.pentalith.cache.Wire.Tagged;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A value on its way from the source into the levels.
 *
 * @param lease the right to fill the remote level, 0 if none
 * @param keep false: it is given to its caller only, and a lease is given back
 * @param ttl jittered
 * @param chosen the options of the entry
 * @param loadNanos how long the load took
 * @param seal its tags as they were before the load
 */
record Loaded<K, V>(
        K key,
        long lease,
        boolean keep,
        @Nullable V value,
        Duration ttl,
        Duration staleFor,
        EntryOptions chosen,
        long loadNanos,
        Tags.Seal seal) {

    /** Nothing was loaded. */
    static <K, V> Loaded<K, V> nothing(K key, long lease, EntryOptions options) {
        return new Loaded<>(key, lease, false, null, Duration.ZERO, Duration.ZERO, options, 0, Tags.Seal.NONE);
    }

    private long aheadNanos() {
        return (long) (Nanos.of(ttl) * chosen.refreshAhead());
    }

    private long spreadNanos() {
        return (long) (loadNanos * chosen.earlyRefresh());
    }

    /** For the local level alone, in which it is fresh for so long. */
    Entry.Span span(long localNanos) {
        long expiry = Nanos.of(ttl);
        return new Entry.Span(Math.min(expiry, localNanos), expiry, Nanos.of(staleFor), aheadNanos(), spreadNanos());
    }

    /** For the remote level. */
    Stamp stamp() {
        long cleared = 0;
        List<Tagged> tags = new ArrayList<>();
        for (Tags.State state : seal.states()) {
            if (state.tag.equals(Tags.ALL)) {
                cleared = state.version;
            } else {
                tags.add(new Tagged(state.tag, state.version));
            }
        }
        return new Stamp(
                cleared,
                TimeUnit.NANOSECONDS.toMillis(aheadNanos()),
                TimeUnit.NANOSECONDS.toMicros(spreadNanos()),
                tags);
    }
}
