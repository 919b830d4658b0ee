// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Nodes for properties. */
final class Topologies {
    private Topologies() {}

    static List<Node> equal(int count) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(Node.of("node-" + i));
        }
        return nodes;
    }

    /** Up to this many nodes with weights equal, alike or far apart, without or with zones, in any order. */
    static Arbitrary<List<Node>> upTo(int count) {
        Arbitrary<Integer> weights = Arbitraries.of(1, 10, 1_000_000);
        Arbitrary<Integer> zones = Arbitraries.of(0, 1, 3, 5);
        return Combinators.combine(Arbitraries.integers().between(1, count), weights, zones, Arbitraries.longs())
                .as((size, maxWeight, zoneCount, seed) -> random(size, maxWeight, zoneCount, new Random(seed)));
    }

    static List<Node> random(int size, int maxWeight, int zoneCount, Random random) {
        List<Node> nodes = new ArrayList<>();
        while (nodes.size() < size) {
            String id = "n" + random.nextInt(10_000);
            if (nodes.stream().noneMatch(node -> node.id().equals(id))) {
                nodes.add(node(id, maxWeight, zoneCount, random));
            }
        }
        return nodes;
    }

    static Node node(String id, int maxWeight, int zoneCount, Random random) {
        // Powers spread the weights over all magnitudes.
        int weight = (int) Math.max(1, Math.round(Math.pow(maxWeight, random.nextDouble())));
        Node node = Node.of(id).weight(weight);
        return zoneCount > 0 && random.nextInt(8) > 0 ? node.zone("z" + random.nextInt(zoneCount)) : node;
    }

    static List<Node> with(Collection<Node> nodes, Node more) {
        List<Node> all = new ArrayList<>(nodes);
        all.replaceAll(node -> node.id().equals(more.id()) ? more : node);
        if (!all.contains(more)) {
            all.add(more);
        }
        return all;
    }

    static List<Node> without(Collection<Node> nodes, String id) {
        List<Node> rest = new ArrayList<>(nodes);
        rest.removeIf(node -> node.id().equals(id));
        return rest;
    }
}
