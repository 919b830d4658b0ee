// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.time.Duration;

/** Checks at the door. */
final class Require {
    private Require() {}

    /** The duration in nanoseconds, as many as fit. */
    static long positiveNanos(String name, Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException(
                    name + " must be positive: " + name + "=" + duration + " (expected: more than 0)");
        }
        return nanos(duration);
    }

    /** The duration in nanoseconds, as many as fit. */
    static long nanos(Duration duration) {
        // Half of the range, so that sums and differences with a clock's reading cannot overflow.
        Duration most = Duration.ofNanos(Long.MAX_VALUE / 2);
        return duration.compareTo(most) > 0 ? Long.MAX_VALUE / 2 : duration.toNanos();
    }

    static int atLeast(String name, int least, int value) {
        if (value < least) {
            throw new IllegalArgumentException(
                    name + " must be in range: " + name + "=" + value + " (expected: " + least + " or more)");
        }
        return value;
    }

    static double share(String name, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    name + " must be in range: " + name + "=" + value + " (expected: 0 to 1)");
        }
        return value;
    }
}
