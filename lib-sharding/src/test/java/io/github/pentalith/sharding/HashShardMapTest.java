// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HashShardMapTest {
    private static final List<String> KEYS =
            IntStream.range(0, 10_000).mapToObj(i -> "user:" + i).toList();

    @Test
    void of_nodeIds_isTheMapOfTheBuilder() {
        HashShardMap<String> map = ShardMap.of("b", "a", "c");
        assertThat(map.nodes()).containsExactly(Node.of("a"), Node.of("b"), Node.of("c"));
        assertThat(map.epoch()).isEqualTo(1);
        assertThat(map.hasher()).isSameAs(KeyHasher.strings());
        assertThat(map.placement().id()).isEqualTo("slots/65536");
        assertThat(map).hasToString("HashShardMap[epoch=1, hasher=rapidhash3/utf16, placement=slots/65536, nodes=3]");
    }

    @Test
    void locate_aKey_isTheNodeOfItsHash() {
        HashShardMap<String> map = ShardMap.of("a", "b", "c");
        for (String key : KEYS) {
            long hash = KeyHasher.strings().hash(key);
            assertThat(map.locate(key)).isSameAs(map.locateHash(hash));
            assertThat(map.locate(key))
                    .isEqualTo(map.nodes().get(map.placement().locate(hash)));
        }
    }

    @Test
    void locate_realisticKeys_areEven() {
        HashShardMap<String> map = ShardMap.of("a", "b", "c", "d", "e", "f", "g");
        HashShardMap<Long> longs =
                ShardMap.builder(KeyHasher.longs()).nodes(map.nodes()).build();
        double[] shares = new double[7];
        Arrays.fill(shares, 1 / 7.0);
        long[][] counts = new long[5][7];
        for (int i = 0; i < 50_000; i++) {
            counts[0][index(map, map.locate("user:" + i))]++;
            counts[1][index(map, map.locate("a/long/shared/prefix/of/the/keys/" + i + "/suffix"))]++;
            counts[2][index(map, longs.locate((long) i))]++;
            counts[3][index(map, longs.locate((long) i << 20))]++;
            counts[4][index(map, longs.locate((long) i << 43))]++;
        }
        for (long[] kind : counts) {
            ChiSquare.assertFits(kind, shares, "keys that follow a pattern");
        }
    }

    private static int index(ShardMap<?> map, Node node) {
        return map.nodes().indexOf(node);
    }

    @Test
    void with_aNode_isTheNextEpochAndLeavesThisOneAlone() {
        HashShardMap<String> map = ShardMap.of("a", "b");
        byte[] before = map.toBytes();
        HashShardMap<String> next = map.with(Node.of("c"));
        assertThat(next.epoch()).isEqualTo(2);
        assertThat(next.nodes()).extracting(Node::id).containsExactly("a", "b", "c");
        assertThat(map.toBytes()).isEqualTo(before);
        long moved = KEYS.stream()
                .filter(key -> !next.locate(key).equals(map.locate(key)))
                .peek(key -> assertThat(next.locate(key).id()).isEqualTo("c"))
                .count();
        assertThat(moved).isBetween(3_000L, 3_700L);
    }

    @Test
    void with_aChangedNode_keepsWhatTheNewWeightAllows() {
        HashShardMap<String> map = ShardMap.of("a", "b", "c");
        HashShardMap<String> next = map.with(Node.of("b").weight(2).zone("z"));
        assertThat(next.nodes()).contains(Node.of("b").weight(2).zone("z")).hasSize(3);
        for (String key : KEYS) {
            assertThat(next.locate(key).id()).isIn(map.locate(key).id(), "b");
        }
    }

    @Test
    void changes_thatChangeNothing_areTheSameMap() {
        HashShardMap<String> map = ShardMap.of("a", "b");
        assertThat(map.with(Node.of("a"))).isSameAs(map);
        assertThat(map.withNodes(List.of(Node.of("b"), Node.of("a")))).isSameAs(map);
    }

    @Test
    void without_aNode_movesOnlyItsKeys() {
        HashShardMap<String> map = ShardMap.of("a", "b", "c");
        HashShardMap<String> next = map.without("b");
        assertThat(next.epoch()).isEqualTo(2);
        for (String key : KEYS) {
            Node was = map.locate(key);
            assertThat(next.locate(key)).isNotEqualTo(Node.of("b"));
            if (!was.id().equals("b")) {
                assertThat(next.locate(key)).isEqualTo(was);
            }
        }
    }

    @Test
    void changes_thatCannotBe_areRefused() {
        HashShardMap<String> map = ShardMap.of("a", "b");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> map.without("x"))
                .withMessage("nodeId must name a node of the map: nodeId=x (expected: one of its 2 nodes)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> map.without("a").without("b"))
                .withMessage("nodes must not be empty: nodes=[] (expected: at least 1)");
        assertThatIllegalArgumentException().isThrownBy(() -> map.withNodes(List.of(Node.of("a"), Node.of("a"))));
        assertThatIllegalArgumentException().isThrownBy(ShardMap::of);
        assertThatIllegalArgumentException().isThrownBy(() -> ShardMap.of("a", "a"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ShardMap.builder(KeyHasher.longs()).epoch(0))
                .withMessage("epoch must be positive: epoch=0 (expected: 1 or more)");
        assertThatNullPointerException().isThrownBy(() -> map.with(null)).withMessage("node");
        assertThatNullPointerException().isThrownBy(() -> map.without(null)).withMessage("nodeId");
        assertThatNullPointerException()
                .isThrownBy(() -> ShardMap.builder(null))
                .withMessage("hasher");
    }

    @Test
    void lookUps_ofNull_areRefused() {
        HashShardMap<String> map = ShardMap.of("a", "b");
        assertThatNullPointerException().isThrownBy(() -> map.locate(null)).withMessage("key");
        assertThatNullPointerException().isThrownBy(() -> map.replicas(null, 1)).withMessage("key");
        assertThatNullPointerException()
                .isThrownBy(() -> map.replicas(null, new Node[1]))
                .withMessage("key");
        assertThatNullPointerException()
                .isThrownBy(() -> map.partition(Collections.singletonList(null)))
                .withMessage("key");
    }

    @Test
    void replicas_inBothForms_areEqualAndBeginWithTheOwner() {
        HashShardMap<String> map = ShardMap.builder(KeyHasher.strings())
                .node(Node.of("a").zone("1"))
                .node(Node.of("b").zone("1"))
                .node(Node.of("c").zone("2"))
                .build();
        for (String key : KEYS.subList(0, 500)) {
            List<Node> two = map.replicas(key, 2);
            assertThat(two.get(0)).isEqualTo(map.locate(key));
            assertThat(two).extracting(Node::zone).containsExactlyInAnyOrder("1", "2");
            Node[] into = new Node[5];
            assertThat(map.replicas(key, into)).isEqualTo(3);
            assertThat(into[3]).isNull();
            assertThat(Arrays.asList(into).subList(0, 2)).isEqualTo(two);
            assertThat(map.replicas(key, new Node[0])).isZero();
        }
    }

    @Test
    void replicas_tooMany_areRefused() {
        HashShardMap<String> map = ShardMap.of("a", "b");
        for (int count : new int[] {-1, 0, 3}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> map.replicas("k", count))
                    .withMessage("count must be in range: count=%d (expected: 1 to 2, the number of nodes)", count);
        }
    }

    @Test
    void partition_keys_areByTheirNodesInOrder() {
        HashShardMap<String> map = ShardMap.of("a", "b", "c");
        List<String> keys = new ArrayList<>(KEYS.subList(0, 100));
        keys.addAll(KEYS.subList(0, 10));
        Map<Node, List<String>> parts = map.partition(keys);
        assertThat(List.copyOf(parts.keySet())).isEqualTo(map.nodes());
        parts.forEach((node, part) -> assertThat(part)
                .isEqualTo(keys.stream()
                        .filter(key -> map.locate(key).equals(node))
                        .toList()));
        assertThat(map.partition(List.of("x"))).hasSize(1);
        assertThat(map.partition(List.of())).isEmpty();
        assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(parts::clear);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> parts.values().iterator().next().add("x"));
    }

    @Test
    void build_fromATable_movesTheLeastFromIt() {
        HashShardMap<String> first = ShardMap.of("a", "b", "c").without("a");
        HashShardMap<String> second = ShardMap.builder(KeyHasher.strings())
                .placement(first.placement())
                .nodes(first.nodes())
                .epoch(17)
                .build();
        assertThat(second.placement()).isEqualTo(first.placement());
        assertThat(second.epoch()).isEqualTo(17);
    }
}
