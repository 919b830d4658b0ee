// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.function.UnaryOperator;

/**
 * A set of endpoints that the program changes itself, and the source that tells balancers about it.
 *
 * <pre>{@code
 * EndpointHolder nodes = EndpointHolder.of("nodes", Endpoint.of("10.0.0.1", 8080));
 * nodes.update(set -> set.with(Endpoint.of("10.0.0.2", 8080)));
 * nodes.update(set -> set.drain("10.0.0.1:8080"));
 * }</pre>
 *
 * <p>Thread-safe; readers never wait. Listeners are told on the thread that made a change, or on one that is just telling
 * them an earlier one: bursts are coalesced, the last set always arrives.
 */
public final class EndpointHolder implements EndpointSource {
    private EndpointHolder() {}

    /**
     * A holder.
     *
     * @param name for logs
     * @param endpoints the first content
     * @return the holder, at epoch 1
     * @throws IllegalArgumentException if two endpoints have the same id
     */
    public static EndpointHolder of(String name, Endpoint... endpoints) {
        throw new UnsupportedOperationException();
    }

    /** {@return the name} */
    public String name() {
        throw new UnsupportedOperationException();
    }

    /** {@return the set that is valid now} */
    public EndpointSet current() {
        throw new UnsupportedOperationException();
    }

    /**
     * Replaces the set, if the new one is newer.
     *
     * @param next the new set
     * @return false, and nothing is changed, if its epoch is not greater than the current one's
     */
    public boolean publish(EndpointSet next) {
        throw new UnsupportedOperationException();
    }

    /**
     * Changes the set atomically.
     *
     * @param change makes the next set from the current one; may be called several times, so without side effects
     * @return the set after the change
     * @throws IllegalArgumentException if the result is another set, but of no greater epoch
     */
    public EndpointSet update(UnaryOperator<EndpointSet> change) {
        throw new UnsupportedOperationException();
    }

    /**
     * Says whether one endpoint may take calls. Costs no new set. Forgotten when the endpoint is taken away.
     *
     * @param id the endpoint; an unknown one is ignored
     * @param healthy whether it may take calls
     */
    public void health(String id, boolean healthy) {
        throw new UnsupportedOperationException();
    }

    /**
     * Tells the listener the current set before it returns, and from then on every change.
     *
     * @param listener who is told
     * @return closing it ends the deliveries
     */
    @Override
    public Subscription subscribe(Listener listener) {
        throw new UnsupportedOperationException();
    }
}
