// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many calls a {@link Bulkhead} lets run: a fixed number, or one that finds itself by additive increase and
 * multiplicative decrease (AIMD), as TCP does.
 *
 * <p><b>Growth.</b> By one per round of fast calls; until the first decrease by a quarter per call, which finds a limit in the
 * hundreds in seconds and overshoots by no more than the queue that it builds in one round trip.
 *
 * <p><b>Decrease.</b> By a fifth when slow calls outnumber fast ones: a sum that a slow call raises and a fast one lowers,
 * never below zero, reaches a bound (CUSUM). A queue makes all calls slow and is noticed within a few; the slow tail of a
 * healthy dependency, even one call in three, is not taken for a queue. At most once per round trip, since calls that
 * began before the last decrease say nothing about the limit after it. Calls that began while half of the limit or more
 * was unused change nothing: what they show is not the limit's doing.
 *
 * <p><b>What is slow.</b> More than the bar, which is the target at first. Calls that began in the first quarter of the limit
 * (or its least) show what the dependency takes by itself; when they, too, miss the bar again and again, a smaller limit cannot
 * help, and the bar doubles, up to four times the target. It halves again when most calls would keep half of it. Were the
 * bar learnt from calls in a crowd it would grow with the very queue that it is to prevent.
 *
 * <p>A lost race for a word drops the sample, which costs a little speed of adaptation and keeps healthy traffic from
 * queueing up at one cache line; at its highest limit healthy traffic writes nothing.
 *
 * <p>Sources: D. Chiu, R. Jain, "Analysis of the increase and decrease algorithms", 1989, doi:10.1016/0169-7552(89)90019-6;
 * E. Page, "Continuous inspection schemes", 1954, doi:10.1093/biomet/41.1-2.100.
 */
final class ConcurrencyLimit {
    private static final int FRACTION = 20; // bits
    private static final long ONE = 1L << FRACTION;
    private static final int MOST_DOUBLINGS = 2;
    private static final int CONVINCED = 8;
    private static final int CONVINCED_ALONE = 3; // such calls are rare
    private static final int CONVINCED_RELAXED = 64; // and there is no hurry

    private final long least;
    private final long most;
    private final long targetNanos; // 0: fixed
    private final PaddedLong limit;
    private final AtomicLong lastDecrease = new AtomicLong(Admission.UNTIMED); // UNTIMED: never yet
    private final PaddedLong sense = new PaddedLong(0); // see Sense

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

    long barNanos() {
        return bar(Sense.doublings(sense.get()));
    }

    private long bar(int doublings) {
        return Math.min(targetNanos, Arguments.MAX_NANOS >> MOST_DOUBLINGS) << doublings;
    }

    /** Learns from a call that has succeeded and that began as the {@code entered}-th of those under way. */
    void succeeded(long entered, long startNanos, long endNanos) {
        long now = limit.get();
        boolean used = 2 * ONE * entered > now;
        if (!learn(entered * ONE, now, used, endNanos - startNanos, startNanos, endNanos) && used && now < most) {
            long step = lastDecrease.get() == Admission.UNTIMED ? ONE / 4 : ONE * ONE / now;
            limit.compareAndSet(now, Math.min(most, now + step));
        }
    }

    /** A slow failure or a timeout is a sign of overload; a fast one says nothing. */
    void failed(long entered, long startNanos, long endNanos, Throwable error) {
        long taken = error instanceof CallTimeoutException ? Long.MAX_VALUE : endNanos - startNanos;
        if (taken > barNanos()) {
            long now = limit.get();
            learn(entered * ONE, now, 2 * ONE * entered > now, taken, startNanos, endNanos);
        }
    }

    /** Adds a call to the sums and acts if one of them is full; true if the call was slow. */
    private boolean learn(long entered, long now, boolean used, long taken, long start, long end) {
        long before = sense.get();
        int doublings = Sense.doublings(before);
        long bar = bar(doublings);
        boolean slow = taken > bar;
        long after = before;
        if (entered <= Math.max(least, now / 4)) {
            after = Sense.ALONE.add(after, slow);
        }
        if (doublings > 0) {
            after = Sense.RELAXED.add(after, taken <= bar / 2);
        }
        long last = lastDecrease.get();
        boolean fresh = last == Admission.UNTIMED || start - last >= 0;
        if (used && fresh) {
            after = Sense.CROWDED.add(after, slow);
        }
        if (Sense.ALONE.get(after) >= CONVINCED_ALONE && doublings < MOST_DOUBLINGS) {
            if (sense.compareAndSet(before, Sense.of(doublings + 1))) {
                lastDecrease.set(Admission.UNTIMED); // past decreases were mistakes: make good for them quickly
            }
        } else if (Sense.RELAXED.get(after) >= CONVINCED_RELAXED) {
            sense.compareAndSet(before, Sense.of(doublings - 1));
        } else if (Sense.CROWDED.get(after) >= Math.min(CONVINCED, Math.max(2, now / (4 * ONE)))) {
            if (sense.compareAndSet(before, Sense.CROWDED.clear(after)) && lastDecrease.compareAndSet(last, end)) {
                decrease();
            }
        } else if (after != before) {
            sense.compareAndSet(before, after);
        }
        return slow;
    }

    private void decrease() {
        long now = limit.get();
        while (!limit.compareAndSet(now, Math.max(Math.min(now, least), now - now / 5))) {
            now = limit.get();
        }
    }

    @Override
    public String toString() {
        return isAdaptive()
                ? "adaptive " + (least >> FRACTION) + ".." + (most >> FRACTION) + ", target="
                        + Duration.ofNanos(targetNanos)
                : Integer.toString(get());
    }

    /** Three small sums and the doublings of the bar in one word, so that what is decided from them is consistent. */
    private enum Sense {
        /** Slow calls over fast ones, of those that began in a well-used limit. */
        CROWDED(0),
        /** Slow calls over fast ones, of those that began nearly alone. */
        ALONE(8),
        /** Calls that took less than half of the bar over the others. */
        RELAXED(16);

        private static final long MASK = 0xFF;
        private static final int DOUBLINGS = 24;

        private final int shift;

        Sense(int shift) {
            this.shift = shift;
        }

        static int doublings(long word) {
            return (int) (word >>> DOUBLINGS);
        }

        static long of(int doublings) {
            return (long) doublings << DOUBLINGS;
        }

        long get(long word) {
            return word >>> shift & MASK;
        }

        long clear(long word) {
            return word & ~(MASK << shift);
        }

        long add(long word, boolean up) {
            long sum = get(word);
            if (up) {
                return sum == MASK ? word : word + (1L << shift);
            }
            return sum == 0 ? word : word - (1L << shift);
        }
    }
}
