// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The rule by which copies are spread over zones: each goes to a zone that was used least so far. A node without a zone
 * is one of its own.
 *
 * <p>How often the zone of the i-th copy was used before depends on the sizes of the zones alone: first each zone gets one
 * copy, then each of those that have a second node, and so on. So a search knows beforehand what it looks for, and need
 * not exhaust all nodes to learn that there is no further zone.
 */
final class Zones {
    private final Node[] nodes;
    private final int[] zoneOf;

    /** How many nodes each zone has. */
    private final int[] sizes;

    /** The number of copies after which every zone with more than r nodes has been used r + 1 times. */
    private final int[] roundEnds;

    Zones(Node[] nodes) {
        this.nodes = nodes;
        zoneOf = new int[nodes.length];
        Map<String, Integer> numbers = new HashMap<>();
        sizes = new int[nodes.length];
        int count = 0;
        for (int i = 0; i < nodes.length; i++) {
            String zone = nodes[i].zone();
            Integer known = zone == null ? null : numbers.get(zone);
            zoneOf[i] = known == null ? count++ : known;
            if (zone != null && known == null) {
                numbers.put(zone, zoneOf[i]);
            }
            sizes[zoneOf[i]]++;
        }
        int[] ends = new int[Arrays.stream(sizes).max().orElse(0)];
        for (int size : sizes) {
            for (int round = 0; round < size; round++) {
                ends[round]++;
            }
        }
        Arrays.parallelPrefix(ends, Integer::sum);
        roundEnds = ends;
    }

    /** {@return whether the nodes are in different zones, and that of the first has others, too} */
    boolean sharesAZoneOtherThanThatOf(int node, int other) {
        return zoneOf[node] != zoneOf[other] && sizes[zoneOf[node]] > 1;
    }

    /** {@return whether the node may be the next after those that are chosen, given by their indices} */
    boolean allow(int node, int[] chosen, int count) {
        int used = 0;
        for (int i = 0; i < count; i++) {
            if (chosen[i] == node) {
                return false;
            }
            if (zoneOf[chosen[i]] == zoneOf[node]) {
                used++;
            }
        }
        return used == round(count);
    }

    /** {@return whether the node may be the next after those that are chosen, which are nodes of the same table} */
    @SuppressWarnings("ReferenceEquality") // both come from this table, where each node is one object
    boolean allow(int node, Node[] chosen, int count) {
        Node candidate = nodes[node];
        String zone = candidate.zone();
        int used = 0;
        for (int i = 0; i < count; i++) {
            if (chosen[i] == candidate) {
                return false;
            }
            if (zone != null && zone.equals(chosen[i].zone())) {
                used++;
            }
        }
        return used == round(count);
    }

    /** How often the zone of the next copy was used before. */
    private int round(int count) {
        int round = 0;
        while (roundEnds[round] <= count) {
            round++;
        }
        return round;
    }
}
