// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Bounds how often something happens: in <em>every</em> interval of length d there are at most burst + rate * d grants,
 * exactly, with no cycle at whose edges twice as many pass.
 *
 * <p>Thread-safe: one compare-and-set and one clock read per grant, nothing is allocated, nobody parks. Refusals do not
 * write. Time comes from a monotonic clock; steps of the wall clock are invisible.
 *
 * <p>Threads that race for the grants of a large burst (from about a thousand on, more on machines of many CPUs) count them
 * apart for up to 64 grants, which takes neither the clock nor each other's cache lines. The law holds all the same; it is
 * refusals that may then come early, while up to 1/32 of the burst is left.
 *
 * <pre>{@code
 * RateLimiter limiter = RateLimiter.of("mail", Rate.perSecond(500).burst(50));
 * long wait = limiter.tryAcquireNanos(1);
 * if (wait > 0) {
 *     tellTheClient("Retry-After", TimeUnit.NANOSECONDS.toSeconds(wait) + 1);
 * }
 * }</pre>
 *
 * <p>Through {@link #call}, {@link #acquire} and in a {@link Pipeline} a grant whose call is not made after all is not given back.
 *
 * <p>Algorithm: GCRA (ITU-T I.371), the one of redis-cell.
 */
public final class RateLimiter extends Gate {
    private final RateGate gate;

    private RateLimiter(RateGate gate, LongSupplier ticker) {
        super(gate, ticker);
        this.gate = gate;
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
        return of(name, rate, Waits.SYSTEM);
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
        Objects.requireNonNull(ticker, "ticker");
        return new RateLimiter(new RateGate(Arguments.name(name), rate, ticker), ticker);
    }

    /** {@return the rate} */
    public Rate rate() {
        return gate.rate();
    }

    /**
     * Changes the rate while calls run. The grants that are there stay, at most the new burst; a larger burst fills at the new
     * rate. So a change never makes a grant: in every interval there are at most the burst at its beginning and what the
     * rates in it allow, however often they change.
     *
     * @param next how often from now on
     */
    public void rate(Rate next) {
        gate.rate(next);
    }

    /**
     * Takes one grant if there is one.
     *
     * @return true if it was taken
     */
    public boolean tryAcquire() {
        return gate.take(1) <= 0;
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
        return Math.max(0, gate.take(permits));
    }

    RateGate gate() {
        return gate;
    }

    /** {@return cumulative counts} */
    public Stats stats() {
        return gate.stats();
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
