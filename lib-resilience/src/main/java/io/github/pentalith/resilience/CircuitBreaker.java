// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Stops calls to a dependency that fails, and tries now and then whether it has recovered.
 *
 * <p>Closed, it counts; when the share of failures (or of slow calls) in its window reaches the threshold, it
 * opens, at a failed or slow call and never at a good one.
 * Open, it refuses for a while that grows with every failed recovery. Then it is half-open: a few probes go through, and
 * their verdict closes or opens it.
 *
 * <ul>
 *   <li>A verdict counts only in the phase that admitted the call: calls admitted before the breaker opened neither
 *       close nor reopen it later.
 *   <li>Probes are leased: one that never reports is replaced after {@link Builder#probeLease}, so half-open ends.
 *   <li>Interrupted, cancelled and rejected calls are neither success nor failure. An {@link Error} is a failure.
 *   <li>Times are monotonic; steps of the wall clock are invisible.
 * </ul>
 *
 * <p>Thread-safe and lock-free. A successful call costs one striped add besides the clock (count window: no clock, one
 * atomic add) and allocates nothing. Memory: about 4 KB for the time window, 2 bits per call for the count window.
 *
 * <pre>{@code
 * CircuitBreaker breaker = CircuitBreaker.of("inventory");
 * Stock stock = breaker.call(() -> client.stock(id));   // RejectedCallException while open
 * }</pre>
 *
 * <p>Source: M. Nygard, "Release It!" (2007); states and thresholds as in Resilience4j.
 */
public final class CircuitBreaker extends Gate {
    private final BreakerGate gate;

    private CircuitBreaker(BreakerGate gate, LongSupplier ticker) {
        super(gate, ticker);
        this.gate = gate;
    }

    /** What a breaker does with calls. */
    public enum State {
        /** Lets calls through and counts. */
        CLOSED,
        /** Refuses calls for a while. */
        OPEN,
        /** Lets a few probes through. */
        HALF_OPEN,
        /** Refuses calls until told otherwise. */
        FORCED_OPEN,
        /** Lets calls through and draws no conclusion. */
        DISABLED
    }

    /**
     * Makes a breaker that opens when half of at least 20 calls in 10 seconds failed; see {@link Builder}.
     *
     * @param name its name, for logs, stats and exceptions
     * @return the breaker
     * @throws IllegalArgumentException if the name is blank
     */
    public static CircuitBreaker of(String name) {
        return builder(name).build();
    }

    /**
     * Starts a builder.
     *
     * @param name the breaker's name, for logs, stats and exceptions
     * @return the builder
     * @throws IllegalArgumentException if the name is blank
     */
    public static Builder builder(String name) {
        return new Builder(Arguments.name(name));
    }

    BreakerGate gate() {
        return gate;
    }

    /** {@return the state now; OPEN turns into HALF_OPEN with the first call after its time} */
    public State state() {
        return gate.state();
    }

    /** Refuses all calls until {@link #reset} or {@link #disable}. */
    public void forceOpen() {
        gate.force(State.FORCED_OPEN);
    }

    /** Lets all calls through, without counting towards opening, until {@link #reset} or {@link #forceOpen}. */
    public void disable() {
        gate.force(State.DISABLED);
    }

    /** Closes with an empty window; calls under way no longer count. */
    public void reset() {
        gate.force(State.CLOSED);
    }

    /**
     * Changes thresholds while calls run, all at once and without forgetting anything. The builder shows the settings now;
     * what it is told is checked as at {@link Builder#build}. The kind and the length of the window, whether calls may be slow,
     * the clock, the generator and the observer stay as they are.
     *
     * <pre>{@code
     * breaker.adjust(now -> now.failureRate(0.3).openFor(Duration.ofSeconds(5)));
     * }</pre>
     *
     * @param change what to change; asked again if another change comes in between
     * @throws IllegalArgumentException if the settings contradict each other or what must stay is changed; then nothing is
     */
    public void adjust(UnaryOperator<Builder> change) {
        Objects.requireNonNull(change, "change");
        gate.adjust(now -> change.apply(gate.builder(now)).changed(now));
    }

    /** {@return cumulative counts and the state now} */
    public Stats stats() {
        return gate.stats();
    }

    /**
     * Counts since creation.
     *
     * @param name the name of the breaker
     * @param state the state now
     * @param successes calls that succeeded, or failed in a way that {@link Builder#failWhen} forgives
     * @param failures calls that failed
     * @param slow calls that were slow, whatever their verdict
     * @param released calls without verdict: not made, interrupted or cancelled
     * @param rejected calls that were refused
     * @param stale verdicts, included in successes and failures, that came too late to matter
     * @param opened how often the breaker opened by itself
     * @param failureRate the share of failures in the window as of the last verdict, NaN if it is empty
     * @param slowRate the share of slow calls in the window as of the last verdict, NaN if it is empty
     */
    public record Stats(
            String name,
            State state,
            long successes,
            long failures,
            long slow,
            long released,
            long rejected,
            long stale,
            long opened,
            double failureRate,
            double slowRate) {}

    /** Hears about changes of state, on the thread that caused them; what it throws is contained. */
    public interface Observer {
        /**
         * The state has changed. Each change is told once; two threads may tell two changes in either order.
         *
         * @param name the name of the breaker
         * @param from the state before
         * @param to the state since then
         */
        default void onStateChange(String name, State from, State to) {}
    }

    /** Collects the settings of a breaker. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private long windowNanos = Duration.ofSeconds(10).toNanos();
        private int windowCalls;
        private int consecutiveFailures;
        private int minimumCalls; // 0: not said
        private double failureRate = 0.5;
        private long slowNanos;
        private double slowRate = 1;
        private long openNanos = Duration.ofSeconds(1).toNanos();
        private long openMaxNanos = Duration.ofSeconds(30).toNanos();
        private int probes = 3;
        private long leaseNanos = Duration.ofSeconds(5).toNanos();
        private @Nullable Predicate<? super Throwable> failure;
        private LongSupplier ticker = Waits.SYSTEM;
        private @Nullable RandomGenerator random;
        private @Nullable Observer observer;
        /** True in {@link CircuitBreaker#adjust}, where the collaborators stay. */
        private boolean adjusting;

        private Builder(String name) {
            this.name = name;
        }

        Builder(
                String name,
                BreakerSettings from,
                LongSupplier ticker,
                @Nullable RandomGenerator random,
                @Nullable Observer observer) {
            this.name = name;
            this.windowNanos = from.windowNanos();
            this.windowCalls = from.windowCalls();
            this.consecutiveFailures = from.consecutiveFailures();
            this.minimumCalls = from.minimumCalls();
            this.failureRate = from.failureRate();
            this.slowNanos = from.slowNanos();
            this.slowRate = from.slowRate();
            this.openNanos = from.openNanos();
            this.openMaxNanos = from.openMaxNanos();
            this.probes = from.probes();
            this.leaseNanos = from.leaseNanos();
            this.failure = from.failure();
            this.ticker = ticker;
            this.random = random;
            this.observer = observer;
            this.adjusting = true;
        }

        /**
         * Judges by the calls of the last span of time, to within 1/64 of it. This is the default, with 10 s.
         *
         * @param time the span, 1 ms to 1 day
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Builder window(Duration time) {
            windowNanos = Arguments.duration("window", time, Duration.ofMillis(1), Duration.ofDays(1));
            windowCalls = 0;
            consecutiveFailures = 0;
            return this;
        }

        /**
         * Judges by the last calls, however old they are. Needs no clock while the breaker is closed.
         *
         * @param calls how many, 1 to 1,000,000
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Builder window(int calls) {
            windowCalls = Arguments.range("window", calls, 1, 1_000_000);
            windowNanos = 0;
            consecutiveFailures = 0;
            return this;
        }

        /**
         * Opens after so many failures in a row instead of judging by a window. For rare calls.
         *
         * @param failures how many, 1 to 1,000,000
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Builder consecutiveFailures(int failures) {
            consecutiveFailures = Arguments.range("consecutiveFailures", failures, 1, 1_000_000);
            windowNanos = 0;
            windowCalls = 0;
            return this;
        }

        /**
         * Opens when this share of the calls in the window failed. By default 0.5.
         *
         * @param rate the share, more than 0 and at most 1
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Builder failureRate(double rate) {
            failureRate = Arguments.share("failureRate", rate);
            return this;
        }

        /**
         * Opens, too, when this share of the calls in the window were slow. By default slowness does not matter, which
         * saves a clock read per call.
         *
         * @param threshold from what time on a call is slow, positive
         * @param rate the share, more than 0 and at most 1
         * @return this builder
         * @throws IllegalArgumentException if one is out of its range
         */
        public Builder slowCalls(Duration threshold, double rate) {
            slowNanos = Arguments.positive("threshold", threshold);
            slowRate = Arguments.share("rate", rate);
            return this;
        }

        /**
         * Never opens on fewer calls than this in the window. By default 20, or the whole window if that is less.
         *
         * @param calls how many, 1 to 1,000,000
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Builder minimumCalls(int calls) {
            minimumCalls = Arguments.range("minimumCalls", calls, 1, 1_000_000);
            return this;
        }

        /**
         * Stays open for exactly this time.
         *
         * @param time how long, positive
         * @return this builder
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder openFor(Duration time) {
            openNanos = Arguments.positive("openFor", time);
            openMaxNanos = openNanos;
            return this;
        }

        /**
         * Stays open for a time that doubles with every opening in a row and varies by a fifth, so that many clients do
         * not probe at once. By default from 1 s to 30 s.
         *
         * @param first how long at first, positive
         * @param max how long at most, not less
         * @return this builder
         * @throws IllegalArgumentException if one is out of its range
         */
        public Builder openFor(Duration first, Duration max) {
            openNanos = Arguments.positive("first", first);
            openMaxNanos = Arguments.positive("max", max);
            if (openMaxNanos < openNanos) {
                throw new IllegalArgumentException(
                        "max must not be less than first: max=" + max + " (expected: " + first + " or more)");
            }
            return this;
        }

        /**
         * Decides after so many probes. The breaker opens again as soon as the failed (or slow) ones among them reach
         * the failure rate, and closes as soon as they no longer can. By default 3: two good ones close, two bad ones
         * open.
         *
         * @param count how many, 1 to 1,000
         * @return this builder
         * @throws IllegalArgumentException if it is out of its range
         */
        public Builder probes(int count) {
            probes = Arguments.range("probes", count, 1, 1_000);
            return this;
        }

        /**
         * Gives up probes that have not reported after this time and sends others. By default 5 s.
         *
         * @param time how long, positive; longer than a healthy call takes
         * @return this builder
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder probeLease(Duration time) {
            leaseNanos = Arguments.positive("probeLease", time);
            return this;
        }

        /**
         * Says which throwables are failures of the dependency; others count as successes, since it did answer. By
         * default all are, but for interruptions, cancellations and rejections, which are never asked about and count
         * as nothing. An {@link Error} is always a failure, and so is a call about which the predicate throws.
         *
         * @param predicate true for a failure
         * @return this builder
         */
        public Builder failWhen(Predicate<? super Throwable> predicate) {
            failure = Objects.requireNonNull(predicate, "predicate");
            return this;
        }

        /**
         * Reads the time from this clock when the breaker stands alone; in a {@link Pipeline} the pipeline's counts.
         *
         * @param monotonicNanos a monotonic clock in nanoseconds
         * @return this builder
         */
        public Builder ticker(LongSupplier monotonicNanos) {
            mayChange("ticker");
            ticker = Objects.requireNonNull(monotonicNanos, "ticker");
            return this;
        }

        /**
         * Draws the variation of the open time from this source; by default from the thread's own.
         *
         * @param source a thread-safe generator
         * @return this builder
         */
        public Builder random(RandomGenerator source) {
            mayChange("random");
            random = Objects.requireNonNull(source, "random");
            return this;
        }

        /**
         * Tells somebody about changes of state.
         *
         * @param listener who is told
         * @return this builder
         */
        public Builder observer(Observer listener) {
            mayChange("observer");
            observer = Objects.requireNonNull(listener, "observer");
            return this;
        }

        /**
         * Makes the breaker.
         *
         * @return a closed breaker
         * @throws IllegalArgumentException if the settings contradict each other
         */
        public CircuitBreaker build() {
            return new CircuitBreaker(new BreakerGate(name, settings(), ticker, random, observer), ticker);
        }

        private BreakerSettings settings() {
            if (windowCalls > 0 && minimumCalls > windowCalls) {
                throw new IllegalArgumentException("minimumCalls must fit into the window: minimumCalls=" + minimumCalls
                        + " (expected: at most " + windowCalls + ")");
            }
            if (consecutiveFailures > 0 && slowNanos > 0) {
                throw new IllegalArgumentException("slowCalls needs a window: consecutiveFailures="
                        + consecutiveFailures + " (expected: window(..) instead, or no slowCalls)");
            }
            int least = minimumCalls > 0 ? minimumCalls : windowCalls > 0 ? Math.min(20, windowCalls) : 20;
            return new BreakerSettings(
                    windowNanos,
                    windowCalls,
                    consecutiveFailures,
                    least,
                    failureRate,
                    slowNanos,
                    slowRate,
                    openNanos,
                    openMaxNanos,
                    probes,
                    leaseNanos,
                    failure);
        }

        /** The settings, if they differ from others only in what may change while the breaker works. */
        BreakerSettings changed(BreakerSettings from) {
            BreakerSettings next = settings();
            if (next.windowNanos() != from.windowNanos()
                    || next.windowCalls() != from.windowCalls()
                    || (next.consecutiveFailures() > 0) != (from.consecutiveFailures() > 0)) {
                throw fixed("window", next.window(), from.window());
            }
            if ((next.slowNanos() > 0) != (from.slowNanos() > 0)) {
                throw fixed("slowCalls", next.slowNanos() > 0 ? "on" : "off", from.slowNanos() > 0 ? "on" : "off");
            }
            return next;
        }

        private void mayChange(String what) {
            if (adjusting) {
                throw fixed(what, "another", "the one of the breaker");
            }
        }

        private static IllegalArgumentException fixed(String what, String is, String was) {
            return new IllegalArgumentException(
                    what + " must stay as it was built: " + what + "=" + is + " (expected: " + was + ")");
        }
    }
}
