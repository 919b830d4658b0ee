// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * The right to make one call to one endpoint, counted from the pick until a verdict, so that a slow connect counts too.
 *
 * <pre>{@code
 * try (Lease<Client> lease = balancer.acquire()) {
 *     lease.target().send(request);
 *     lease.success();
 * }                              // without a verdict: cancelled, which blames nobody
 * }</pre>
 *
 * <p>The first verdict counts, later ones do nothing. A lease that outlives the balancer's {@code maxLeaseAge} is taken
 * back and reported; a verdict after that does nothing either. Thread-safe; a lease may end on another thread than it
 * began. The object has 24 bytes; {@link LoadBalancer#tokens()} is the form without any.
 *
 * @param <T> what the balancer hands out
 */
public final class Lease<T> implements AutoCloseable {
    private final Slots.Slot<T> slot;
    private final Node<T> node;
    private final int lease; // its name within the slot

    Lease(Slots.Slot<T> slot, Node<T> node, int lease) {
        this.slot = slot;
        this.node = node;
        this.lease = lease;
    }

    /**
     * {@return what to call}
     *
     * @throws IllegalStateException if the lease has ended, and what was attached to its endpoint is closed
     */
    public T target() {
        return node.handedOut();
    }

    /** {@return the endpoint behind the target, as the newest set describes it} */
    public Endpoint endpoint() {
        return node.endpoint();
    }

    /** The call succeeded. */
    public void success() {
        boolean unused = slot.dispatch().complete(slot, lease, Outcome.SUCCESS, -1);
    }

    /**
     * The call ended in another way.
     *
     * @param outcome how
     */
    public void failure(Outcome outcome) {
        boolean unused = slot.dispatch().complete(slot, lease, requireNonNull(outcome, "outcome"), -1);
    }

    /**
     * The endpoint asked for a pause, by HTTP 429 or 503 or the like.
     *
     * @param retryAfter how long, zero or more
     * @throws IllegalArgumentException if negative
     */
    public void overloaded(Duration retryAfter) {
        if (retryAfter.isNegative()) {
            throw new IllegalArgumentException(
                    "retryAfter must not be negative: retryAfter=" + retryAfter + " (expected: 0 or more)");
        }
        boolean unused = slot.dispatch().complete(slot, lease, Outcome.OVERLOADED, Require.nanos(retryAfter));
    }

    /** Ends the lease as {@link Outcome#CANCELLED} if there was no verdict. */
    @Override
    public void close() {
        boolean unused = slot.dispatch().complete(slot, lease, Outcome.CANCELLED, -1);
    }

    /** {@return the endpoint's id} */
    @Override
    public String toString() {
        return "Lease[" + node + "]";
    }
}
