// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A member of a {@link ShardMap}: a database, a cache server, a partition owner; whatever a key can live on.
 *
 * <p>The id names the node everywhere: in placements, in snapshots, in move plans. Two nodes with the same id are the
 * same node in two shapes, so a node that changes its weight or zone keeps as many keys as the new weight allows.
 *
 * <p><b>Thread-safety:</b> immutable.
 *
 * <p><b>Example:</b> {@code Node.of("db-3").weight(2).zone("eu-west-1a")}
 *
 * @param id not empty, at most 1,024 bytes of UTF-8
 * @param weight share of the keys relative to the other nodes, 1 to 1,000,000
 * @param zone failure domain such as a rack or an availability zone, or null where the node is one of its own;
 *     replicas prefer zones not used yet
 */
public record Node(String id, int weight, @Nullable String zone) {
    private static final int MAX_WEIGHT = 1_000_000;

    /** So that an index fits 24 bits. */
    private static final int MAX_COUNT = 1 << 24;

    /**
     * Checks the parts.
     *
     * @param id not empty, at most 1,024 bytes of UTF-8
     * @param weight share of the keys relative to the other nodes, 1 to 1,000,000
     * @param zone failure domain, or null
     * @throws IllegalArgumentException if the id or the zone is empty, too long or has unpaired surrogates, or the
     *     weight is not in 1 to 1,000,000
     */
    public Node {
        Names.check("id", id);
        if (weight < 1 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException(
                    "weight must be in range: weight=" + weight + " (expected: 1 to 1,000,000)");
        }
        if (zone != null) {
            Names.check("zone", zone);
        }
    }

    /**
     * {@return a node with weight 1 and without a zone}
     *
     * @param id not empty, at most 1,024 bytes of UTF-8
     * @throws IllegalArgumentException if the id is empty, too long or has unpaired surrogates
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
     * @param newZone failure domain such as a rack or an availability zone
     * @throws IllegalArgumentException if the zone is empty, too long or has unpaired surrogates
     */
    public Node zone(String newZone) {
        return new Node(id, weight, Objects.requireNonNull(newZone, "zone"));
    }

    /** The one order of nodes in this library, so that the order in which they were named cannot matter. */
    static Node[] sorted(Collection<Node> nodes) {
        Node[] sorted = nodes.toArray(new Node[0]);
        for (Node node : sorted) {
            Objects.requireNonNull(node, "node");
        }
        if (sorted.length == 0) {
            throw new IllegalArgumentException("nodes must not be empty: nodes=[] (expected: at least 1)");
        }
        if (sorted.length > MAX_COUNT) {
            throw new IllegalArgumentException(
                    "nodes must not be too many: nodes=" + sorted.length + " (expected: 1 to 16,777,216)");
        }
        if (firstOutOfOrder(sorted) < sorted.length) {
            Arrays.sort(sorted, Comparator.comparing(Node::id));
            int twin = firstOutOfOrder(sorted);
            if (twin < sorted.length) {
                throw new IllegalArgumentException(
                        "nodes must have distinct ids: id=" + sorted[twin].id + " (expected: each id once)");
            }
        }
        return sorted;
    }

    /** The first whose id is not greater than the one before; of nodes in order, their number. */
    private static int firstOutOfOrder(Node[] nodes) {
        int i = 1;
        while (i < nodes.length && nodes[i - 1].id.compareTo(nodes[i].id) < 0) {
            i++;
        }
        return i;
    }

    /** The nodes as they were listed, for the placements that number them so. */
    static Node[] listed(Collection<Node> nodes) {
        sorted(nodes);
        return nodes.toArray(new Node[0]);
    }
}
