// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Stops calls to a dependency that fails. */
@SuppressWarnings("DoNotCallSuggester")
public final class CircuitBreaker {
    private CircuitBreaker() {}

    /** What a breaker does with calls. */
    public enum State {
        /** Lets calls through and counts. */
        CLOSED,
        /** Refuses calls. */
        OPEN,
        /** Lets a few probes through. */
        HALF_OPEN,
        /** Refuses calls until told otherwise. */
        FORCED_OPEN,
        /** Lets calls through and does not count. */
        DISABLED
    }

    /**
     * Starts a builder.
     *
     * @param name the name
     * @return the builder
     */
    public static Builder builder(String name) {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes a call.
     *
     * @param work the work
     * @param <T> the type of the result
     * @param <X> what the work throws
     * @return the result
     * @throws X if the work fails
     */
    public <T extends @Nullable Object, X extends Exception> T call(CheckedSupplier<? extends T, ? extends X> work)
            throws X {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes a call.
     *
     * @param work the work
     * @param <X> what the work throws
     * @throws X if the work fails
     */
    public <X extends Exception> void run(CheckedRunnable<? extends X> work) throws X {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes one with the defaults.
     *
     * @param name the name
     * @return the component
     */
    public static CircuitBreaker of(String name) {
        throw new UnsupportedOperationException();
    }

    /** {@return the name} */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /** {@return cumulative counts and the state now} */
    public Stats stats() {
        throw new UnsupportedOperationException();
    }

    /** {@return this gate for a pipeline or for use without garbage} */
    public Admission admission() {
        throw new UnsupportedOperationException();
    }
    /**
     * Takes a permit by hand.
     *
     * @return the permit
     * @throws RejectedCallException if the breaker is open
     */
    public Permit acquire() {
        throw new UnsupportedOperationException();
    }

    /** {@return the state} */
    public State state() {
        throw new UnsupportedOperationException();
    }

    /** Opens until {@link #reset}. */
    public void forceOpen() {
        throw new UnsupportedOperationException();
    }

    /** Lets everything through until {@link #reset}. */
    public void disable() {
        throw new UnsupportedOperationException();
    }

    /** Closes and forgets. */
    public void reset() {
        throw new UnsupportedOperationException();
    }

    /**
     * Counts since creation.
     *
     * @param name the name
     * @param state the state now
     * @param successes calls that succeeded
     * @param failures calls that failed
     * @param slow calls that were slow, whatever their verdict
     * @param released calls without verdict
     * @param rejected calls that were refused
     * @param stale verdicts that came after the state had changed, counted in successes and failures too
     * @param opened how often the breaker opened
     * @param failureRate the share of failures in the window, NaN if it has no call
     * @param slowRate the share of slow calls in the window, NaN if it has no call
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

    /** Hears about changes of state. */
    public interface Observer {
        /**
         * The state has changed.
         *
         * @param name the name of the breaker
         * @param from the state before
         * @param to the state now
         */
        default void onStateChange(String name, State from, State to) {}
    }

    /** Collects the settings of a breaker. */
    public static final class Builder {
        private Builder() {}

        /**
         * Sets calls.
         *
         * @param calls the value
         * @return this
         */
        public Builder window(int calls) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets rate.
         *
         * @param rate the value
         * @return this
         */
        public Builder failureRate(double rate) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets calls.
         *
         * @param calls the value
         * @return this
         */
        public Builder minimumCalls(int calls) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets time.
         *
         * @param time the value
         * @return this
         */
        public Builder openFor(Duration time) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets count.
         *
         * @param count the value
         * @return this
         */
        public Builder probes(int count) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets time.
         *
         * @param time the value
         * @return this
         */
        public Builder probeLease(Duration time) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets failure.
         *
         * @param failure the value
         * @return this
         */
        public Builder failWhen(Predicate<? super Throwable> failure) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets ticker.
         *
         * @param ticker the value
         * @return this
         */
        public Builder ticker(LongSupplier ticker) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets observer.
         *
         * @param observer the value
         * @return this
         */
        public Builder observer(Observer observer) {
            throw new UnsupportedOperationException();
        }
        /** {@return the breaker} */
        public CircuitBreaker build() {
            throw new UnsupportedOperationException();
        }
    }
}
