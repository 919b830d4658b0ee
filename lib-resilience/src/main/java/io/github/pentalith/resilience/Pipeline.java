// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What to do when a call fails, hangs or floods, in one fixed order. */
@SuppressWarnings("DoNotCallSuggester")
public final class Pipeline {
    private Pipeline() {}

    /**
     * The pipeline that fits most dependencies.
     *
     * @param name the name
     * @param deadline how long a call may take, retries included
     * @return the pipeline
     */
    public static Pipeline standard(String name, Duration deadline) {
        throw new UnsupportedOperationException();
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
     * Makes a call with a fallback.
     *
     * @param work the work
     * @param fallback makes a result from the exception
     * @param <T> the type of the result
     * @return the result
     */
    public <T extends @Nullable Object> T call(
            CheckedSupplier<? extends T, ?> work, Function<? super Exception, ? extends T> fallback) {
        throw new UnsupportedOperationException();
    }

    /** {@return the name} */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /** {@return cumulative counts} */
    public Stats stats() {
        throw new UnsupportedOperationException();
    }

    /**
     * Counts since creation. Each call that has ended is in one of the first five.
     *
     * @param name the name
     * @param successes calls that succeeded
     * @param failures calls that failed
     * @param timeouts calls that ended in {@link CallTimeoutException}
     * @param rejections calls that were not made
     * @param cancellations calls that were interrupted or cancelled
     * @param retries attempts after the first
     * @param retriesDenied retries that the budget refused
     */
    public record Stats(
            String name,
            long successes,
            long failures,
            long timeouts,
            long rejections,
            long cancellations,
            long retries,
            long retriesDenied) {}

    /** Hears about calls. */
    public interface Observer {
        /**
         * A call has succeeded.
         *
         * @param name the name of the pipeline
         * @param attempts how many attempts it took
         * @param nanos how long it took
         */
        default void onSuccess(String name, int attempts, long nanos) {}

        /**
         * A call has failed.
         *
         * @param name the name of the pipeline
         * @param attempts how many attempts were made
         * @param nanos how long it took
         * @param error what it ended in
         */
        default void onFailure(String name, int attempts, long nanos, Throwable error) {}

        /**
         * A call was not made.
         *
         * @param name the name of the pipeline
         * @param reason why
         */
        default void onRejected(String name, RejectedCallException.Reason reason) {}

        /**
         * Another attempt will be made.
         *
         * @param name the name of the pipeline
         * @param attempt the number of the attempt that failed, from 1
         * @param delayNanos how long is waited before the next
         */
        default void onRetry(String name, int attempt, long delayNanos) {}
    }

    /** Collects the parts of a pipeline. */
    public static final class Builder {
        private Builder() {}

        /**
         * Sets time.
         *
         * @param time the value
         * @return this
         */
        public Builder deadline(Duration time) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets retry.
         *
         * @param retry the value
         * @return this
         */
        public Builder retry(Retry retry) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets breaker.
         *
         * @param breaker the value
         * @return this
         */
        public Builder breaker(CircuitBreaker breaker) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets bulkhead.
         *
         * @param bulkhead the value
         * @return this
         */
        public Builder bulkhead(Bulkhead bulkhead) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets limiter.
         *
         * @param limiter the value
         * @return this
         */
        public Builder rateLimiter(RateLimiter limiter) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets gate.
         *
         * @param gate the value
         * @return this
         */
        public Builder admission(Admission gate) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets time.
         *
         * @param time the value
         * @return this
         */
        public Builder attemptTimeout(Duration time) {
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
         * Sets scheduler.
         *
         * @param scheduler the value
         * @return this
         */
        public Builder scheduler(ScheduledExecutorService scheduler) {
            throw new UnsupportedOperationException();
        }

        /**
         * Sets random.
         *
         * @param random the value
         * @return this
         */
        public Builder random(RandomGenerator random) {
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
        /** {@return the pipeline} */
        public Pipeline build() {
            throw new UnsupportedOperationException();
        }
    }
}
