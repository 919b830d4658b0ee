// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

/**
 * Where endpoints come from: a list, a registry, DNS. Users implement it to connect their own discovery.
 *
 * <p>A source is open while somebody is subscribed and needs no closing of its own. It must deliver the set that is valid
 * at the subscription, if it knows one, before {@code subscribe} returns or soon after, and then every newer one; it may
 * leave out sets that are already outdated, but never the last. Deliveries to one listener come one after the other, with
 * growing epochs.
 */
@FunctionalInterface
public interface EndpointSource {
    /**
     * Starts deliveries.
     *
     * @param listener who is told; must return soon
     * @return closing it ends the deliveries
     */
    Subscription subscribe(Listener listener);

    /**
     * A source that never changes.
     *
     * @param endpoints in any order
     * @return the source
     * @throws IllegalArgumentException if two have the same id
     */
    static EndpointSource of(Endpoint... endpoints) {
        EndpointSet set = EndpointSet.of(endpoints);
        return listener -> {
            listener.onEndpoints(set);
            return () -> {};
        };
    }

    /** Who is told about endpoints. */
    interface Listener {
        /**
         * These endpoints exist from now on.
         *
         * @param set the whole set, not a change
         */
        void onEndpoints(EndpointSet set);

        /**
         * The source's own knowledge about one endpoint of the last set, as a container platform's readiness. Cheap: no new
         * set is made. An endpoint the source never spoke about is healthy.
         *
         * @param id the endpoint; an unknown one is ignored
         * @param healthy whether it may take calls
         */
        default void onHealth(String id, boolean healthy) {}
    }
}
