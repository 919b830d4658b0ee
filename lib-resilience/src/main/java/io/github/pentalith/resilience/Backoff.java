// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How long to wait before the next attempt: {@code Backoff.exponential(ofMillis(50)).cap(ofSeconds(1))} draws from 0 to
 * 50, 100, 200, ... ms, at most a second.
 *
 * <p>Immutable. A delay costs a few nanoseconds, whatever the number of the attempt.
 *
 * <p>Source: M. Brooker, "Exponential Backoff and Jitter" (AWS Architecture Blog, 2015): full jitter does the same work
 * with the fewest calls. For errors that ask for less traffic take {@link #equalJitter}, which never draws a wait
 * near zero.
 */
public final class Backoff {
    private static final long DEFAULT_CAP = Duration.ofSeconds(20).toNanos();

    private enum Jitter {
        NONE,
        EQUAL,
        FULL
    }

    private final long baseNanos;
    private final boolean doubling;
    private final long capNanos;
    private final Jitter jitter;
    private final @Nullable IntFunction<Duration> custom;

    private Backoff(
            long baseNanos, boolean doubling, long capNanos, Jitter jitter, @Nullable IntFunction<Duration> custom) {
        this.baseNanos = baseNanos;
        this.doubling = doubling;
        this.capNanos = capNanos;
        this.jitter = jitter;
        this.custom = custom;
    }

    /** {@return no wait at all} */
    public static Backoff none() {
        return new Backoff(0, false, Arguments.MAX_NANOS, Jitter.NONE, null);
    }

    /**
     * The same wait before every attempt, without jitter.
     *
     * @param delay the wait, not negative
     * @return the backoff
     * @throws IllegalArgumentException if it is negative
     */
    public static Backoff fixed(Duration delay) {
        return new Backoff(Arguments.notNegative("delay", delay), false, Arguments.MAX_NANOS, Jitter.NONE, null);
    }

    /**
     * A wait that doubles with every attempt, up to 20 s (or {@code base} if that is more), with full jitter.
     *
     * @param base the wait before the second attempt, positive
     * @return the backoff
     * @throws IllegalArgumentException if it is not positive
     */
    public static Backoff exponential(Duration base) {
        long nanos = Arguments.positive("base", base);
        return new Backoff(nanos, true, Math.max(nanos, DEFAULT_CAP), Jitter.FULL, null);
    }

    /**
     * A wait of your own choice, without jitter.
     *
     * @param delay gives the wait after the n-th attempt, n from 1; a negative one counts as zero
     * @return the backoff
     */
    public static Backoff of(IntFunction<Duration> delay) {
        return new Backoff(0, false, Arguments.MAX_NANOS, Jitter.NONE, Objects.requireNonNull(delay, "delay"));
    }

    /**
     * This backoff with a longest wait.
     *
     * @param longest the longest wait before jitter, positive and not less than the base
     * @return the backoff
     * @throws IllegalArgumentException if it is out of its range
     */
    public Backoff cap(Duration longest) {
        long nanos = Arguments.positive("cap", longest);
        if (nanos < baseNanos) {
            throw new IllegalArgumentException("cap must not be less than the base: cap=" + longest + " (expected: "
                    + Duration.ofNanos(baseNanos) + " or more)");
        }
        return new Backoff(baseNanos, doubling, nanos, jitter, custom);
    }

    /** {@return this backoff with waits drawn evenly from zero to the full wait} */
    public Backoff fullJitter() {
        return new Backoff(baseNanos, doubling, capNanos, Jitter.FULL, custom);
    }

    /** {@return this backoff with waits drawn evenly from half of to the full wait} */
    public Backoff equalJitter() {
        return new Backoff(baseNanos, doubling, capNanos, Jitter.EQUAL, custom);
    }

    /** {@return this backoff without randomness} */
    public Backoff noJitter() {
        return new Backoff(baseNanos, doubling, capNanos, Jitter.NONE, custom);
    }

    /** The wait after the n-th attempt, n from 1. */
    long delayNanos(int attempt, RandomGenerator random) {
        long full = fullNanos(attempt);
        return switch (jitter) {
            case NONE -> full;
            case EQUAL -> full - full / 2 + random.nextLong(full / 2 + 1);
            case FULL -> random.nextLong(full + 1);
        };
    }

    private long fullNanos(int attempt) {
        if (custom != null) {
            return Math.min(capNanos, Math.max(0, Arguments.nanos(custom.apply(attempt))));
        }
        int doublings = doubling ? attempt - 1 : 0;
        return doublings >= 62 || baseNanos > capNanos >> doublings ? capNanos : baseNanos << doublings;
    }

    @Override
    public String toString() {
        String kind = custom != null ? "custom" : (doubling ? "exponential " : "fixed ") + Duration.ofNanos(baseNanos);
        String cap = capNanos == Arguments.MAX_NANOS ? "" : " up to " + Duration.ofNanos(capNanos);
        return kind + cap + (jitter == Jitter.NONE ? "" : jitter == Jitter.FULL ? ", full jitter" : ", equal jitter");
    }
}
