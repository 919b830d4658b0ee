// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The points of a ring: sorted, indexed, small, and after a merge the same as if built anew. */
class RingPointsProperties {
    private static final long[] MASKS = {-1L << 24, 0xfff0_0000_0000_0000L, 0xff00_0000_0000_0000L, 0};

    private static RingPoints build(List<Node> nodes, int virtualNodes, long mask) {
        Node[] sorted = Node.sorted(nodes);
        int[] counts = Arrays.stream(sorted)
                .mapToInt(node -> node.weight() * virtualNodes)
                .toArray();
        return RingPoints.build(sorted, counts, Arrays.stream(counts).sum(), mask);
    }

    private static void assertSame(RingPoints actual, RingPoints expected) {
        assertThat(actual.points).isEqualTo(expected.points);
        assertThat(actual.starts).isEqualTo(expected.starts);
        assertThat(actual.shift).isEqualTo(expected.shift);
        assertThat(actual.count).isEqualTo(expected.count);
    }

    @Property(tries = 150)
    void build_anyNodes_isSortedIndexedAndSmall(
            @ForAll @IntRange(min = 1, max = 60) int size,
            @ForAll @IntRange(min = 1, max = 300) int virtualNodes,
            @ForAll @IntRange(min = 0, max = 3) int mask,
            @ForAll long seed) {
        List<Node> nodes = Topologies.random(size, 4, 0, new Random(seed));
        RingPoints ring = build(nodes, virtualNodes, MASKS[mask]);
        long[] expected = new long[ring.count];
        int at = 0;
        Node[] sorted = Node.sorted(nodes);
        for (int owner = 0; owner < sorted.length; owner++) {
            long[] own = RingPoints.of(sorted[owner], owner, 1, sorted[owner].weight() * virtualNodes, MASKS[mask]);
            System.arraycopy(own, 0, expected, at, own.length);
            at += own.length;
        }
        Arrays.sort(expected);
        assertThat(at).isEqualTo(ring.count);
        assertThat(Arrays.copyOf(ring.points, ring.count)).isEqualTo(expected);
        for (int bucket = 0; bucket < ring.starts.length; bucket++) {
            int begin = ring.starts[bucket];
            assertThat(begin == 0 || bucketOf(ring, begin - 1) < bucket).isTrue();
            assertThat(begin == ring.count || bucketOf(ring, begin) >= bucket).isTrue();
        }
        if (ring.count >= 10) { // at most 12 bytes a point and 40 for the two arrays and the copy of the first
            long bytes = 8L * ring.points.length + 4L * ring.starts.length + 2 * 16;
            assertThat((double) bytes / ring.count).isLessThanOrEqualTo(16);
        }
        for (int i = 0; i < 50; i++) {
            long hash = new Random(seed + i).nextLong();
            int found = RingPoints.position(ring.points, ring.starts, ring.shift, hash);
            long wanted = (hash & ~RingPoints.OWNER) ^ Long.MIN_VALUE;
            assertThat(found == 0 || expected[found - 1] < wanted).isTrue();
            assertThat(found == ring.count || expected[found] >= wanted).isTrue();
        }
    }

    private static int bucketOf(RingPoints ring, int point) {
        return (int) ((ring.points[point] ^ Long.MIN_VALUE) >>> ring.shift);
    }

    @Property(tries = 300)
    void over_aChangeOfOneNode_isTheRingBuiltAnew(
            @ForAll @IntRange(min = 1, max = 40) int size,
            @ForAll @IntRange(min = 1, max = 120) int virtualNodes,
            @ForAll @IntRange(min = 0, max = 3) int mask,
            @ForAll long seed) {
        Random random = new Random(seed);
        Placement choice = RingPlacement.choice(virtualNodes, MASKS[mask]);
        Placement table = choice.over(Topologies.random(size, 4, 2, random));
        for (int step = 0; step < 6; step++) {
            List<Node> nodes = new ArrayList<>(table.nodes());
            int at = random.nextInt(nodes.size());
            switch (random.nextInt(5)) {
                case 0 -> nodes.set(at, nodes.get(at).weight(1 + random.nextInt(6)));
                case 1 -> nodes.set(at, nodes.get(at).zone("moved"));
                case 2 -> nodes.set(at, Node.of("x" + step));
                case 3 -> {
                    if (nodes.size() > 1) {
                        nodes.remove(at);
                    }
                }
                default -> nodes.add(Node.of((random.nextBoolean() ? "a" : "z") + step));
            }
            table = table.over(nodes);
            assertSame(((RingPlacement) table).ring(), ((RingPlacement) choice.over(nodes)).ring());
        }
    }
}
