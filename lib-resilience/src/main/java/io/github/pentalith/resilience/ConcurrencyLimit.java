// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many calls a {@link Bulkhead} lets run: a fixed number, or one that finds itself by additive increase and
 * multiplicative decrease (AIMD), as TCP does.
 *
 * <p>It grows by one per round of fast calls (at first by one per call, until the first decrease), and shrinks by a fifth
 * when a call takes longer than the target; at most once per round trip, since calls that began before the last decrease
 * say nothing about the limit after it. Calls that leave more than half of the limit unused change nothing: what they
 * show is not the limit's doing. A lost race for the word drops the sample, which costs a little speed of adaptation and
 * keeps healthy traffic from queueing up at one cache line.
 *
 * <p>Source: D. Chiu, R. Jain, "Analysis of the increase and decrease algorithms", 1989, doi:10.1016/0169-7552(89)90019-6.
 */
final class ConcurrencyLimit {
    private static final int FRACTION = 20; // bits
    private static final long ONE = 1L << FRACTION;

    private final long least;
    private final long most;
    private final long targetNanos; // 0: fixed
    private final PaddedLong limit;
    private final AtomicLong lastDecrease = new AtomicLong(Admission.UNTIMED); // UNTIMED: never yet

    private ConcurrencyLimit(int start, int least, int most, long targetNanos) {
        this.limit = new PaddedLong(start * ONE);
        this.least = least * ONE;
        this.most = most * ONE;
        this.targetNanos = targetNanos;
    }

    static ConcurrencyLimit fixed(int limit) {
        return new ConcurrencyLimit(limit, 1, 1, 0);
    }

    static ConcurrencyLimit adaptive(int least, int most, long targetNanos) {
        return new ConcurrencyLimit(Math.min(most, Math.max(least, 32)), least, most, targetNanos);
    }

    boolean isAdaptive() {
        return targetNanos > 0;
    }

    int get() {
        return (int) (limit.get() >> FRACTION);
    }

    void set(int next) {
        limit.set(next * ONE);
    }

    /** Learns from a call that has ended while {@code inFlight} calls, itself included, were under way. */
    void succeeded(long inFlight, long startNanos, long endNanos) {
        long now = limit.get();
        if (2 * ONE * inFlight <= now) {
            return;
        }
        if (endNanos - startNanos > targetNanos) {
            decrease(startNanos, endNanos);
        } else if (now < most) {
            long step = lastDecrease.get() == Admission.UNTIMED ? ONE : ONE * ONE / now;
            limit.compareAndSet(now, Math.min(most, now + step));
        }
    }

    /** A slow failure or a timeout is a sign of overload; a fast one says nothing. */
    void failed(long inFlight, long startNanos, long endNanos, Throwable error) {
        boolean slow = endNanos - startNanos > targetNanos || error instanceof CallTimeoutException;
        if (slow && 2 * ONE * inFlight > limit.get()) {
            decrease(startNanos, endNanos);
        }
    }

    private void decrease(long startNanos, long endNanos) {
        long last = lastDecrease.get();
        boolean first = last == Admission.UNTIMED;
        if ((first || startNanos - last >= 0) && lastDecrease.compareAndSet(last, endNanos)) {
            long now = limit.get();
            while (!limit.compareAndSet(now, Math.max(Math.min(now, least), now - now / 5))) {
                now = limit.get();
            }
        }
    }

    @Override
    public String toString() {
        return isAdaptive()
                ? "adaptive " + (least >> FRACTION) + ".." + (most >> FRACTION) + ", target="
                        + Duration.ofNanos(targetNanos)
                : Integer.toString(get());
    }
}
