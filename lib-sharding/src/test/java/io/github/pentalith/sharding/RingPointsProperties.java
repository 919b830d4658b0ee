// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The points of a ring: sorted, each as near to its home as it can be, small, and after any change those of its nodes. */
class RingPointsProperties {
    private static final long[] MASKS = {-1L << 24, 0xfff0_0000_0000_0000L, 0xff00_0000_0000_0000L, 0};

    /** A point as it is meant, beside the way it is stored. */
    private record Point(long place, String id) {
        static final Comparator<Point> ORDER = Comparator.<Point, Long>comparing(point -> point.place ^ Long.MIN_VALUE)
                .thenComparing(Point::id);
    }

    private static List<Point> expected(List<Node> nodes, int virtualNodes, long mask) {
        TreeSet<Point> points = new TreeSet<>(Point.ORDER);
        for (Node node : nodes) {
            long seed = RapidHash.hashUtf8(node.id());
            for (int i = 1; i <= node.weight() * virtualNodes; i++) {
                points.add(new Point(Rendezvous.mix(seed + i * Rendezvous.GOLDEN) & mask, node.id()));
            }
        }
        return List.copyOf(points);
    }

    /** Reads the points back, and checks the layout on the way. */
    private static List<Point> points(RingPoints ring) {
        List<Point> found = new ArrayList<>();
        long[] entries = ring.points;
        int last = entries.length - 1;
        int before = -1;
        for (int i = 0; i < last; i++) {
            assertThat(entries[i]).isLessThanOrEqualTo(entries[last]);
            if (entries[i] != entries[i + 1]) {
                long hash = entries[i] ^ Long.MIN_VALUE;
                int home = (int) (((hash >>> 32) * ring.homes) >>> 32);
                assertThat(i).as("as near to its home as it can be").isEqualTo(Math.max(before + 1, home));
                found.add(new Point(hash & ~RingPoints.OWNER, id(ring, entries[i])));
                before = i;
            }
        }
        assertThat(entries[last] >>> RingPoints.OWNER_BITS).isEqualTo(Long.MAX_VALUE >>> RingPoints.OWNER_BITS);
        assertThat(id(ring, entries[last]))
                .as("the ring closes")
                .isEqualTo(found.get(0).id());
        return found;
    }

    private static String id(RingPoints ring, long entry) {
        return Objects.requireNonNull(ring.owners[(int) (entry & RingPoints.OWNER)])
                .id();
    }

    private static RingPoints ring(Placement placement) {
        return Objects.requireNonNull(((RingPlacement) placement).ring());
    }

    /** The way of a map, which does not ask the placement. */
    private static Node byMap(Placement placement, long hash) {
        return new HashShardMap<>(KeyHasher.longs(), placement, 1).locateHash(hash);
    }

    private static void assertSmall(RingPoints ring, int count) {
        if (count >= 100) {
            assertThat((ring.points.length * 8.0 + 16) / count).isLessThanOrEqualTo(16);
        }
    }

    @Property(tries = 150)
    void over_anyNodes_hasTheirPointsInOrder(
            @ForAll @IntRange(min = 1, max = 60) int size,
            @ForAll @IntRange(min = 1, max = 300) int virtualNodes,
            @ForAll @IntRange(min = 0, max = 3) int mask,
            @ForAll long seed) {
        List<Node> nodes = Topologies.random(size, 4, 0, new Random(seed));
        Placement table = RingPlacement.choice(virtualNodes, MASKS[mask]).over(nodes);
        List<Point> expected = expected(nodes, virtualNodes, MASKS[mask]);
        RingPoints ring = ring(table);
        assertThat(points(ring)).isEqualTo(expected);
        if (mask == 0) {
            assertSmall(ring, expected.size());
        }
        for (int i = 0; i < 50; i++) {
            long hash = new Random(seed + i).nextLong();
            Point wanted = new Point(hash & ~RingPoints.OWNER, "");
            String owner = expected.stream()
                    .filter(point -> Point.ORDER.compare(point, wanted) >= 0)
                    .findFirst()
                    .orElse(expected.get(0))
                    .id();
            assertThat(table.nodes().get(table.locate(hash)).id()).isEqualTo(owner);
            assertThat(byMap(table, hash).id()).isEqualTo(owner);
        }
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
        for (int step = 0; step < 8; step++) {
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
            List<Point> expected = expected(nodes, virtualNodes, MASKS[mask]);
            assertThat(points(ring(table))).isEqualTo(expected);
            if (mask == 0) {
                assertSmall(ring(table), expected.size());
            }
            Placement anew = choice.over(nodes);
            for (int i = 0; i < 20; i++) {
                long hash = random.nextLong();
                assertThat(table.locate(hash)).isEqualTo(anew.locate(hash));
                assertThat(byMap(table, hash)).isEqualTo(anew.nodes().get(anew.locate(hash)));
                assertThat(table.rangeEnd(hash)).isEqualTo(anew.rangeEnd(hash));
                int[] owners = new int[3];
                int[] others = new int[3];
                assertThat(table.replicas(hash, owners)).isEqualTo(anew.replicas(hash, others));
                assertThat(owners).isEqualTo(others);
            }
        }
    }

    /** Else the property above would hold by building anew each time. */
    @Example
    void over_aNodeMoreAndOneLess_keepsTheNumbersOfTheOthers() {
        Placement before = Placement.ring().over(Topologies.equal(30));
        Placement more = before.over(Topologies.with(before.nodes(), Node.of("a")));
        assertThat(ring(more).homes).isEqualTo(ring(before).homes);
        assertThat(ring(more).owners[30]).isEqualTo(Node.of("a"));
        assertThat(more.nodes().get(0)).isEqualTo(Node.of("a"));
        Placement less = more.over(Topologies.without(more.nodes(), "node-7"));
        assertThat(Arrays.asList(ring(less).owners)).hasSize(31).containsOnlyOnce((Node) null);
        Placement other = less.over(Topologies.with(less.nodes(), Node.of("b")));
        assertThat(Arrays.asList(ring(other).owners)).hasSize(31).contains(Node.of("b"));
    }

    /** Points that lie at the end of the ring in great number spill over its last home. */
    @Example
    void over_pointsAllAtTheEnd_areKept() {
        List<Node> nodes = Topologies.equal(200);
        Placement table = RingPlacement.choice(1, 0x8000_0000_0000_0000L).over(nodes);
        assertThat(points(ring(table))).isEqualTo(expected(nodes, 1, 0x8000_0000_0000_0000L));
        Placement grown = table;
        for (int i = 0; i < 40; i++) {
            grown = grown.over(Topologies.with(grown.nodes(), Node.of("more-" + i)));
            assertThat(points(ring(grown))).isEqualTo(expected(grown.nodes(), 1, 0x8000_0000_0000_0000L));
        }
    }
}
