// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.KeyHasher;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.RangeShardMap;
import io.github.pentalith.sharding.ShardMap;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DistributionReportTest {
    private static final List<String> KEYS =
            IntStream.range(0, 20_000).mapToObj(i -> "user:" + i).toList();

    @Test
    void of_hashedKeys_isAsEvenAsChanceAllows() {
        HashShardMap<String> map = ShardMap.builder(KeyHasher.strings())
                .node(Node.of("a"))
                .node(Node.of("b").weight(3))
                .build();
        DistributionReport report = DistributionReport.of(map, KEYS);
        assertThat(report.keys()).isEqualTo(20_000);
        assertThat(report.shares())
                .extracting(DistributionReport.Share::expected)
                .containsExactly(5_000.0, 15_000.0);
        assertThat(report.shares().stream()
                        .mapToLong(DistributionReport.Share::keys)
                        .sum())
                .isEqualTo(20_000);
        assertThat(report.peak()).isBetween(1.0, 1.05);
        assertThat(report.expectedPeak()).isCloseTo(1.0144, within(1e-3));
    }

    @Test
    void of_unevenKeys_showsThePeak() {
        RangeShardMap<Integer> map = RangeShardMap.of(Integer.class, Node.of("a"))
                .split(1, Node.of("b"))
                .split(2, Node.of("c"));
        DistributionReport report = DistributionReport.of(map, List.of(0, 2, 2, 2, 3, 4));
        assertThat(report.shares())
                .containsExactly(
                        new DistributionReport.Share(Node.of("a"), 1, 2),
                        new DistributionReport.Share(Node.of("b"), 0, 2),
                        new DistributionReport.Share(Node.of("c"), 5, 2));
        assertThat(report.peak()).isEqualTo(2.5);
        assertThat(report.text().lines())
                .hasSize(4)
                .startsWith("keys=6 nodes=3 peak/mean=2.500 (by chance about 1.856)")
                .endsWith("c weight=1 keys=5 expected=2.0 load=2.500");
    }

    @Test
    void failOver_ofOneNode_spreadsItsKeysOverTheOthers() {
        HashShardMap<String> map = ShardMap.of("a", "b", "c", "d", "e");
        List<DistributionReport.Share> shares = DistributionReport.failOver(map, map.without("c"), "c", KEYS);
        assertThat(shares)
                .hasSize(4)
                .allSatisfy(share -> assertThat(share.load()).isBetween(0.8, 1.2));
        assertThat(shares.get(0).keys()).isGreaterThanOrEqualTo(shares.get(3).keys());
        assertThat(shares.stream().mapToLong(DistributionReport.Share::keys).sum())
                .isEqualTo(KEYS.stream()
                        .filter(key -> map.locate(key).id().equals("c"))
                        .count());
    }

    @Test
    void arguments_thatAreBad_areRefused() {
        HashShardMap<String> map = ShardMap.of("a", "b");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DistributionReport.of(map, List.of()))
                .withMessage("keys must not be empty: keys=0 (expected: at least 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DistributionReport.failOver(map, map, "a", KEYS))
                .withMessage(
                        "nodeId must name a node of the first map only: nodeId=a (expected: in before, not in after)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DistributionReport.failOver(map, map.without("a"), "x", KEYS));
    }
}
