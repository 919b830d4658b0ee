// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * When and how to make a failed call again. Only for work that may be done twice.
 *
 * <pre>{@code
 * Retry retry = Retry.of(3, Backoff.exponential(ofMillis(50)).cap(ofSeconds(1))).on(IOException.class);
 * }</pre>
 *
 * <p>By default every {@link Exception} of the work is retried. Never retried are an {@link Error}, an interruption, a
 * cancellation and a {@link java.util.concurrent.RejectedExecutionException}, which says that the call was not made. When
 * attempts or budget run out, the last exception itself is thrown, with at most 8 earlier ones suppressed.
 *
 * <p>Retries do not multiply: a call inside another call that retries makes one attempt, unless {@link #nested}. And they
 * are bounded by a {@link RetryBudget}, by default 10 % of the calls and 10 in reserve.
 *
 * <p>Immutable. Costs nothing on success; {@link Pipeline} combines it with a deadline and gates.
 */
public final class Retry {
    private final int maxAttempts;
    private final Backoff backoff;
    private final List<Class<? extends Exception>> types;
    private final @Nullable Predicate<? super Exception> when;
    private final @Nullable Class<?> resultType;
    private final @Nullable Predicate<Object> badResult;
    private final @Nullable Function<? super Exception, ? extends @Nullable Duration> retryAfter;
    private final @Nullable RetryBudget budget;
    private final boolean nested;
    private final AtomicReference<@Nullable Pipeline> alone = new AtomicReference<>();

    private Retry(
            int maxAttempts,
            Backoff backoff,
            List<Class<? extends Exception>> types,
            @Nullable Predicate<? super Exception> when,
            @Nullable Class<?> resultType,
            @Nullable Predicate<Object> badResult,
            @Nullable Function<? super Exception, ? extends @Nullable Duration> retryAfter,
            @Nullable RetryBudget budget,
            boolean nested) {
        this.maxAttempts = maxAttempts;
        this.backoff = backoff;
        this.types = types;
        this.when = when;
        this.resultType = resultType;
        this.badResult = badResult;
        this.retryAfter = retryAfter;
        this.budget = budget;
        this.nested = nested;
    }

    /**
     * Makes a call up to {@code maxAttempts} times.
     *
     * @param maxAttempts the first attempt included, 1 to 1,000
     * @param backoff how long to wait in between
     * @return the retry
     * @throws IllegalArgumentException if {@code maxAttempts} is out of its range
     */
    public static Retry of(int maxAttempts, Backoff backoff) {
        Arguments.range("maxAttempts", maxAttempts, 1, 1_000);
        Objects.requireNonNull(backoff, "backoff");
        return new Retry(maxAttempts, backoff, List.of(), null, null, null, null, null, false);
    }

    /**
     * Retries only these exceptions and their subtypes; of those, only what {@link #when} accepts.
     *
     * @param exceptions the types, at least one
     * @return the retry
     * @throws IllegalArgumentException if there are none
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // only read
    public final Retry on(Class<? extends Exception>... exceptions) {
        if (exceptions.length == 0) {
            throw new IllegalArgumentException("exceptions must not be empty: exceptions=[] (expected: 1 or more)");
        }
        return new Retry(
                maxAttempts, backoff, List.of(exceptions), when, resultType, badResult, retryAfter, budget, nested);
    }

    /**
     * Retries only exceptions that the predicate accepts. If it throws, the call is not retried and ends with its own
     * failure.
     *
     * @param retryable true for what may be retried
     * @return the retry
     */
    public Retry when(Predicate<? super Exception> retryable) {
        Objects.requireNonNull(retryable, "retryable");
        return new Retry(maxAttempts, backoff, types, retryable, resultType, badResult, retryAfter, budget, nested);
    }

    /**
     * Retries bad results too; breakers count them as failures. A result that stays bad is returned. Results of other
     * types, and null, are good.
     *
     * @param type the type of the results that are looked at
     * @param bad true for what is to be retried
     * @param <T> the type of the results
     * @return the retry
     */
    public <T> Retry onResult(Class<T> type, Predicate<? super T> bad) {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(bad, "bad");
        return new Retry(
                maxAttempts,
                backoff,
                types,
                when,
                type,
                result -> bad.test(type.cast(result)),
                retryAfter,
                budget,
                nested);
    }

    /**
     * Waits at least as long as the failure asks for, such as the {@code Retry-After} of an HTTP 429 or 503.
     *
     * @param wait the wait that an exception asks for; null for none, negative for "do not retry"
     * @return the retry
     */
    public Retry retryAfter(Function<? super Exception, ? extends @Nullable Duration> wait) {
        Objects.requireNonNull(wait, "wait");
        return new Retry(maxAttempts, backoff, types, when, resultType, badResult, wait, budget, nested);
    }

    /**
     * Bounds retries by this budget, together with all others that use it.
     *
     * @param shared the budget
     * @return the retry
     */
    public Retry budget(RetryBudget shared) {
        Objects.requireNonNull(shared, "shared");
        return new Retry(maxAttempts, backoff, types, when, resultType, badResult, retryAfter, shared, nested);
    }

    /** {@return this retry, retrying even inside another call that retries: their attempts multiply} */
    public Retry nested() {
        return new Retry(maxAttempts, backoff, types, when, resultType, badResult, retryAfter, budget, true);
    }

    /**
     * Makes a call with retries and nothing else.
     *
     * @param work the call
     * @param <T> the type of its result
     * @param <X> what it throws
     * @return its result
     * @throws X if the last attempt throws it
     */
    public <T extends @Nullable Object, X extends Exception> T call(CheckedSupplier<? extends T, ? extends X> work)
            throws X {
        return alone().call(work);
    }

    /**
     * Makes a call without result with retries and nothing else.
     *
     * @param work the call
     * @param <X> what it throws
     * @throws X if the last attempt throws it
     */
    public <X extends Exception> void run(CheckedRunnable<? extends X> work) throws X {
        alone().run(work);
    }

    /** One pipeline per value, so that its budget is one. */
    private Pipeline alone() {
        Pipeline known = alone.get();
        if (known != null) {
            return known;
        }
        Pipeline made = Pipeline.builder("retry").retry(this).build();
        Pipeline winner = alone.compareAndExchange(null, made);
        return winner == null ? made : winner;
    }

    int maxAttempts() {
        return maxAttempts;
    }

    Backoff backoff() {
        return backoff;
    }

    boolean isNested() {
        return nested;
    }

    @Nullable
    RetryBudget budget() {
        return budget;
    }

    boolean judgesResults() {
        return badResult != null;
    }

    boolean isBad(@Nullable Object result) {
        return badResult != null
                && resultType != null
                && resultType.isInstance(result)
                && badResult.test(Objects.requireNonNull(result));
    }

    boolean isRetryable(Throwable error) {
        if (!(error instanceof Exception exception) || Outcomes.neutral(error)) {
            return false;
        }
        boolean named = types.isEmpty();
        for (Class<? extends Exception> type : types) {
            named |= type.isInstance(exception);
        }
        return named && (when == null || when.test(exception));
    }

    /** The wait that the failure asks for: 0 for none, negative for "do not retry". */
    long askedNanos(Throwable error) {
        Duration asked =
                retryAfter == null || !(error instanceof Exception exception) ? null : retryAfter.apply(exception);
        return asked == null ? 0 : Arguments.nanos(asked);
    }

    @Override
    public String toString() {
        return maxAttempts + " attempts, " + backoff + ", budget " + (budget == null ? "of its own" : budget);
    }
}
