// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.concurrent.atomic.AtomicInteger;

/** Failures in a row; a success writes only if there was one. */
final class Streak extends Window {
    private final AtomicInteger failures = new AtomicInteger();

    @Override
    boolean record(BreakerSettings settings, boolean failed, boolean slow, long now) {
        if (failed) {
            return failures.incrementAndGet() >= settings.consecutiveFailures();
        }
        if (failures.get() != 0) {
            failures.set(0);
        }
        return false;
    }

    @Override
    double failureRate() {
        return failures.get() == 0 ? 0 : 1;
    }

    @Override
    double slowRate() {
        return Double.NaN;
    }
}
