// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

/**
 * Leave to make one call, for those who cannot pass a lambda: report one verdict, then {@link #close}. Made by
 * {@link CircuitBreaker#acquire} and {@link Bulkhead#acquire}.
 *
 * <pre>{@code
 * try (Permit permit = breaker.acquire()) {
 *     send(request);
 *     permit.success();
 * }
 * }</pre>
 *
 * <p>Thread-safe; the first verdict counts and later ones do nothing.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Permit implements AutoCloseable {
    Permit() {}

    /** Says that the call succeeded. */
    public void success() {
        throw new UnsupportedOperationException();
    }

    /**
     * Says that the call failed.
     *
     * @param error what it threw
     */
    public void failure(Throwable error) {
        throw new UnsupportedOperationException();
    }

    /** Gives the permit back; without a verdict before, the call counts as not made or cancelled, never as failed. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
