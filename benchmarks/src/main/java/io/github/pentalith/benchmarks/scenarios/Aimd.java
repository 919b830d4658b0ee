// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import io.github.pentalith.resilience.Admission;
import io.github.pentalith.resilience.RejectedCallException;

/**
 * An adaptive limit of calls in flight, as simple as one can be: additive increase while calls succeed with the limit
 * in use, multiplicative decrease when a call takes too long. It shows what {@code Bulkhead.adaptive} has to reach.
 * Not thread-safe.
 */
final class Aimd implements Admission {
    private static final double BACK_OFF = 0.8;
    private final double least;
    private final double most;
    private final long slowNanos;
    private double limit;
    private int inFlight;
    private long lastDecrease = Long.MIN_VALUE / 2;

    Aimd(double least, double most, long slowNanos) {
        this.least = least;
        this.most = most;
        this.slowNanos = slowNanos;
        this.limit = least;
    }

    @Override
    public String name() {
        return "aimd";
    }

    @Override
    public RejectedCallException.Reason reason() {
        return RejectedCallException.Reason.BULKHEAD_FULL;
    }

    @Override
    public long tryAcquire(long nowNanos) {
        if (inFlight >= (int) limit) {
            return UNKNOWN_WAIT;
        }
        inFlight++;
        return 1;
    }

    @Override
    public void success(long token, long startNanos, long endNanos) {
        if (endNanos - startNanos > slowNanos) {
            decrease(startNanos, endNanos);
        } else if (2 * inFlight > limit) {
            limit = Math.min(most, limit + 1 / limit);
        }
        inFlight--;
    }

    @Override
    public void failure(long token, long startNanos, long endNanos, Throwable error) {
        if (endNanos - startNanos > slowNanos) {
            decrease(startNanos, endNanos);
        }
        inFlight--;
    }

    /** Once per round trip: calls that began before the last decrease say nothing about the limit after it. */
    private void decrease(long startNanos, long endNanos) {
        if (startNanos - lastDecrease >= 0) {
            limit = Math.max(least, limit * BACK_OFF);
            lastDecrease = endNanos;
        }
    }

    @Override
    public void release(long token) {
        inFlight--;
    }
}
