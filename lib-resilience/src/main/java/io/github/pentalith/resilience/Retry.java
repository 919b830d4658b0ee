// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** When and how to make a failed call again. */
@SuppressWarnings("DoNotCallSuggester")
public final class Retry {
    private Retry() {}

    /**
     * A retry.
     *
     * @param maxAttempts the first attempt included, 1 or more
     * @param backoff the wait between attempts
     * @return the retry
     */
    public static Retry of(int maxAttempts, Backoff backoff) {
        throw new UnsupportedOperationException();
    }

    /**
     * Retries only these exceptions and their subtypes.
     *
     * @param types the types
     * @return the retry
     */
    @SafeVarargs
    public final Retry on(Class<? extends Exception>... types) {
        throw new UnsupportedOperationException();
    }

    /**
     * Retries only what the predicate accepts.
     *
     * @param retryable the predicate
     * @return the retry
     */
    public Retry when(Predicate<? super Exception> retryable) {
        throw new UnsupportedOperationException();
    }

    /**
     * Retries results too.
     *
     * @param type the type of the result
     * @param bad says which results are to be retried
     * @param <T> the type of the result
     * @return the retry
     */
    public <T> Retry onResult(Class<T> type, Predicate<? super T> bad) {
        throw new UnsupportedOperationException();
    }

    /**
     * Takes the shortest wait from the exception.
     *
     * @param retryAfter returns the wait, or null
     * @return the retry
     */
    public Retry retryAfter(Function<? super Exception, @Nullable Duration> retryAfter) {
        throw new UnsupportedOperationException();
    }

    /**
     * Sets the budget.
     *
     * @param budget the budget
     * @return the retry
     */
    public Retry budget(RetryBudget budget) {
        throw new UnsupportedOperationException();
    }

    /**
     * Makes a call with retries.
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
     * Makes a call with retries.
     *
     * @param work the work
     * @param <X> what the work throws
     * @throws X if the work fails
     */
    public <X extends Exception> void run(CheckedRunnable<? extends X> work) throws X {
        throw new UnsupportedOperationException();
    }
}
