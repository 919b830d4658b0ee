// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What to do when a call fails, hangs or floods: deadline, retry, breaker, bulkhead, rate limit and attempt timeout, in
 * one order that is always the same. The door of this library.
 *
 * <pre>{@code
 * Pipeline inventory = Pipeline.builder("inventory")
 *         .deadline(ofSeconds(2))
 *         .retry(Retry.of(3, Backoff.exponential(ofMillis(50))).on(IOException.class))
 *         .breaker(CircuitBreaker.of("inventory"))
 *         .bulkhead(Bulkhead.of("inventory", 32))
 *         .build();
 *
 * Stock stock = inventory.call(() -> client.stock(id));                   // throws what client.stock throws
 * Stock guess = inventory.call(() -> client.stock(id), e -> Stock.UNKNOWN);
 * }</pre>
 *
 * <p><b>Order</b>, from the outside: deadline &gt; retry &gt; breaker &gt; bulkhead &gt; admission &gt; rate limit &gt; attempt
 * timeout &gt; work. Each attempt passes all gates; the first that refuses ends the call with a
 * {@link RejectedCallException}, and those that had let it through get their tokens back, innermost first, as "not
 * used". Another order is one pipeline inside another.
 *
 * <p><b>Failure.</b> The work's own exception comes out unchanged. A rejection is never retried here and never counted as
 * a failure. An {@link Error} is a failure and never retried. {@link InterruptedException} ends the call with the
 * interrupt flag set. Whatever happens, each token is given back exactly once.
 *
 * <p><b>Time.</b> The work runs on the caller's thread. Deadline and attempt timeout are what {@link Deadline#current} shows
 * inside the work, for clients to take their timeouts from; they stop synchronous work that ignores them only with
 * {@link Builder#interruptOnTimeout}. No retry begins after the deadline.
 *
 * <p>Thread-safe. Without failure nothing is allocated, and the clock is read at most twice: once at the start if a
 * deadline, attempt timeout or timed gate is there, once at the end if a gate measures time. An observer costs one more.
 */
public final class Pipeline {
    private final String name;
    private final Engine engine;

    private Pipeline(String name, Engine engine) {
        this.name = name;
        this.engine = engine;
    }

    /**
     * Makes the pipeline that fits most dependencies: {@link Builder#standard} without changes.
     *
     * @param name its name, for logs, stats and exceptions; the breaker's and the bulkhead's too
     * @param deadline how long a call may take, retries included; positive
     * @return the pipeline
     * @throws IllegalArgumentException if the name is blank or the deadline not positive
     */
    public static Pipeline standard(String name, Duration deadline) {
        return builder(name).standard(deadline).build();
    }

    /**
     * Starts a builder. What is not named is not there.
     *
     * @param name the pipeline's name, for logs, stats and exceptions
     * @return the builder
     * @throws IllegalArgumentException if the name is blank
     */
    public static Builder builder(String name) {
        return new Builder(Arguments.name(name));
    }

    /**
     * Makes a call.
     *
     * @param work the call
     * @param <T> the type of its result
     * @param <X> what it throws
     * @return its result
     * @throws X if the last attempt throws it
     * @throws RejectedCallException if the call was not made
     */
    public <T extends @Nullable Object, X extends Exception> T call(CheckedSupplier<? extends T, ? extends X> work)
            throws X {
        return engine.execute(work);
    }

    /**
     * Makes a call without result.
     *
     * @param work the call
     * @param <X> what it throws
     * @throws X if the last attempt throws it
     * @throws RejectedCallException if the call was not made
     */
    @SuppressWarnings("NullAway") // the null of Void; known in JSpecify mode
    public <X extends Exception> void run(CheckedRunnable<? extends X> work) throws X {
        engine.<@Nullable Void, X>execute(() -> {
            work.run();
            return null;
        });
    }

    /**
     * Makes a call that has an answer for every exception, a rejection included. An {@link Error} still comes out.
     *
     * @param work the call
     * @param fallback makes the result from the exception that {@link #call(CheckedSupplier)} would throw
     * @param <T> the type of the result
     * @return the result of the work or of the fallback
     */
    public <T extends @Nullable Object> T call(
            CheckedSupplier<? extends T, ?> work, Function<? super Exception, ? extends T> fallback) {
        Objects.requireNonNull(fallback, "fallback");
        try {
            return engine.<T, Exception>execute(work);
        } catch (Exception e) {
            return fallback.apply(e);
        }
    }

    /**
     * Makes an asynchronous call. The work is started on the calling thread, and again on the executor for every retry;
     * the result completes where the work's stage does. Cancelling the result cancels the stage of the work and ends
     * the retries; so does the deadline, and an attempt timeout cancels its attempt, both with a
     * {@link CallTimeoutException}. Rejections and what the work throws come through the result.
     *
     * <p>A {@link Bulkhead} with a wait makes the thread that starts an attempt wait. {@link Deadline#current} is set while the
     * work is being started, not in its stages.
     *
     * @param work starts the call
     * @param <T> the type of its result
     * @return the result
     */
    public <T> CompletableFuture<T> callAsync(Supplier<? extends CompletionStage<? extends T>> work) {
        return engine.executeAsync(work);
    }

    /** {@return the name} */
    public String name() {
        return name;
    }

    /** {@return cumulative counts} */
    public Stats stats() {
        return engine.tally.stats();
    }

    /** {@return the pipeline in its order, from the outside, with the effective settings} */
    @Override
    public String toString() {
        return engine.toString();
    }

    /**
     * Counts since creation. Each call that has ended is in exactly one of the first five.
     *
     * @param name the name of the pipeline
     * @param successes calls that returned
     * @param failures calls that threw
     * @param timeouts calls that ended in {@link CallTimeoutException}
     * @param rejections calls that were not made, or whose last attempt was not
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

    /** Hears how calls end, on their threads; what it throws is contained. */
    public interface Observer {
        /**
         * A call has returned.
         *
         * @param name the name of the pipeline
         * @param attempts how many attempts it took
         * @param nanos how long it took, waits included
         */
        default void onSuccess(String name, int attempts, long nanos) {}

        /**
         * A call has thrown, timed out or been cancelled.
         *
         * @param name the name of the pipeline
         * @param attempts how many attempts were made
         * @param nanos how long it took, waits included
         * @param error what it threw
         */
        default void onFailure(String name, int attempts, long nanos, Throwable error) {}

        /**
         * A call was not made: it threw a {@link RejectedCallException}.
         *
         * @param name the name of the pipeline
         * @param reason why
         */
        default void onRejected(String name, RejectedCallException.Reason reason) {}

        /**
         * An attempt has failed, and there will be another.
         *
         * @param name the name of the pipeline
         * @param attempt the number of the attempt that failed, from 1
         * @param delayNanos how long is waited before the next
         */
        default void onRetry(String name, int attempt, long delayNanos) {}
    }

    /** Collects the parts of a pipeline; the order of the calls does not matter. Not thread-safe. */
    public static final class Builder {
        final String name;
        long deadlineNanos;
        long attemptTimeoutNanos;
        private boolean standard;

        @Nullable
        Retry retry;

        @Nullable
        CircuitBreaker breaker;

        @Nullable
        Bulkhead bulkhead;

        @Nullable
        Admission admission;

        @Nullable
        RateLimiter rateLimiter;

        boolean interrupts;

        LongSupplier ticker = Waits.SYSTEM;

        @Nullable
        ScheduledExecutorService scheduler;

        Executor executor = ForkJoinPool.commonPool();

        @Nullable
        RandomGenerator random;

        @Nullable
        Observer observer;

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Bounds the whole call, retries and waits included.
         *
         * @param time how long, positive
         * @return this builder
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder deadline(Duration time) {
            deadlineNanos = Arguments.positive("deadline", time);
            return this;
        }

        /**
         * Takes what fits most dependencies, save for what this builder is told otherwise: the deadline; 3 attempts with
         * exponential backoff from 50 ms to 1 s within a budget of 10 %; a breaker that stays open from 0.2 s to 0.5 s;
         * a concurrency limit that adapts so that most calls take less than a quarter of the deadline, or than half or all
         * of it where the dependency needs as long by itself; and an attempt timeout of three quarters of the deadline, so
         * that a lost reply leaves time for another attempt. In a chain of services the open times add up, hence they are
         * short; the storm simulator (docs/benchmarks/storm.md) shows what these choices do.
         *
         * @param time how long a call may take, retries included; positive
         * @return this builder
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder standard(Duration time) {
            deadline(time);
            standard = true;
            return this;
        }

        private void completeStandard() {
            if (retry == null) {
                retry = Retry.of(3, Backoff.exponential(Duration.ofMillis(50)).cap(Duration.ofSeconds(1)));
            }
            if (breaker == null) {
                CircuitBreaker.Builder gate = CircuitBreaker.builder(name)
                        .openFor(Duration.ofMillis(200), Duration.ofMillis(500))
                        .ticker(ticker);
                breaker = (random == null ? gate : gate.random(random)).build();
            }
            if (attemptTimeoutNanos == 0 && deadlineNanos > 3) {
                attemptTimeoutNanos = deadlineNanos - deadlineNanos / 4;
            }
            if (bulkhead == null) {
                Duration target = Duration.ofNanos(Math.max(1, deadlineNanos / 4));
                bulkhead = Bulkhead.builder(name)
                        .adaptive(4, 1_000, target)
                        .ticker(ticker)
                        .build();
            }
        }

        /**
         * Makes failed calls again.
         *
         * @param policy when and how
         * @return this builder
         */
        public Builder retry(Retry policy) {
            retry = Objects.requireNonNull(policy, "retry");
            return this;
        }

        /**
         * Stops calls while they fail.
         *
         * @param gate the breaker, which others may share
         * @return this builder
         */
        public Builder breaker(CircuitBreaker gate) {
            breaker = Objects.requireNonNull(gate, "breaker");
            return this;
        }

        /**
         * Bounds the attempts at one time.
         *
         * @param gate the bulkhead, which others may share
         * @return this builder
         */
        public Builder bulkhead(Bulkhead gate) {
            bulkhead = Objects.requireNonNull(gate, "bulkhead");
            return this;
        }

        /**
         * Asks a gate of your own, inside of breaker and bulkhead.
         *
         * @param gate the gate
         * @return this builder
         */
        public Builder admission(Admission gate) {
            admission = Objects.requireNonNull(gate, "admission");
            return this;
        }

        /**
         * Bounds how often attempts are made. The innermost gate, so that no grant is lost to another's refusal.
         *
         * @param gate the limiter, which others may share
         * @return this builder
         */
        public Builder rateLimiter(RateLimiter gate) {
            rateLimiter = Objects.requireNonNull(gate, "rateLimiter");
            return this;
        }

        /**
         * Bounds each attempt: {@link Deadline#current} inside the work is at most this far away.
         *
         * @param time how long, positive and less than the deadline
         * @return this builder
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder attemptTimeout(Duration time) {
            attemptTimeoutNanos = Arguments.positive("attemptTimeout", time);
            return this;
        }

        /**
         * Interrupts synchronous work at the end of its time: of the attempt timeout, or of the deadline if that is sooner.
         * What the work throws then becomes the cause of a {@link CallTimeoutException}, which may be retried like another
         * failure; an {@link Error} stays itself, and work that returns in spite of the interrupt has returned. The thread is
         * not left interrupted. Only for work that takes interrupts well; an interrupted NIO channel is closed. Without
         * this, work that ignores {@link Deadline#current} is not stopped.
         *
         * <p>Asynchronous work is never interrupted: its stage is cancelled.
         *
         * @return this builder
         */
        public Builder interruptOnTimeout() {
            interrupts = true;
            return this;
        }

        /**
         * Reads the time from this clock.
         *
         * @param monotonicNanos a monotonic clock in nanoseconds
         * @return this builder
         */
        public Builder ticker(LongSupplier monotonicNanos) {
            ticker = Objects.requireNonNull(monotonicNanos, "ticker");
            return this;
        }

        /**
         * Waits between attempts, and times asynchronous attempts out, through this scheduler; without one the thread
         * parks, and asynchronous calls share one timer thread. Never shut down by the pipeline.
         *
         * @param service the scheduler
         * @return this builder
         */
        public Builder scheduler(ScheduledExecutorService service) {
            scheduler = Objects.requireNonNull(service, "scheduler");
            return this;
        }

        /**
         * Starts retries of asynchronous calls and handles their timeouts on this executor; by default on the common
         * pool. To carry context (MDC, traces) across retries, give one that does. Never shut down by the pipeline.
         *
         * @param service the executor
         * @return this builder
         */
        public Builder executor(Executor service) {
            executor = Objects.requireNonNull(service, "executor");
            return this;
        }

        /**
         * Draws jitter from this source; by default from the thread's own.
         *
         * @param source a thread-safe generator
         * @return this builder
         */
        public Builder random(RandomGenerator source) {
            random = Objects.requireNonNull(source, "random");
            return this;
        }

        /**
         * Tells somebody how calls end.
         *
         * @param listener who is told
         * @return this builder
         */
        public Builder observer(Observer listener) {
            observer = Objects.requireNonNull(listener, "observer");
            return this;
        }

        /**
         * Makes the pipeline.
         *
         * @return the pipeline
         * @throws IllegalArgumentException if the parts contradict each other
         */
        public Pipeline build() {
            if (standard) {
                completeStandard();
            }
            if (deadlineNanos > 0 && attemptTimeoutNanos >= deadlineNanos) {
                throw new IllegalArgumentException("attemptTimeout must be less than the deadline: attemptTimeout="
                        + Duration.ofNanos(attemptTimeoutNanos) + " (expected: less than "
                        + Duration.ofNanos(deadlineNanos) + ")");
            }
            if (interrupts && deadlineNanos == 0 && attemptTimeoutNanos == 0) {
                throw new IllegalArgumentException("interruptOnTimeout needs a time: attemptTimeout=none, deadline=none"
                        + " (expected: one of the two)");
            }
            if (bulkhead != null && deadlineNanos > 0 && bulkhead.gate().maxWaitNanos() >= deadlineNanos) {
                throw new IllegalArgumentException("maxWait of the bulkhead must be less than the deadline: maxWait="
                        + Duration.ofNanos(bulkhead.gate().maxWaitNanos()) + " (expected: less than "
                        + Duration.ofNanos(deadlineNanos) + ")");
            }
            return new Pipeline(name, new Engine(this));
        }
    }
}
