// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Bounds how often something happens: in <em>every</em> interval of length d there are at most burst + rate * d grants,
 * exactly, with no cycle at whose edges twice as many pass.
 *
 * <p>Thread-safe and lock-free: one compare-and-set and one clock read per grant, nothing is allocated, nobody parks.
 * Refusals do not write. Time comes from a monotonic clock; steps of the wall clock are invisible.
 *
 * <pre>{@code
 * RateLimiter limiter = RateLimiter.of("mail", Rate.perSecond(500).burst(50));
 * long wait = limiter.tryAcquireNanos(1);
 * if (wait > 0) {
 *     tellTheClient("Retry-After", TimeUnit.NANOSECONDS.toSeconds(wait) + 1);
 * }
 * }</pre>
 *
 * <p>Algorithm: GCRA (ITU-T I.371), the one of redis-cell.
 */
public final class RateLimiter {
    private final String name;
    private final LongSupplier ticker;
    private final Gcra gcra;
    private final PaddedLong tat = new PaddedLong(Gcra.FRESH);
    private final LongAdder granted = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final Gate gate = new Gate();

    private RateLimiter(String name, Rate rate, LongSupplier ticker) {
        this.name = Arguments.name(name);
        this.gcra = new Gcra(rate);
        this.ticker = Objects.requireNonNull(ticker, "ticker");
    }

    /**
     * Makes a limiter with a full burst.
     *
     * @param name its name, for stats and exceptions
     * @param rate how often
     * @return the limiter
     * @throws IllegalArgumentException if the name is blank
     */
    public static RateLimiter of(String name, Rate rate) {
        return new RateLimiter(name, rate, System::nanoTime);
    }

    /**
     * Makes a limiter with a full burst on a given clock.
     *
     * @param name its name, for stats and exceptions
     * @param rate how often
     * @param ticker a monotonic clock in nanoseconds; inside a {@link Pipeline} the pipeline's clock counts instead
     * @return the limiter
     * @throws IllegalArgumentException if the name is blank
     */
    public static RateLimiter of(String name, Rate rate, LongSupplier ticker) {
        return new RateLimiter(name, rate, ticker);
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    /** {@return the rate} */
    public Rate rate() {
        return gcra.rate;
    }

    /**
     * Takes one grant if there is one.
     *
     * @return true if it was taken
     */
    public boolean tryAcquire() {
        return take(ticker.getAsLong(), 1) <= 0;
    }

    /**
     * Takes several grants at once or none.
     *
     * @param permits how many, 1 to the burst
     * @return true if they were taken
     * @throws IllegalArgumentException if {@code permits} is out of its range
     */
    public boolean tryAcquire(int permits) {
        return tryAcquireNanos(permits) == 0;
    }

    /**
     * Takes several grants at once or none, and says how long to wait if none.
     *
     * @param permits how many, 1 to the burst
     * @return 0 if they were taken, else the nanoseconds after which they could be if nobody else takes any
     * @throws IllegalArgumentException if {@code permits} is out of its range
     */
    public long tryAcquireNanos(int permits) {
        gcra.checkPermits(permits);
        return Math.max(0, take(ticker.getAsLong(), permits));
    }

    private long take(long now, int permits) {
        while (true) {
            long before = tat.get();
            long wait = gcra.waitNanos(before, now, permits);
            if (wait > 0) {
                rejected.increment();
                return wait;
            }
            if (tat.compareAndSet(before, gcra.granted(now, wait))) {
                granted.add(permits);
                return wait;
            }
        }
    }

    /** {@return this limiter as a gate; a grant whose call is not made after all is not given back} */
    public Admission admission() {
        return gate;
    }

    Gate gate() {
        return gate;
    }

    /** {@return cumulative counts} */
    public Stats stats() {
        return new Stats(name, granted.sum(), rejected.sum());
    }

    @Override
    public String toString() {
        return "RateLimiter[" + name + ", " + gcra.rate.count() + " per " + gcra.rate.per() + ", burst="
                + gcra.rate.burst() + "]";
    }

    /** The limiter in a pipeline. */
    final class Gate implements Admission {
        private Gate() {}

        @Override
        public String name() {
            return name;
        }

        @Override
        public RejectedCallException.Reason reason() {
            return RejectedCallException.Reason.RATE_LIMITED;
        }

        @Override
        public long tryAcquire(long nowNanos) {
            long wait = take(nowNanos == UNTIMED ? ticker.getAsLong() : nowNanos, 1);
            return wait > 0 ? -wait : 0;
        }

        @Override
        public void success(long token, long startNanos, long endNanos) {}

        @Override
        public void failure(long token, long startNanos, long endNanos, Throwable error) {}

        @Override
        public void release(long token) {}
    }

    /**
     * Counts since creation.
     *
     * @param name the name of the limiter
     * @param granted grants given
     * @param rejected askings that were refused
     */
    public record Stats(String name, long granted, long rejected) {}
}
