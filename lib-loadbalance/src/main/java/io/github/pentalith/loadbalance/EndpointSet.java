// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints that exist at one moment, with a version. Immutable; sorted by id, so that the order in which a source
 * happens to list them never matters.
 *
 * <p>{@link #with}, {@link #without} and {@link #withAll} give a set of the next epoch, or this very set if nothing
 * would change: equal content, equal version.
 *
 * <p>A look-up by id is a binary search; a changed copy costs time and memory in proportion to the set.
 */
public final class EndpointSet {
    private static final int MAX_SIZE = 1 << 20; // so that quotas are exact in 64 bits
    private static final Comparator<Endpoint> BY_ID = Comparator.comparing(Endpoint::id);

    private final long epoch;
    private final List<Endpoint> endpoints;

    private EndpointSet(long epoch, Endpoint[] sorted) {
        this.epoch = epoch;
        this.endpoints = Collections.unmodifiableList(Arrays.asList(sorted));
    }

    /**
     * A first version.
     *
     * @param endpoints in any order
     * @return a set of epoch 1
     * @throws IllegalArgumentException if two have the same id
     */
    public static EndpointSet of(Endpoint... endpoints) {
        return of(1, Arrays.asList(endpoints));
    }

    /**
     * A version made elsewhere.
     *
     * @param epoch the version, 0 or more; greater = newer
     * @param endpoints in any order
     * @return the set
     * @throws IllegalArgumentException if two endpoints have the same id, the epoch is negative or there are more than
     *     1,048,576
     */
    public static EndpointSet of(long epoch, Collection<Endpoint> endpoints) {
        if (epoch < 0) {
            throw new IllegalArgumentException("epoch must not be negative: epoch=" + epoch + " (expected: 0 or more)");
        }
        return new EndpointSet(epoch, sorted(endpoints));
    }

    private static Endpoint[] sorted(Collection<Endpoint> endpoints) {
        if (endpoints.size() > MAX_SIZE) {
            throw new IllegalArgumentException(
                    "size must be in range: size=" + endpoints.size() + " (expected: 0 to 1,048,576)");
        }
        Endpoint[] sorted = endpoints.toArray(new Endpoint[0]);
        for (Endpoint endpoint : sorted) {
            requireNonNull(endpoint, "endpoint");
        }
        Arrays.sort(sorted, BY_ID);
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i].id().equals(sorted[i - 1].id())) {
                throw new IllegalArgumentException(
                        "endpoint ids must be unique: id=" + sorted[i].id() + " (expected: once, but was there twice)");
            }
        }
        return sorted;
    }

    /** {@return the version; greater = newer} */
    public long epoch() {
        return epoch;
    }

    /** {@return the endpoints, sorted by id, immutable} */
    public List<Endpoint> endpoints() {
        return endpoints;
    }

    /** {@return how many there are} */
    public int size() {
        return endpoints.size();
    }

    /**
     * {@return the endpoint of that id, or null}
     *
     * @param id its id
     */
    public @Nullable Endpoint find(String id) {
        int at = indexOf(id);
        return at < 0 ? null : endpoints.get(at);
    }

    int indexOf(String id) {
        int low = 0;
        int high = endpoints.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = endpoints.get(middle).id().compareTo(id);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return ~low;
    }

    /**
     * Adds an endpoint, or replaces the one of the same id.
     *
     * @param endpoint the endpoint
     * @return the next version, or this one if it has exactly this endpoint
     */
    public EndpointSet with(Endpoint endpoint) {
        int at = indexOf(endpoint.id());
        List<Endpoint> next = new ArrayList<>(endpoints);
        if (at < 0) {
            next.add(~at, endpoint);
        } else if (endpoints.get(at).equals(endpoint)) {
            return this;
        } else {
            next.set(at, endpoint);
        }
        return new EndpointSet(epoch + 1, next.toArray(new Endpoint[0]));
    }

    /**
     * Takes an endpoint away.
     *
     * @param id its id
     * @return the next version, or this one if there is no such endpoint
     */
    public EndpointSet without(String id) {
        int at = indexOf(id);
        if (at < 0) {
            return this;
        }
        List<Endpoint> next = new ArrayList<>(endpoints);
        next.remove(at);
        return new EndpointSet(epoch + 1, next.toArray(new Endpoint[0]));
    }

    /**
     * Replaces the whole content.
     *
     * @param content the new endpoints, in any order
     * @return the next version, or this one if the content is the same
     * @throws IllegalArgumentException if two have the same id
     */
    public EndpointSet withAll(Collection<Endpoint> content) {
        Endpoint[] next = sorted(content);
        return endpoints.equals(Arrays.asList(next)) ? this : new EndpointSet(epoch + 1, next);
    }

    /**
     * Takes an endpoint out of service without forgetting it: weight 0. Calls in flight end in peace, no new ones come.
     *
     * @param id its id
     * @return the next version, or this one if it is drained or unknown
     */
    public EndpointSet drain(String id) {
        Endpoint endpoint = find(id);
        return endpoint == null ? this : with(endpoint.weight(0));
    }

    /** {@return whether epoch and content are equal} */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EndpointSet that && epoch == that.epoch && endpoints.equals(that.endpoints);
    }

    /** {@return a hash of the epoch and the content} */
    @Override
    public int hashCode() {
        return 31 * Long.hashCode(epoch) + endpoints.hashCode();
    }

    /** {@return the epoch and the endpoints' ids} */
    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder("EndpointSet[epoch=").append(epoch).append(", ");
        for (int i = 0; i < Math.min(size(), 20); i++) {
            text.append(i == 0 ? "" : " ").append(endpoints.get(i).id());
        }
        return text.append(size() > 20 ? " ... " + size() + " in all]" : "]").toString();
    }
}
