// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What every placement promises, and what each promises by its properties. */
class PlacementProperties {
    private static final int HASHES = 500;

    @Provide
    Arbitrary<Placement> placements() {
        return Arbitraries.of(
                Placement.slots(64),
                Placement.slots(1_024),
                Placement.slots(),
                Placement.ring(16),
                Placement.ring(),
                RingPlacement.choice(5, 0xff00_0000_0000_0000L),
                Placement.rendezvous(),
                Placement.jumpBack(),
                Placement.maglev(1_009),
                Placement.modulo());
    }

    @Provide
    Arbitrary<List<Node>> nodes() {
        return Topologies.upTo(30);
    }

    private static long[] hashes(long seed) {
        long[] edges = {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 0xffff_ffffL};
        SplittableRandom random = new SplittableRandom(seed);
        long[] all = Arrays.copyOf(edges, HASHES);
        for (int i = edges.length; i < all.length; i++) {
            all[i] = random.nextLong();
        }
        return all;
    }

    /** Whether the placement numbers its nodes as they are listed. */
    private static boolean listed(Placement choice) {
        return choice instanceof JumpBackPlacement || choice instanceof ModuloPlacement;
    }

    /** The nodes, with weights that the placement can take. */
    private static List<Node> fit(Placement choice, List<Node> nodes) {
        return nodes.stream()
                .map(node -> node.weight(fit(choice, node.weight())))
                .toList();
    }

    private static int fit(Placement choice, int weight) {
        return !choice.properties().weighted() ? 1 : choice instanceof RingPlacement ? 1 + weight % 20 : weight;
    }

    private static Node owner(Placement placement, long hash) {
        return placement.nodes().get(placement.locate(hash));
    }

    private static String ownerId(Placement placement, long hash) {
        return owner(placement, hash).id();
    }

    private static List<String> replicaIds(Placement placement, long hash, int count) {
        int[] into = new int[count];
        int found = placement.replicas(hash, into);
        return IntStream.range(0, found)
                .mapToObj(i -> placement.nodes().get(into[i]).id())
                .toList();
    }

    @Property(tries = 100)
    void locate_anyHash_isTheIndexOfANode(
            @ForAll("placements") Placement choice, @ForAll("nodes") List<Node> nodes, @ForAll long seed) {
        Placement placement = choice.over(fit(choice, nodes));
        assertThat(placement.nodes()).containsExactlyInAnyOrderElementsOf(fit(choice, nodes));
        for (long hash : hashes(seed)) {
            assertThat(placement.locate(hash)).isBetween(0, nodes.size() - 1);
        }
    }

    private static byte[] bytes(Placement placement) {
        return new HashShardMap<>(KeyHasher.longs(), placement, 7).toBytes();
    }

    @Property(tries = 100)
    void over_nodesInAnotherOrder_isTheSameTable(
            @ForAll("placements") Placement choice, @ForAll("nodes") List<Node> nodes, @ForAll long seed) {
        Assume.that(!listed(choice));
        List<Node> fitted = fit(choice, nodes);
        List<Node> shuffled = new ArrayList<>(fitted);
        Collections.shuffle(shuffled, new Random(seed));
        Placement table = choice.over(fitted);
        Placement other = choice.over(shuffled);
        assertThat(other).isEqualTo(table).hasSameHashCodeAs(table);
        assertThat(bytes(other)).isEqualTo(bytes(table));
        for (long hash : hashes(seed)) {
            assertThat(other.locate(hash)).isEqualTo(table.locate(hash));
        }
    }

    @Property(tries = 100)
    void over_aNodeMore_movesKeysOnlyToIt(
            @ForAll("placements") Placement choice, @ForAll("nodes") List<Node> nodes, @ForAll long seed) {
        Assume.that(choice.properties().minimalMovement());
        Node any = Topologies.node("new", 1_000, 3, new Random(seed));
        Node more = any.weight(fit(choice, any.weight()));
        Placement before = history(choice, nodes, seed);
        Placement after = before.over(Topologies.with(before.nodes(), more));
        for (long hash : hashes(seed)) {
            assertThat(ownerId(after, hash)).isIn(ownerId(before, hash), "new");
        }
    }

    @Property(tries = 100)
    void over_aNodeLess_movesOnlyItsKeys(
            @ForAll("placements") Placement choice, @ForAll("nodes") List<Node> nodes, @ForAll long seed) {
        Assume.that(choice.properties().minimalMovement() && choice.properties().arbitraryRemoval());
        Placement before = history(choice, nodes, seed);
        Assume.that(before.nodes().size() > 1);
        String gone = before.nodes()
                .get(new Random(seed).nextInt(before.nodes().size()))
                .id();
        Placement after = before.over(Topologies.without(before.nodes(), gone));
        for (long hash : hashes(seed)) {
            if (!ownerId(before, hash).equals(gone)) {
                assertThat(ownerId(after, hash)).isEqualTo(ownerId(before, hash));
            }
        }
    }

    @Property(tries = 100)
    void over_aChangedWeight_movesKeysOnlyToOrFromThatNode(
            @ForAll("placements") Placement choice,
            @ForAll("nodes") List<Node> nodes,
            @ForAll @IntRange(min = 1, max = 1_000_000) int weight,
            @ForAll long seed) {
        Assume.that(choice.properties().minimalMovement() && choice.properties().weighted());
        Placement before = history(choice, nodes, seed);
        Node changed =
                before.nodes().get(new Random(seed).nextInt(before.nodes().size()));
        int fitted = fit(choice, weight);
        Placement after = before.over(Topologies.with(before.nodes(), changed.weight(fitted)));
        for (long hash : hashes(seed)) {
            String was = ownerId(before, hash);
            String is = ownerId(after, hash);
            if (!was.equals(is)) {
                assertThat(fitted > changed.weight() ? is : was).isEqualTo(changed.id());
            }
        }
    }

    @Property(tries = 100)
    void over_theSameNodes_changesNothing(
            @ForAll("placements") Placement choice, @ForAll("nodes") List<Node> nodes, @ForAll long seed) {
        Placement before = history(choice, nodes, seed);
        assertThat(before.over(before.nodes())).isEqualTo(before);
    }

    @Property(tries = 100)
    void replicas_anyCount_areDistinctBeginWithTheOwnerAndWithFewer(
            @ForAll("placements") Placement choice, @ForAll("nodes") List<Node> nodes, @ForAll long seed) {
        Placement placement = choice.over(fit(choice, nodes));
        for (long hash : Arrays.copyOf(hashes(seed), 20)) {
            List<String> all = replicaIds(placement, hash, nodes.size() + 2);
            assertThat(all).hasSize(nodes.size()).doesNotHaveDuplicates();
            assertThat(all.get(0)).isEqualTo(ownerId(placement, hash));
            for (int count = 0; count <= Math.min(nodes.size(), 6); count++) {
                // A new table, so that nothing is remembered from the longer list.
                assertThat(replicaIds(placement, hash, count)).isEqualTo(all.subList(0, count));
                assertThat(replicaIds(choice.over(placement.nodes()), hash, count))
                        .isEqualTo(all.subList(0, count));
            }
        }
    }

    @Property(tries = 100)
    void replicas_inZones_useEveryZoneBeforeAnyTwice(
            @ForAll("placements") Placement choice, @ForAll("nodes") List<Node> nodes, @ForAll long seed) {
        Placement placement = choice.over(fit(choice, nodes));
        Map<String, Integer> sizes = new HashMap<>();
        for (Node node : nodes) {
            sizes.merge(zoneOf(node), 1, Integer::sum);
        }
        for (long hash : Arrays.copyOf(hashes(seed), 20)) {
            int[] into = new int[nodes.size()];
            placement.replicas(hash, into);
            Map<String, Integer> used = new HashMap<>();
            for (int index : into) {
                Node node = placement.nodes().get(index);
                int times = used.merge(zoneOf(node), 1, Integer::sum);
                sizes.forEach((zone, size) -> assertThat(used.getOrDefault(zone, 0))
                        .as("uses of %s when %s was used the %d. time", zone, zoneOf(node), times)
                        .isGreaterThanOrEqualTo(Math.min(size, times - 1)));
            }
        }
    }

    private static String zoneOf(Node node) {
        return node.zone() == null ? "of " + node.id() : node.zone();
    }

    @Property(tries = 100)
    void replicas_withoutAMember_keepTheOthersAndAddOne(
            @ForAll("placements") Placement choice, @ForAll @IntRange(min = 2, max = 30) int size, @ForAll long seed) {
        Assume.that(choice.properties().minimalMovement() && choice.properties().arbitraryRemoval());
        Placement before = choice.over(Topologies.equal(size));
        String gone = "node-" + new Random(seed).nextInt(size);
        Placement after = before.over(Topologies.without(before.nodes(), gone));
        int count = Math.min(3, size - 1);
        for (long hash : hashes(seed)) {
            List<String> old = replicaIds(before, hash, count);
            List<String> now = replicaIds(after, hash, count);
            if (!old.contains(gone)) {
                assertThat(now).isEqualTo(old);
            } else {
                assertThat(now)
                        .containsAll(old.stream().filter(id -> !id.equals(gone)).toList());
            }
        }
    }

    @Property(tries = 30)
    void replicas_withANodeMore_changeByAtMostOne(
            @ForAll("placements") Placement choice, @ForAll @IntRange(min = 3, max = 30) int size, @ForAll long seed) {
        Assume.that(choice.properties().minimalMovement());
        Placement before = choice.over(Topologies.equal(size));
        Placement after = before.over(Topologies.with(before.nodes(), Node.of("new")));
        for (long hash : hashes(seed)) {
            Set<String> old = new HashSet<>(replicaIds(before, hash, 3));
            List<String> now = replicaIds(after, hash, 3);
            assertThat(now.stream().filter(id -> !old.contains(id)).toList()).isIn(List.of(), List.of("new"));
        }
    }

    @Property(tries = 60)
    void locate_manyHashes_fitsTheSharesOfTheTable(
            @ForAll("placements") Placement choice,
            @ForAll("sizes") int size,
            @ForAll @IntRange(min = 1, max = 3) int spread,
            @ForAll long seed) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            nodes.add(Node.of("node-" + i).weight(choice.properties().weighted() ? 1 + i % spread : 1));
        }
        Assume.that(!choice.id().equals("slots/64") && !choice.id().equals("ring/5"));
        Placement placement = choice.over(nodes);
        double[] shares = shares(placement);
        long[] counts = new long[size];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 2_000 * size; i++) {
            counts[placement.locate(random.nextLong())]++;
        }
        ChiSquare.assertFits(counts, shares, choice.id() + " over " + size);
    }

    /** The parts of all hashes that the nodes own: exact where ranges can be listed, else what their weights promise. */
    private static double[] shares(Placement placement) {
        double[] shares = new double[placement.nodes().size()];
        long total = placement.nodes().stream().mapToLong(Node::weight).sum();
        if (!placement.properties().enumerableRanges()) {
            Arrays.setAll(shares, i -> (double) placement.nodes().get(i).weight() / total);
            return shares;
        }
        long from = 0;
        do {
            long end = placement.rangeEnd(from);
            shares[placement.locate(from)] += (end - from + 1.0) * 0x1p-64;
            from = end + 1;
        } while (from != 0);
        assertThat(Arrays.stream(shares).sum()).isCloseTo(1, within(1e-9));
        return shares;
    }

    @Property(tries = 60)
    void shares_ofATable_areCloseToTheWeights(@ForAll("placements") Placement choice, @ForAll("sizes") int size) {
        Assume.that(choice.properties().enumerableRanges());
        double[] shares = shares(choice.over(Topologies.equal(Math.min(size, 60))));
        double peak = Arrays.stream(shares).max().orElseThrow() * shares.length;
        double allowed = choice instanceof SlotPlacement slots
                ? (double) shares.length / slots.slots()
                : choice instanceof MaglevPlacement
                        ? 2.0 * shares.length / 1_009
                        : ringAllowance(choice, shares.length);
        assertThat(peak).isLessThan(1 + allowed + 1e-9);
    }

    /** The fullest of n arcs-sums of V exponential arcs is hardly ever above the mean by more than this. */
    private static double ringAllowance(Placement ring, int nodes) {
        double virtual = Integer.parseInt(ring.id().substring("ring/".length()));
        return (4 + Math.log(nodes)) / Math.sqrt(virtual) + (4 + Math.log(nodes)) / virtual;
    }

    @Property(tries = 100)
    void rangeEnd_anyHash_endsARangeOfTheSameOwners(
            @ForAll("placements") Placement choice, @ForAll("nodes") List<Node> nodes, @ForAll long seed) {
        Placement placement = choice.over(fit(choice, nodes));
        Random random = new Random(seed);
        for (long hash : Arrays.copyOf(hashes(seed), 50)) {
            long end = placement.rangeEnd(hash);
            assertThat(Long.compareUnsigned(end, hash)).isNotNegative();
            long width = end - hash;
            long inside = hash + (width == 0 ? 0 : Long.remainderUnsigned(random.nextLong(), width));
            assertThat(placement.rangeEnd(inside))
                    .isEqualTo(placement.properties().enumerableRanges() ? end : inside);
            List<String> owners = replicaIds(placement, hash, 3);
            assertThat(replicaIds(placement, end, 3)).isEqualTo(owners);
            assertThat(replicaIds(placement, inside, 3)).isEqualTo(owners);
        }
    }

    @Property(tries = 100)
    void fromBytes_ofAMapAfterAnyHistory_isTheSame(
            @ForAll("placements") Placement choice, @ForAll("nodes") List<Node> nodes, @ForAll long seed) {
        Assume.that(!choice.id().equals("ring/5"));
        Placement placement = history(choice, nodes, seed);
        HashShardMap<Long> read = HashShardMap.fromBytes(bytes(placement), KeyHasher.longs());
        assertThat(read.placement()).isEqualTo(placement);
        for (long hash : hashes(seed)) {
            assertThat(read.locateHash(hash)).isEqualTo(owner(placement, hash));
        }
    }

    @Property(tries = 100)
    void over_afterAnyHistory_isTheSameIfPromised(
            @ForAll("placements") Placement choice, @ForAll("nodes") List<Node> nodes, @ForAll long seed) {
        Assume.that(choice.properties().historyIndependent());
        Placement reached = history(choice, nodes, seed);
        Placement fresh = choice.over(reached.nodes());
        assertThat(reached).isEqualTo(fresh);
        assertThat(bytes(reached)).isEqualTo(bytes(fresh));
        for (long hash : hashes(seed)) {
            assertThat(reached.locate(hash)).isEqualTo(fresh.locate(hash));
            assertThat(replicaIds(reached, hash, 3)).isEqualTo(replicaIds(fresh, hash, 3));
        }
    }

    @Provide
    Arbitrary<Integer> sizes() {
        return Arbitraries.of(2, 3, 7, 9, 11, 33, 100);
    }

    /** A table after a random walk of additions, removals and new weights that ends at any nodes. */
    private static Placement history(Placement choice, List<Node> nodes, long seed) {
        Random random = new Random(seed);
        Placement table = choice.over(fit(choice, nodes));
        for (int step = 0; step < 6; step++) {
            List<Node> now = table.nodes();
            Node any = now.get(random.nextInt(now.size()));
            int kind = random.nextInt(3);
            if (kind == 0 && now.size() > 1 && choice.properties().arbitraryRemoval()) {
                table = table.over(Topologies.without(now, any.id()));
            } else if (kind == 1 && choice.properties().weighted()) {
                table = table.over(Topologies.with(now, any.weight(1 + random.nextInt(50))));
            } else if (now.size() < 50) {
                int weight = choice.properties().weighted() ? 1 + random.nextInt(20) : any.weight();
                table = table.over(Topologies.with(now, Node.of("later-" + step).weight(weight)));
            }
        }
        return table;
    }
}
