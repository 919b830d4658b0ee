// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Bounds the number of calls at one time. */
@SuppressWarnings("DoNotCallSuggester")
public final class Bulkhead {
    private Bulkhead() {}

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
     * @param max the bound
     * @return the component
     */
    public static Bulkhead of(String name, int max) {
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
     * @throws RejectedCallException if the bulkhead is full
     */
    public Permit acquire() {
        throw new UnsupportedOperationException();
    }

    /**
     * Counts since creation.
     *
     * @param name the name
     * @param limit how many at one time
     * @param inFlight how many now
     * @param waiting how many wait now
     * @param admitted calls that were let through
     * @param rejected calls that were refused
     */
    public record Stats(String name, int limit, int inFlight, int waiting, long admitted, long rejected) {}

    /** Collects the settings of a bulkhead. */
    public static final class Builder {
        private Builder() {}

        /**
         * Sets max.
         *
         * @param max the value
         * @return this
         */
        public Builder limit(int max) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets time.
         *
         * @param time the value
         * @return this
         */
        public Builder maxWait(Duration time) {
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
        /** {@return the bulkhead} */
        public Bulkhead build() {
            throw new UnsupportedOperationException();
        }
    }
}
