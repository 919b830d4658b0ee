// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class RangeShardMapProperties {
    private static final Node A = Node.of("a");
    private static final Node B = Node.of("b");
    private static final Node C = Node.of("c");

    /** Random splits, merges and moves against a model: an array of the owner of each of 100 keys. */
    @Property(tries = 200)
    void changes_inAnyOrder_coverEveryKeyOnce(@ForAll long seed) {
        Random random = new Random(seed);
        RangeShardMap<Integer> map = RangeShardMap.of(Integer.class, A);
        TreeMap<Integer, Node> model = new TreeMap<>();
        model.put(Integer.MIN_VALUE, A);
        for (int step = 0; step < 60; step++) {
            int key = random.nextInt(100);
            Node node = List.of(A, B, C).get(random.nextInt(3));
            long epoch = map.epoch();
            RangeShardMap<Integer> before = map;
            if (random.nextInt(3) > 0) {
                map = model.containsKey(key) ? map.merge(key) : map.split(key, node);
                if (model.containsKey(key)) {
                    model.remove(key);
                } else {
                    model.put(key, node);
                }
                assertThat(map.epoch()).isEqualTo(epoch + 1);
            } else {
                map = map.move(key, node);
                boolean same = model.put(model.floorKey(key), node).equals(node);
                assertThat(map.epoch()).isEqualTo(same ? epoch : epoch + 1);
                assertThat(map == before).isEqualTo(same);
            }
            check(map, model);
        }
    }

    private static void check(RangeShardMap<Integer> map, TreeMap<Integer, Node> model) {
        for (int key = -2; key < 103; key++) {
            assertThat(map.locate(key)).isEqualTo(model.floorEntry(key).getValue());
        }
        List<RangeShardMap.Range<Integer>> ranges = map.ranges();
        assertThat(ranges).hasSameSizeAs(model.keySet());
        assertThat(ranges.get(0).lower()).isNull();
        assertThat(ranges.get(ranges.size() - 1).upper()).isNull();
        for (int i = 1; i < ranges.size(); i++) {
            assertThat(ranges.get(i).lower()).isEqualTo(ranges.get(i - 1).upper());
            assertThat(map.locate(ranges.get(i).lower()))
                    .isEqualTo(ranges.get(i).node());
        }
        for (int lower = 0; lower < 100; lower += 7) {
            for (int upper = lower + 1; upper < 101; upper += 13) {
                int from = lower;
                int to = upper;
                assertThat(map.overlapping(lower, upper))
                        .isEqualTo(ranges.stream()
                                .filter(range -> (range.upper() == null || range.upper() > from)
                                        && (range.lower() == null || range.lower() < to))
                                .toList());
            }
        }
        assertThat(map.nodes())
                .containsExactlyElementsOf(model.values().stream()
                        .distinct()
                        .sorted((a, b) -> a.id().compareTo(b.id()))
                        .toList());
    }

    @Example
    void locate_atABound_isTheUpperRange() {
        RangeShardMap<String> map =
                RangeShardMap.of(String.class, A).split("h", B).split("p", C);
        assertThat(map.locate("")).isEqualTo(A);
        assertThat(map.locate("gz")).isEqualTo(A);
        assertThat(map.locate("h")).isEqualTo(B);
        assertThat(map.locate("lovelace")).isEqualTo(B);
        assertThat(map.locate("p")).isEqualTo(C);
        assertThat(map.locate("\uffff")).isEqualTo(C);
        assertThat(map).hasToString("RangeShardMap[epoch=3, keys=String, ranges=3, nodes=3]");
    }

    @Example
    void changes_thatCannotBe_areRefused() {
        RangeShardMap<Integer> map = RangeShardMap.of(Integer.class, A).split(10, B);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> map.split(10, C))
                .withMessageStartingWith("at must not be a bound: at=10 (expected: a key inside of Range[lower=10");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> map.merge(11))
                .withMessage("at must be a bound: at=11 (expected: one of [10])");
        assertThatIllegalArgumentException().isThrownBy(() -> map.merge(3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> map.overlapping(5, 5))
                .withMessage("upper must be greater than lower: lower=5, upper=5 (expected: lower < upper)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> map.split(20, Node.of("a").weight(2)))
                .withMessage("node must be the same wherever its id is used: Node[id=a, weight=2, zone=null]"
                        + " (expected: Node[id=a, weight=1, zone=null])");
        assertThatNullPointerException().isThrownBy(() -> map.locate(null)).withMessage("key");
        assertThatNullPointerException().isThrownBy(() -> map.split(1, null)).withMessage("upper");
        assertThatNullPointerException().isThrownBy(() -> map.move(1, null)).withMessage("to");
    }
}
