// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that can take calls: an address with a weight. An immutable value; two endpoints are equal if all components
 * are.
 *
 * <p>The {@code id} is what a balancer recognises an endpoint by: what it has learnt about it (calls in flight, latency,
 * health) survives every change of the set as long as id, host and port stay.
 *
 * <pre>{@code
 * Endpoint big = Endpoint.of("10.0.0.1", 8080).weight(5).zone("eu-1a");
 * Endpoint leaving = big.weight(0);          // drained: no new calls, those in flight end in peace
 * }</pre>
 *
 * @param id unique in its set; {@code host:port} unless given
 * @param host a name or an address
 * @param port 0 to 65,535; 0 where there is none, as for things that are not reached by TCP
 * @param weight 0 to 1,000,000; 0 = drained
 * @param priority 0 to 15; endpoints of a lower priority number are preferred
 * @param zone where it is, for zone awareness, or null
 * @param tags free for the user, immutable
 */
public record Endpoint(
        String id,
        String host,
        int port,
        int weight,
        int priority,
        @Nullable String zone,
        Map<String, String> tags) {

    private static final int MAX_WEIGHT = 1_000_000;
    private static final int MAX_PRIORITY = 15;

    /**
     * Checks all components.
     *
     * @param id as in {@link #id()}
     * @param host as in {@link #host()}
     * @param port as in {@link #port()}
     * @param weight as in {@link #weight()}
     * @param priority as in {@link #priority()}
     * @param zone as in {@link #zone()}
     * @param tags as in {@link #tags()}
     * @throws IllegalArgumentException if one is out of its range; the message names it
     */
    public Endpoint {
        requireNonNull(host, "host");
        if (requireNonNull(id, "id").isEmpty()) {
            throw new IllegalArgumentException("id must not be empty: id= (expected: 1 character or more)");
        }
        range("port", port, 65_535);
        range("weight", weight, MAX_WEIGHT);
        range("priority", priority, MAX_PRIORITY);
        tags = Map.copyOf(tags);
    }

    private static void range(String name, int value, int max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(String.format(
                    java.util.Locale.ROOT, "%s must be in range: %s=%d (expected: 0 to %,d)", name, name, value, max));
        }
    }

    /**
     * An endpoint of weight 1 whose id is {@code host:port}.
     *
     * @param host a name or an address
     * @param port 0 to 65,535
     * @return the endpoint
     * @throws IllegalArgumentException if the port is out of range
     */
    public static Endpoint of(String host, int port) {
        return of(host + ":" + port, host, port);
    }

    /**
     * An endpoint of weight 1.
     *
     * @param id unique in its set, not empty
     * @param host a name or an address
     * @param port 0 to 65,535
     * @return the endpoint
     * @throws IllegalArgumentException if the id is empty or the port out of range
     */
    public static Endpoint of(String id, String host, int port) {
        return new Endpoint(id, host, port, 1, 0, null, Map.of());
    }

    /**
     * {@return this endpoint with another weight}
     *
     * @param weight 0 to 1,000,000; 0 = drained
     * @throws IllegalArgumentException if out of range
     */
    public Endpoint weight(int weight) {
        return new Endpoint(id, host, port, weight, priority, zone, tags);
    }

    /**
     * {@return this endpoint with another priority}
     *
     * @param priority 0 (first) to 15
     * @throws IllegalArgumentException if out of range
     */
    public Endpoint priority(int priority) {
        return new Endpoint(id, host, port, weight, priority, zone, tags);
    }

    /**
     * {@return this endpoint in a zone}
     *
     * @param zone the zone's name, or null for none
     */
    public Endpoint zone(@Nullable String zone) {
        return new Endpoint(id, host, port, weight, priority, zone, tags);
    }

    /**
     * {@return this endpoint with one tag more, or with another value of a tag}
     *
     * @param key the tag's name
     * @param value its value
     */
    public Endpoint tag(String key, String value) {
        Map<String, String> more = new HashMap<>(tags);
        more.put(requireNonNull(key, "key"), requireNonNull(value, "value"));
        return new Endpoint(id, host, port, weight, priority, zone, more);
    }

    /** Whether both are reached the same way, so that connections to the one serve the other. */
    boolean sameAddress(Endpoint other) {
        return port == other.port && host.equals(other.host);
    }
}
