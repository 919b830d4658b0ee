// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;

/** Durations as nanoseconds, and the checks of those that come through the door. */
final class Nanos {
    /** Longest wait that is planned with: 146 years, so that a sum of two does not overflow. */
    static final long MAX = Long.MAX_VALUE / 2;

    private Nanos() {}

    /** Nanoseconds of a duration, at most {@link #MAX} and at least its negative. */
    static long saturated(Duration duration) {
        if (duration.toSeconds() >= MAX / 1_000_000_000) {
            return MAX;
        }
        return duration.toSeconds() <= -MAX / 1_000_000_000 ? -MAX : duration.toNanos();
    }

    static long positive(String name, Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(
                    name + " must be positive: " + name + "=" + duration + " (expected: more than PT0S)");
        }
        return saturated(duration);
    }

    static long notNegative(String name, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(
                    name + " must not be negative: " + name + "=" + duration + " (expected: PT0S or more)");
        }
        return saturated(duration);
    }
}
