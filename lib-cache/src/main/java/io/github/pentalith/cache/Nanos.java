// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.time.Duration;

/** Durations as nanoseconds, saturating. */
final class Nanos {
    private Nanos() {}

    static long of(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return duration.isNegative() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }
}
