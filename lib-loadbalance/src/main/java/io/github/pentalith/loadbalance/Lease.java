// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.time.Duration;

/**
 * The right to make one call to one endpoint, counted from the pick until a verdict.
 *
 * <pre>{@code
 * try (Lease<Client> lease = balancer.acquire()) {
 *     lease.target().send(request);
 *     lease.success();
 * }                              // without a verdict: cancelled, which blames nobody
 * }</pre>
 *
 * <p>The first verdict counts, later ones do nothing. A lease that outlives the balancer's {@code maxLeaseAge} is taken
 * back and reported. Thread-safe; a lease may end on another thread than it began.
 *
 * @param <T> what the balancer hands out
 */
public final class Lease<T> implements AutoCloseable {
    Lease() {}

    /** {@return what to call} */
    public T target() {
        throw new UnsupportedOperationException();
    }

    /** {@return the endpoint behind the target} */
    public Endpoint endpoint() {
        throw new UnsupportedOperationException();
    }

    /** The call succeeded. */
    public void success() {
        throw new UnsupportedOperationException();
    }

    /**
     * The call ended in another way.
     *
     * @param outcome how
     */
    public void failure(Outcome outcome) {
        throw new UnsupportedOperationException();
    }

    /**
     * The endpoint asked for a pause.
     *
     * @param retryAfter how long, zero or more
     * @throws IllegalArgumentException if negative
     */
    public void overloaded(Duration retryAfter) {
        throw new UnsupportedOperationException();
    }

    /** Ends the lease as {@link Outcome#CANCELLED} if there was no verdict. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
