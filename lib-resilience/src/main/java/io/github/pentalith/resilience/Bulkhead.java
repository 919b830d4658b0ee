// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Bounds the number of calls at one time, so that one slow dependency cannot take all threads and connections.
 *
 * <p>A call that finds it full is refused at once or, with {@link Builder#maxWait}, waits its turn: first come, first
 * served, at most until the {@link Deadline} of its thread. An interrupt ends the wait with a refusal and leaves the flag
 * set.
 *
 * <p>Thread-safe. Entering and leaving cost one compare-and-set each and allocate nothing while nobody waits; threads that
 * race for the places of a fixed limit, of which few are taken, find theirs on cache lines of their own. Waiting parks the
 * calling thread without holding a monitor, so virtual threads do not pin.
 *
 * <pre>{@code
 * Bulkhead connections = Bulkhead.builder("links-db").limit(32).maxWait(Duration.ofMillis(20)).build();
 * Link link = connections.call(() -> select(code));   // RejectedCallException if full
 * }</pre>
 */
public final class Bulkhead extends Gate {
    private final BulkheadGate gate;

    private Bulkhead(BulkheadGate gate, LongSupplier ticker) {
        super(gate, ticker);
        this.gate = gate;
    }

    /**
     * Makes a bulkhead that refuses at once when full.
     *
     * @param name its name, for stats and exceptions
     * @param max how many calls at one time, 1 to 1,000,000
     * @return the bulkhead
     * @throws IllegalArgumentException if the name is blank or {@code max} is out of its range
     */
    public static Bulkhead of(String name, int max) {
        return builder(name).limit(max).build();
    }

    /**
     * Makes a bulkhead that finds its limit itself, between 4 and 1,000; see {@link Builder#adaptive}.
     *
     * @param name its name, for stats and exceptions
     * @param target how long a call may take before it is a sign of overload, positive
     * @return the bulkhead
     * @throws IllegalArgumentException if the name is blank or the target not positive
     */
    public static Bulkhead adaptive(String name, Duration target) {
        return builder(name).adaptive(4, 1_000, target).build();
    }

    /**
     * Starts a builder.
     *
     * @param name the bulkhead's name, for stats and exceptions
     * @return the builder
     * @throws IllegalArgumentException if the name is blank
     */
    public static Builder builder(String name) {
        return new Builder(Arguments.name(name));
    }

    BulkheadGate gate() {
        return gate;
    }

    /** {@return how many calls at one time} */
    public int limit() {
        return gate.limit();
    }

    /**
     * Changes the limit while calls run. If it shrinks, calls under way run to their end and nobody enters before there
     * is room; if it grows, those who wait enter at once. An adaptive one goes on from there.
     *
     * @param max how many calls at one time, 1 to 1,000,000
     * @throws IllegalArgumentException if it is out of its range
     */
    public void limit(int max) {
        gate.limit(Arguments.range("limit", max, 1, 1_000_000));
    }

    /** {@return cumulative counts and the numbers now} */
    public Stats stats() {
        return gate.stats();
    }

    /**
     * Counts since creation.
     *
     * @param name the name of the bulkhead
     * @param limit how many calls at one time
     * @param inFlight how many are under way now
     * @param waiting how many wait now
     * @param admitted calls that were let through
     * @param rejected calls that were refused
     */
    public record Stats(String name, int limit, int inFlight, int waiting, long admitted, long rejected) {}

    /** Collects the settings of a bulkhead. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private ConcurrencyLimit limit = ConcurrencyLimit.fixed(64);
        private long maxWaitNanos;
        private LongSupplier ticker = Waits.SYSTEM;

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Sets how many calls may run at one time. By default 64.
         *
         * @param max how many, 1 to 1,000,000
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Builder limit(int max) {
            limit = ConcurrencyLimit.fixed(Arguments.range("limit", max, 1, 1_000_000));
            return this;
        }

        /**
         * Lets the limit find itself, from 32 on: one more per round trip while calls keep the target and the limit is in
         * use, a fifth less when most calls miss it. Unlike a fixed limit it needs no knowledge of the dependency's
         * capacity, and costs two clock reads per call where no other gate needs them.
         *
         * <p>The target is a time that most healthy calls keep; a slow tail does no harm. If even calls that begin
         * while most of the limit is unused miss it, the limit is not to blame, and the target is taken to be twice, then
         * four times as long.
         *
         * @param least the limit never sinks below this, 1 to 1,000,000
         * @param most nor rises above this, {@code least} to 1,000,000
         * @param target how long a call may take before it is a sign of overload, positive
         * @return this builder
         * @throws IllegalArgumentException if one is out of its range
         */
        public Builder adaptive(int least, int most, Duration target) {
            Arguments.range("least", least, 1, 1_000_000);
            Arguments.range("most", most, least, 1_000_000);
            limit = ConcurrencyLimit.adaptive(least, most, Arguments.positive("target", target));
            return this;
        }

        /**
         * Lets calls wait for room, in the order in which they came. By default they are refused at once.
         *
         * @param time how long at most, {@link Duration#ZERO} for not at all
         * @return this builder
         * @throws IllegalArgumentException if it is negative
         */
        public Builder maxWait(Duration time) {
            maxWaitNanos = Arguments.notNegative("maxWait", time);
            return this;
        }

        /**
         * Measures waits with this clock; waiting itself parks the thread.
         *
         * @param monotonicNanos a monotonic clock in nanoseconds
         * @return this builder
         */
        public Builder ticker(LongSupplier monotonicNanos) {
            ticker = Objects.requireNonNull(monotonicNanos, "ticker");
            return this;
        }

        /**
         * Makes the bulkhead.
         *
         * @return the bulkhead
         * @throws IllegalArgumentException if the limit is adaptive and calls may wait: the wait would look like overload
         */
        public Bulkhead build() {
            if (limit.isAdaptive() && maxWaitNanos > 0) {
                throw new IllegalArgumentException("maxWait needs a fixed limit: maxWait="
                        + Duration.ofNanos(maxWaitNanos) + " (expected: 0 with an adaptive limit)");
            }
            return new Bulkhead(new BulkheadGate(name, limit, maxWaitNanos, ticker), ticker);
        }
    }
}
