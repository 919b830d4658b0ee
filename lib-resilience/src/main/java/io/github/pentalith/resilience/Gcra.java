// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

/**
 * The arithmetic of the generic cell rate algorithm, on one word: the theoretical arrival time (TAT), which is when
 * the bucket will be full again.
 *
 * <p>A grant of n at time t needs max(TAT, t) + n * interval - t &lt;= burst * interval, and makes the left sum the new TAT.
 * Why the law holds, for whatever order threads come in: let k grants carry times in [s, s + d]. The first of them leaves
 * TAT &gt;= s + interval, each later one adds an interval, so the last leaves TAT &gt;= s + k * interval; it was granted because
 * TAT &lt;= t + burst * interval &lt;= s + d + burst * interval. Hence k &lt;= burst + d / interval.
 *
 * <p>Source: ITU-T I.371, virtual scheduling algorithm.
 */
final class Gcra {
    /** A TAT before the first grant: the bucket is full on whatever clock it is first used. */
    static final long FRESH = Long.MIN_VALUE;

    final Rate rate;
    final long intervalNanos;
    final long toleranceNanos;

    Gcra(Rate rate) {
        this.rate = rate;
        this.intervalNanos = rate.intervalNanos();
        this.toleranceNanos = intervalNanos * rate.burst();
    }

    /** How long a grant must wait, 0 or less if it need not: then the new TAT is {@code now + tolerance + this}. */
    long waitNanos(long tat, long now, long permits) {
        long debt = tat == FRESH || tat - now < 0 ? 0 : tat - now;
        return debt + permits * intervalNanos - toleranceNanos;
    }

    /** The TAT after a grant, given what {@link #waitNanos} said. */
    long granted(long now, long wait) {
        long tat = now + toleranceNanos + wait;
        return tat == FRESH ? tat + 1 : tat;
    }

    /** The TAT of another rate at which as many grants are there as at ours, at most its burst. */
    long carriedTo(Gcra other, long tat, long now) {
        long debt = tat == FRESH ? 0 : Math.max(0, tat - now);
        double there = (double) (toleranceNanos - debt) / intervalNanos;
        long carried = (long) Math.ceil(Math.max(0, other.toleranceNanos - there * other.intervalNanos));
        long next = now + Math.min(other.toleranceNanos, carried);
        return carried == 0 || next == FRESH ? FRESH : next;
    }

    void checkPermits(int permits) {
        if (permits < 1 || permits > rate.burst()) {
            throw new IllegalArgumentException(String.format(
                    "permits must be in range: permits=%d (expected: 1 to the burst of %,d)", permits, rate.burst()));
        }
    }
}
