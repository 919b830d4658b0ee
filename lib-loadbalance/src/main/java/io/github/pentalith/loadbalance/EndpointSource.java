// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

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

    /**
     * The addresses of a name, looked up again and again: all A and AAAA records, each an endpoint of weight 1 whose id is
     * {@code address:port}.
     *
     * <p>An answer that is empty or an error leaves the last good set as it is, because a resolver that fails says nothing
     * about the servers. The first look-up is made by {@code subscribe} itself, on the caller's thread; the others by a daemon
     * thread per subscription, {@code pentalith-loadbalance-dns}, which ends with it. The JDK keeps answers for 30 s by
     * itself (security property {@code networkaddress.cache.ttl}), so looking up more often brings nothing unless that is
     * lowered.
     *
     * @param host the name
     * @param port of each endpoint, 0 to 65,535
     * @param interval between look-ups, positive; each is longer or shorter by up to a tenth
     * @return the source
     * @throws IllegalArgumentException if the port or the interval is out of range
     */
    static EndpointSource dns(String host, int port, Duration interval) {
        return new DnsSource(host, port, interval, InetAddress::getAllByName);
    }

    /**
     * The endpoints of several sources together, such as a registry and a fixed reserve of a lower priority. If two have an
     * endpoint of the same id, the earlier source counts. A source that has not delivered yet keeps nobody waiting.
     *
     * @param sources in the order of precedence
     * @return the source
     */
    static EndpointSource composite(EndpointSource... sources) {
        return new CompositeSource(List.of(sources));
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
