// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.sharding;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.Placement;
import java.util.List;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Building a table over ten nodes, and the table with one node more. For millions of points: {@link GreatTables}. */
@State(Scope.Benchmark)
@Question(
        library = "sharding",
        id = "build-table",
        title = "Building the table of ten nodes, 160 points each",
        floor = "tree-map-ring",
        threads = 1)
public class BuildTable {
    @Param({"pentalith", "pentalith-ring", "pentalith-ring-one-more", "tree-map-ring"})
    public String subject;

    private List<Node> nodes;
    private Placement before;

    @Setup
    public void setUp() {
        List<Node> all = IntStream.range(0, 10)
                .mapToObj(i -> Node.of("node-" + i + ".example"))
                .toList();
        nodes = all;
        before = Placement.ring().over(all.subList(0, 9));
    }

    @Benchmark
    public Object build() {
        return switch (subject) {
            case "pentalith" -> Placement.slots().over(nodes);
            case "pentalith-ring" -> Placement.ring().over(nodes);
            case "pentalith-ring-one-more" -> before.over(nodes);
            default -> new Locator.TreeMapRing(nodes);
        };
    }
}
