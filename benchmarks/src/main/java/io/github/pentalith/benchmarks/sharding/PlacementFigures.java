// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.sharding;

import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.KeyHasher;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.Placement;
import io.github.pentalith.sharding.ShardMap;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.openjdk.jol.info.GraphStats;

/**
 * Prints the table of numbers of the guide: what each placement costs, how even it is, and what moves when a node comes.
 * The least CPU time of many bursts that take turns; movement is of a million random hashes.
 */
public final class PlacementFigures {
    private static final PrintStream OUT = System.out;
    private static final int HASHES = 1 << 12;
    private static final int BURSTS = 60;
    private static final Map<String, Placement> CHOICES = new LinkedHashMap<>();
    private static long sink;

    static {
        CHOICES.put("slots()", Placement.slots());
        CHOICES.put("ring()", Placement.ring());
        CHOICES.put("rendezvous()", Placement.rendezvous());
        CHOICES.put("maglev(65_537)", Placement.maglev(65_537));
        CHOICES.put("jumpBack()", Placement.jumpBack());
        CHOICES.put("modulo()", Placement.modulo());
    }

    private PlacementFigures() {}

    public static void main(String[] arguments) {
        System.setProperty("jol.magicFieldOffset", "true"); // else no layouts of records
        OUT.println(
                "| placement | nodes | look-up, ns | bytes of a map | fullest, x mean | moved by a node more, x least |");
        OUT.println("| --- | ---: | ---: | ---: | ---: | ---: |");
        for (int count : new int[] {100, 1_000}) {
            List<Node> nodes = nodes(count);
            Map<String, HashShardMap<Long>> maps = new LinkedHashMap<>();
            CHOICES.forEach((name, choice) -> maps.put(name, map(choice, nodes)));
            Map<String, Double> nanos = lookUps(maps);
            long ofNodes = GraphStats.parseInstance(nodes).totalSize();
            maps.forEach((name, map) -> OUT.printf(
                    Locale.ROOT,
                    "| `%s` | %,d | %.1f | %,d | %.3f | %.2f |%n",
                    name,
                    count,
                    nanos.get(name),
                    GraphStats.parseInstance(map, nodes).totalSize() - ofNodes,
                    fullest(map.placement()),
                    moved(map) * (count + 1)));
        }
        OUT.println(sink == 0 ? "" : " ");
    }

    private static List<Node> nodes(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Node.of("node-" + i + ".example"))
                .toList();
    }

    private static HashShardMap<Long> map(Placement choice, List<Node> nodes) {
        return ShardMap.builder(KeyHasher.longs())
                .placement(choice)
                .nodes(nodes)
                .build();
    }

    private static Map<String, Double> lookUps(Map<String, HashShardMap<Long>> maps) {
        long[] hashes = new SplittableRandom(1).longs(HASHES).toArray();
        Map<String, Double> least = new LinkedHashMap<>();
        for (int burst = 0; burst < BURSTS; burst++) {
            maps.forEach((name, map) -> {
                int rounds = name.startsWith("rendezvous") ? 1 : 100;
                long start = cpu();
                for (int round = 0; round < rounds; round++) {
                    for (long hash : hashes) {
                        sink += map.locateHash(hash).weight();
                    }
                }
                least.merge(name, (cpu() - start) / (double) (rounds * HASHES), Math::min);
            });
        }
        return least;
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** The greatest part of all hashes that a node has, exactly; 1 where only the chance of the keys decides. */
    private static double fullest(Placement placement) {
        if (!placement.properties().enumerableRanges()) {
            return 1;
        }
        double[] parts = new double[placement.nodes().size()];
        long from = 0;
        do {
            long end = placement.rangeEnd(from);
            parts[placement.locate(from)] += (end - from + 1.0) * 0x1p-64;
            from = end + 1;
        } while (from != 0);
        return Arrays.stream(parts).max().orElseThrow() * parts.length;
    }

    private static double moved(HashShardMap<Long> map) {
        HashShardMap<Long> next = map.with(Node.of("node-" + map.nodes().size() + ".example"));
        int keys = map.placement().id().equals("rendezvous") ? 100_000 : 1_000_000;
        return (double) new SplittableRandom(3)
                        .longs(keys)
                        .filter(hash -> !map.locateHash(hash).equals(next.locateHash(hash)))
                        .count()
                / keys;
    }
}
