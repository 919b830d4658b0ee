// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.report;

import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.ShardMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How a map spreads real keys: the count of each node beside the one its weight promises.
 *
 * <p>Even a perfect hash is not perfectly even. {@link #expectedPeak} says how full the fullest node would be by chance
 * alone; a {@link #peak} far above it means that a few keys dominate, that keys are hashed badly, or that the map does not
 * follow the weights.
 *
 * <p><b>Thread-safety:</b> immutable.
 *
 * <p><b>Time and memory:</b> a look-up per key, a counter per node.
 *
 * <p><b>Failure:</b> no keys at all are refused.
 *
 * <p><b>Example:</b> {@code System.out.println(DistributionReport.of(map, keys).text());}
 *
 * @param shares one for each node of the map, in its order
 * @param keys number of keys
 * @param peak the greatest {@link Share#load} of a node
 * @param expectedPeak the load of the fullest node if every key chose its node at random by weight: the mean plus the
 *     deviation that the fullest of so many nodes is likely to have
 */
public record DistributionReport(List<Share> shares, long keys, double peak, double expectedPeak) {
    /**
     * Copies the list.
     *
     * @param shares one for each node
     * @param keys number of keys
     * @param peak the greatest load of a node
     * @param expectedPeak the load of the fullest node by chance
     */
    public DistributionReport {
        shares = List.copyOf(shares);
    }

    /**
     * What one node has.
     *
     * @param node the node
     * @param keys number of keys that live on it
     * @param expected number of keys by its weight
     */
    public record Share(Node node, long keys, double expected) {
        /** {@return the keys relative to the expected ones; 1 is exact} */
        public double load() {
            return keys / expected;
        }
    }

    /**
     * {@return the report of a map over these keys}
     *
     * @param <K> type of the keys
     * @param map the map
     * @param keys real keys, or a sample of them; a key given twice counts twice
     * @throws IllegalArgumentException if there are no keys
     */
    public static <K> DistributionReport of(ShardMap<K> map, Iterable<? extends K> keys) {
        Map<Node, Long> counts = new HashMap<>();
        long total = 0;
        for (K key : keys) {
            counts.merge(map.locate(key), 1L, Long::sum);
            total++;
        }
        if (total == 0) {
            throw new IllegalArgumentException("keys must not be empty: keys=0 (expected: at least 1)");
        }
        long weights = 0;
        for (Node node : map.nodes()) {
            weights += node.weight();
        }
        List<Share> shares = new ArrayList<>();
        double peak = 0;
        double expectedPeak = 1;
        int nodes = map.nodes().size();
        for (Node node : map.nodes()) {
            double part = (double) node.weight() / weights;
            Share share = new Share(node, counts.getOrDefault(node, 0L), total * part);
            shares.add(share);
            peak = Math.max(peak, share.load());
            // The greatest of n normal deviates is about sqrt(2 ln n); the count is binomial.
            double deviation = Math.sqrt(total * part * (1 - part)) / share.expected();
            expectedPeak = Math.max(expectedPeak, 1 + deviation * Math.sqrt(2 * Math.log(nodes)));
        }
        return new DistributionReport(shares, total, peak, expectedPeak);
    }

    /**
     * {@return where keys of one node go when it leaves: how many each other node gets, most first}
     *
     * <p>A placement that hands all of them to one neighbour turns the failure of one node into that of two.
     *
     * @param <K> type of the keys
     * @param before the map with the node
     * @param after the map without it
     * @param nodeId id of the node
     * @param keys real keys, or a sample of them
     * @throws IllegalArgumentException if the first map does not have the node or the second one has it
     */
    public static <K> List<Share> failOver(
            ShardMap<K> before, ShardMap<K> after, String nodeId, Iterable<? extends K> keys) {
        if (!has(before, nodeId) || has(after, nodeId)) {
            throw new IllegalArgumentException("nodeId must name a node of the first map only: nodeId=" + nodeId
                    + " (expected: in before, not in after)");
        }
        Map<Node, Long> counts = new HashMap<>();
        long moved = 0;
        for (K key : keys) {
            if (before.locate(key).id().equals(nodeId)) {
                counts.merge(after.locate(key), 1L, Long::sum);
                moved++;
            }
        }
        long weights = 0;
        for (Node node : after.nodes()) {
            weights += node.weight();
        }
        List<Share> shares = new ArrayList<>();
        for (Node node : after.nodes()) {
            shares.add(new Share(node, counts.getOrDefault(node, 0L), (double) moved * node.weight() / weights));
        }
        shares.sort((a, b) -> Long.compare(b.keys(), a.keys()));
        return List.copyOf(shares);
    }

    private static boolean has(ShardMap<?> map, String nodeId) {
        return map.nodes().stream().anyMatch(node -> node.id().equals(nodeId));
    }

    /** {@return the report as lines of text: a summary, then each node with keys, expected keys and load} */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "keys=%d nodes=%d peak/mean=%.3f (by chance about %.3f)%n",
                keys,
                shares.size(),
                peak,
                expectedPeak));
        for (Share share : shares) {
            text.append(String.format(
                    Locale.ROOT,
                    "%s weight=%d keys=%d expected=%.1f load=%.3f%n",
                    share.node().id(),
                    share.node().weight(),
                    share.keys(),
                    share.expected(),
                    share.load()));
        }
        return text.toString();
    }
}
