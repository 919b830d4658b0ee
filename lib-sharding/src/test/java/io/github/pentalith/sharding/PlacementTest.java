// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.dynatrace.hash4j.consistent.ConsistentHashing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacementTest {
    private static final List<Placement> ALL = List.of(
            Placement.slots(),
            Placement.ring(),
            Placement.rendezvous(),
            Placement.jumpBack(),
            Placement.maglev(65_537),
            Placement.modulo());

    @Test
    void lookUps_inABareChoice_areRefused() {
        for (Placement choice : ALL) {
            assertThat(choice.nodes()).isEmpty();
            assertThatIllegalStateException()
                    .isThrownBy(() -> choice.locate(1))
                    .withMessage("placement must have nodes: nodes=[] (expected: the result of over(nodes))");
            assertThatIllegalStateException().isThrownBy(() -> choice.replicas(1, new int[1]));
            if (choice.properties().enumerableRanges()) {
                assertThatIllegalStateException().isThrownBy(() -> choice.rangeEnd(1));
            }
            assertThat(choice.properties().cost()).startsWith("O(");
            assertThat(choice).hasToString("Placement[" + choice.id() + ", nodes=0]");
            assertThat(NodeTable.choice(choice.id())).isEqualTo(choice);
        }
    }

    @Test
    void over_unequalWeights_isRefusedWhereWeightsDoNotCount() {
        for (Placement choice : List.of(Placement.jumpBack(), Placement.modulo())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () -> choice.over(List.of(Node.of("a"), Node.of("b").weight(2))))
                    .withMessage("weight must be the same for all nodes of " + choice.id()
                            + ": id=b, weight=2 (expected: 1, that of a)");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 65_537, Integer.MAX_VALUE})
    void ring_virtualNodesOutOfRange_areRefused(int virtualNodes) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Placement.ring(virtualNodes))
                .withMessage("virtualNodes must be in range: virtualNodes=%d (expected: 1 to 65,536)", virtualNodes);
    }

    @Test
    void ring_tooManyPoints_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Placement.ring().over(List.of(Node.of("a").weight(1_000_000))))
                .withMessage("points must not be too many: points=160000000"
                        + " (expected: at most 16,777,216; virtual nodes times the sum of the weights)");
    }

    /** grpc-java and others failed here: past the last point the ring begins again. */
    @Test
    void ring_aroundItsEnds_wraps() {
        Placement ring = Placement.ring(1).over(Topologies.equal(5));
        long first = ring.rangeEnd(0);
        long last = 0;
        for (long end = first; end != -1; end = ring.rangeEnd(end + 1)) {
            last = end;
        }
        assertThat(ring.locate(last + 1)).isEqualTo(ring.locate(0)).isEqualTo(ring.locate(-1));
        assertThat(ring.locate(last)).isNotEqualTo(ring.locate(0));
        assertThat(ring.locate(first)).isEqualTo(ring.locate(0));
        assertThat(ring.locate(first + 1)).isNotEqualTo(ring.locate(0));
    }

    /** Pekko lost a node when two points fell on one place; with 8 bits of place nearly all do. */
    @Test
    void ring_withCollisions_losesNoNode() {
        Placement choice = RingPlacement.choice(3, 0xff00_0000_0000_0000L);
        List<Node> nodes = List.of(Node.of("node-4230"), Node.of("node-14323"), Node.of("node-1"));
        Placement ring = choice.over(nodes);
        Placement without = ring.over(Topologies.without(nodes, "node-4230"));
        for (int i = 0; i < 256; i++) {
            long hash = (long) i << 56;
            int[] owners = new int[3];
            assertThat(ring.replicas(hash, owners)).isEqualTo(3);
            assertThat(owners).containsExactlyInAnyOrder(0, 1, 2);
            Node was = ring.nodes().get(owners[0]);
            Node is = without.nodes().get(without.locate(hash));
            assertThat(is).isEqualTo(was.id().equals("node-4230") ? ring.nodes().get(owners[1]) : was);
        }
        // 300 points on 256 places: some places hold several nodes, of which the first in the order of ids owns.
        Placement full = RingPlacement.choice(3, 0xff00_0000_0000_0000L).over(Topologies.equal(100));
        Placement less = full;
        for (int i = 99; i > 0; i--) {
            less = less.over(Topologies.without(less.nodes(), "node-" + i));
            assertThat(less).isEqualTo(choice.over(Topologies.equal(i)));
        }
        assertThat(less.locate(123)).isZero();
    }

    @Test
    void jumpBack_anyHash_isHash4jsBucketInTheListedOrder() {
        List<Node> nodes = List.of(Node.of("z"), Node.of("b"), Node.of("a"));
        Placement table = Placement.jumpBack().over(nodes);
        assertThat(table.nodes()).isEqualTo(nodes);
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 10_000; i++) {
            long hash = random.nextLong();
            assertThat(table.locate(hash))
                    .isEqualTo(ConsistentHashing.jumpBackHashSplitMix64().getBucket(hash, 3));
        }
        assertThat(Placement.jumpBack().over(Topologies.equal(1_000)).locate(0x7f7487ee708c8a96L))
                .isEqualTo(996);
    }

    @Test
    void jumpBack_aChangeInTheMiddle_isRefused() {
        Placement table = Placement.jumpBack().over(List.of(Node.of("a"), Node.of("b"), Node.of("c")));
        assertThat(table.over(List.of(Node.of("a"), Node.of("b"))).nodes()).hasSize(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> table.over(List.of(Node.of("a"), Node.of("c"))))
                .withMessage(
                        "nodes must come and go at the end of the list for jumpBack: id=c at index 1 (expected: b)");
        HashShardMap<String> map = ShardMap.builder(KeyHasher.strings())
                .placement(Placement.jumpBack())
                .nodes(table.nodes())
                .build();
        assertThat(map.with(Node.of("A")).nodes()).extracting(Node::id).containsExactly("a", "b", "c", "A");
        assertThat(map.with(Node.of("b").zone("z")).nodes())
                .extracting(Node::id)
                .containsExactly("a", "b", "c");
        assertThat(map.without("c").epoch()).isEqualTo(2);
        assertThatIllegalArgumentException().isThrownBy(() -> map.without("a"));
    }

    @Test
    void modulo_anyHash_isTheRemainderInTheListedOrder() {
        Placement table = Placement.modulo().over(List.of(Node.of("z"), Node.of("b"), Node.of("a")));
        assertThat(table.nodes().get(table.locate(9))).isEqualTo(Node.of("z"));
        assertThat(table.locate(-1)).isEqualTo(2);
        assertThat(table.locate(Long.MIN_VALUE)).isEqualTo((int) Math.floorMod(Long.MIN_VALUE, 3L));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -7, 2, 65_536, 65_538, 5_000_013, Integer.MAX_VALUE})
    void maglev_entriesNotPrimeOrOutOfRange_areRefused(int entries) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Placement.maglev(entries))
                .withMessage("entries must be a prime: entries=%d (expected: 3 to 5,000,011, such as 65,537)", entries);
    }

    @Test
    void maglev_moreNodesThanEntries_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Placement.maglev(3).over(Topologies.equal(4)))
                .withMessage("nodes must not outnumber the entries: nodes=4 (expected: 1 to 3, or more entries)");
    }

    @Test
    void maglev_unequalWeights_sharesByWeightAndForgetsNobody() {
        Placement table = Placement.maglev(1_009)
                .over(List.of(
                        Node.of("a").weight(1_000_000),
                        Node.of("b"),
                        Node.of("c").weight(500_000)));
        Map<Integer, Integer> entries = new HashMap<>();
        long from = 0;
        do {
            entries.merge(table.locate(from), 1, Integer::sum);
            from = table.rangeEnd(from) + 1;
        } while (from != 0);
        assertThat(entries).containsEntry(0, 672).containsEntry(1, 1).containsEntry(2, 336);
    }
}
