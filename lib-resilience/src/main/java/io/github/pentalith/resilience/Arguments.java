// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;

/** The checks at the door: constraint, then name and value, then what was expected. */
final class Arguments {
    /** Longest time that is planned with: 146 years, so that a sum of two does not overflow. */
    static final long MAX_NANOS = Long.MAX_VALUE / 2;

    private Arguments() {}

    static String name(String name) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("name must not be blank: name='" + name + "' (expected: a word)");
        }
        return name;
    }

    static int range(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    String.format("%s must be in range: %s=%d (expected: %,d to %,d)", name, name, value, min, max));
        }
        return value;
    }

    static long range(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    String.format("%s must be in range: %s=%d (expected: %,d to %,d)", name, name, value, min, max));
        }
        return value;
    }

    /** A share in (0, 1]. */
    static double share(String name, double value) {
        if (!(value > 0 && value <= 1)) { // so that NaN is refused too
            throw new IllegalArgumentException(
                    name + " must be a share: " + name + "=" + value + " (expected: more than 0, at most 1)");
        }
        return value;
    }

    static long positive(String name, Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(
                    name + " must be positive: " + name + "=" + duration + " (expected: more than PT0S)");
        }
        return nanos(duration);
    }

    static long duration(String name, Duration duration, Duration min, Duration max) {
        if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            throw new IllegalArgumentException(
                    name + " must be in range: " + name + "=" + duration + " (expected: " + min + " to " + max + ")");
        }
        return nanos(duration);
    }

    static long notNegative(String name, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(
                    name + " must not be negative: " + name + "=" + duration + " (expected: PT0S or more)");
        }
        return nanos(duration);
    }

    /** Nanoseconds of a duration, cut off at {@link #MAX_NANOS} and its negative. */
    static long nanos(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds >= MAX_NANOS / 1_000_000_000) {
            return MAX_NANOS;
        }
        return seconds <= -MAX_NANOS / 1_000_000_000 ? -MAX_NANOS : duration.toNanos();
    }
}
