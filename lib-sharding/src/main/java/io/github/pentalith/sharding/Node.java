// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A member of a {@link ShardMap}: a database, a cache server, a partition owner; whatever a key can live on.
 *
 * <p>The id names the node everywhere: in placements, in snapshots, in move plans. Two nodes with the same id are the
 * same node in two shapes, so changing the weight or the zone of a node keeps as many keys on it as the new weight
 * allows.
 *
 * <p><b>Thread-safety:</b> immutable.
 *
 * <p><b>Example:</b>
 *
 * <pre>{@code
 * Node.of("db-3").weight(2).zone("eu-west-1a")
 * }</pre>
 *
 * @param id not empty, at most 1,024 bytes of UTF-8
 * @param weight share of the keys relative to the other nodes, 1 to 1,000,000
 * @param zone failure domain, or null where the node has none; replicas prefer zones not used yet
 */
public record Node(String id, int weight, @Nullable String zone) {
    /** The greatest weight of a node. */
    public static final int MAX_WEIGHT = 1_000_000;

    static final int MAX_NAME_BYTES = 1_024;

    /**
     * Checks the parts.
     *
     * @param id not empty, at most 1,024 bytes of UTF-8
     * @param weight share of the keys relative to the other nodes, 1 to 1,000,000
     * @param zone failure domain, or null
     * @throws IllegalArgumentException if the id or the zone is empty, too long or not encodable as UTF-8, or the
     *     weight is not in 1 to 1,000,000
     */
    public Node {
        Names.check("id", id, MAX_NAME_BYTES);
        if (weight < 1 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException(
                    "weight must be in range: weight=" + weight + " (expected: 1 to 1,000,000)");
        }
        if (zone != null) {
            Names.check("zone", zone, MAX_NAME_BYTES);
        }
    }

    /**
     * {@return a node with weight 1 and without a zone}
     *
     * @param id not empty, at most 1,024 bytes of UTF-8
     * @throws IllegalArgumentException if the id is empty, too long or not encodable as UTF-8
     */
    public static Node of(String id) {
        return new Node(id, 1, null);
    }

    /**
     * {@return this node with another weight}
     *
     * @param newWeight share of the keys relative to the other nodes, 1 to 1,000,000
     * @throws IllegalArgumentException if the weight is out of range
     */
    public Node weight(int newWeight) {
        return new Node(id, newWeight, zone);
    }

    /**
     * {@return this node in another zone}
     *
     * @param newZone failure domain such as a rack, an availability zone or a region
     * @throws IllegalArgumentException if the zone is empty, too long or not encodable as UTF-8
     */
    public Node zone(String newZone) {
        return new Node(id, weight, Objects.requireNonNull(newZone, "zone"));
    }
}
