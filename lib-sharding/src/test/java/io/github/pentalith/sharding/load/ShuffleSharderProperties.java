// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import io.github.pentalith.sharding.ChiSquare;
import io.github.pentalith.sharding.Node;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Law L24: subsets are stable, distinct and even over zones, and overlap as told. */
class ShuffleSharderProperties {
    private static List<Node> nodes(int count, int zones, Random random) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Node node = Node.of("w" + i);
            nodes.add(zones == 0 || random.nextInt(10) == 0 ? node : node.zone("z" + random.nextInt(zones)));
        }
        return nodes;
    }

    private static String zoneOf(Node node) {
        return node.zone() == null ? "of " + node.id() : node.zone();
    }

    @Property(tries = 200)
    void subset_ofAnyTenant_isStableDistinctAndEvenOverZones(
            @ForAll @IntRange(min = 1, max = 40) int count,
            @ForAll @IntRange(min = 0, max = 5) int zones,
            @ForAll long seed) {
        Random random = new Random(seed);
        List<Node> nodes = nodes(count, zones, random);
        List<Node> shuffled = new ArrayList<>(nodes);
        Collections.shuffle(shuffled, random);
        int size = 1 + random.nextInt(count);
        ShuffleSharder sharder = ShuffleSharder.of(nodes, size);
        assertThat(sharder.size()).isEqualTo(size);
        assertThat(sharder.nodes()).containsExactlyInAnyOrderElementsOf(nodes);
        Map<String, Integer> capacity = new HashMap<>();
        nodes.forEach(node -> capacity.merge(zoneOf(node), 1, Integer::sum));
        for (int i = 0; i < 20; i++) {
            String tenant = "tenant-" + random.nextInt();
            List<Node> subset = sharder.subset(tenant);
            assertThat(subset).hasSize(size).doesNotHaveDuplicates().isSubsetOf(nodes);
            assertThat(ShuffleSharder.of(shuffled, size).subset(tenant)).isEqualTo(subset);
            assertThat(sharder.size(Math.min(count, size + 1)).subset(tenant).subList(0, size))
                    .isEqualTo(subset);
            Map<String, Integer> used = new HashMap<>();
            subset.forEach(node -> used.merge(zoneOf(node), 1, Integer::sum));
            int most = Collections.max(used.values());
            capacity.forEach((zone, members) ->
                    assertThat(used.getOrDefault(zone, 0)).isGreaterThanOrEqualTo(Math.min(members, most - 1)));
        }
    }

    @Property(tries = 100)
    void subset_withANodeMore_changesByAtMostThatNode(
            @ForAll @IntRange(min = 1, max = 30) int count,
            @ForAll @IntRange(min = 0, max = 4) int zones,
            @ForAll boolean newZone,
            @ForAll long seed) {
        Random random = new Random(seed);
        List<Node> nodes = nodes(count, zones, random);
        List<Node> more = new ArrayList<>(nodes);
        more.add(newZone ? Node.of("new") : Node.of("new").zone("z0"));
        int size = 1 + random.nextInt(count);
        ShuffleSharder before = ShuffleSharder.of(nodes, size);
        ShuffleSharder after = ShuffleSharder.of(more, size);
        for (int i = 0; i < 30; i++) {
            long tenant = random.nextLong();
            Set<Node> came = new HashSet<>(after.subset(tenant));
            came.removeAll(before.subset(tenant));
            assertThat(came.stream().map(Node::id).toList()).isIn(List.of(), List.of("new"));
        }
    }

    @Property(tries = 12)
    void overlap_ofManyPairs_fitsTheToldProbability(@ForAll @IntRange(min = 0, max = 4) int zones, @ForAll long seed) {
        Random random = new Random(seed);
        List<Node> nodes = nodes(12, zones, random);
        int size = 2 + random.nextInt(5);
        ShuffleSharder sharder = ShuffleSharder.of(nodes, size);
        double[] told = new double[size + 1];
        Arrays.setAll(told, sharder::overlapProbability);
        assertThat(Arrays.stream(told).sum()).isCloseTo(1, within(1e-12));
        long[] seen = new long[size + 1];
        SplittableRandom tenants = new SplittableRandom(seed);
        int pairs = 4_000;
        for (int i = 0; i < pairs; i++) {
            Set<Node> common = new HashSet<>(sharder.subset(tenants.nextLong()));
            common.retainAll(sharder.subset(tenants.nextLong()));
            seen[common.size()]++;
        }
        // Rare and impossible overlaps are judged together with their neighbour.
        List<Long> counts = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        long count = 0;
        double share = 0;
        for (int i = 0; i <= size; i++) {
            count += seen[i];
            share += told[i];
            if (told[i] == 0) {
                assertThat(seen[i]).isZero();
            }
            if (share * pairs >= 100) {
                counts.add(count);
                shares.add(share);
                count = 0;
                share = 0;
            }
        }
        int last = counts.size() - 1;
        counts.set(last, counts.get(last) + count);
        shares.set(last, shares.get(last) + share);
        if (counts.size() > 1) {
            ChiSquare.assertFits(
                    counts.stream().mapToLong(Long::longValue).toArray(),
                    shares.stream().mapToDouble(Double::doubleValue).toArray(),
                    "overlaps of " + sharder);
        }
    }

    @Example
    void overlapProbability_withoutZones_isHypergeometric() {
        ShuffleSharder sharder = ShuffleSharder.of(nodes(100, 0, new Random(1)), 5);
        assertThat(sharder.overlapProbability(5)).isCloseTo(1 / 75_287_520.0, within(1e-16));
        assertThat(sharder.overlapProbability(0)).isCloseTo(57_940_519 / 75_287_520.0, within(1e-12));
        assertThat(sharder).hasToString("ShuffleSharder[nodes=100, zones=100, size=5]");
    }

    @Example
    void of_badArguments_areRefused() {
        List<Node> nodes = nodes(3, 0, new Random(1));
        for (int size : new int[] {0, 4}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ShuffleSharder.of(nodes, size))
                    .withMessage("size must be in range: size=%d (expected: 1 to 3, the number of nodes)", size);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        ShuffleSharder.of(List.of(Node.of("a"), Node.of("b").weight(2)), 1))
                .withMessage("weight must be the same for all nodes: id=b, weight=2 (expected: 1, that of a)");
        ShuffleSharder sharder = ShuffleSharder.of(nodes, 2);
        for (int common : new int[] {-1, 3}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> sharder.overlapProbability(common))
                    .withMessage("common must be in range: common=%d (expected: 0 to 2, the size)", common);
        }
        assertThatNullPointerException()
                .isThrownBy(() -> sharder.subset((String) null))
                .withMessage("tenant");
    }
}
