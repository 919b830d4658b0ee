// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.sharding;

import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.Placement;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * How long tables of 100,000 nodes take: a ring of ten million points, the same with one node more, a plan of 2^20
 * slots with equal and with mixed weights. The least CPU time of several, as for all rows of one thread. A program of its
 * own, since a single call takes longer than a whole burst of the others. Exits with 1 if one takes longer than promised.
 */
public final class GreatTables {
    private static final int NODES = 100_000;
    private static Object sink = "";
    private static boolean kept = true;

    private GreatTables() {}

    public static void main(String[] arguments) {
        List<Node> nodes = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            nodes.add(Node.of(String.format("node-%06d.example", i)));
        }
        List<Node> more = new ArrayList<>(nodes);
        more.add(NODES / 2, Node.of("node-049999.example.new"));
        print(
                "ring of 10 million points, built",
                400,
                8,
                () -> Placement.ring(100).over(nodes));
        Placement ring = Placement.ring(100).over(nodes);
        print("the same ring, one node more", 30, 20, () -> ring.over(more));
        Placement slots = Placement.slots(1 << 20).over(nodes);
        print("plan of 1,048,576 slots, one node more", 15, 40, () -> slots.over(more));
        for (int most : new int[] {10, 1_000_000}) {
            SplittableRandom random = new SplittableRandom(most);
            List<Node> mixed = new ArrayList<>(nodes);
            mixed.replaceAll(node -> node.weight((int) Math.round(Math.pow(most, random.nextDouble()))));
            List<Node> mixedMore = new ArrayList<>(mixed);
            mixedMore.add(NODES / 2, Node.of("node-049999.example.new").weight(most / 2));
            Placement before = Placement.slots(1 << 20).over(mixed);
            print(
                    String.format(Locale.ROOT, "the same, weights from 1 to %,d", most),
                    15,
                    40,
                    () -> before.over(mixedMore));
        }
        System.exit(kept ? 0 : 1);
    }

    private static void print(String what, int bar, int times, Supplier<?> work) {
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < times; i++) {
            sink = "";
            long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            sink = work.get();
            least = Math.min(least, (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start) / 1e6);
        }
        kept &= least <= bar;
        System.out.printf(
                Locale.ROOT,
                "%-40s %8.1f ms CPU, at most %d promised: %s%n",
                what,
                least,
                bar,
                least <= bar ? "ok" : "FAIL");
    }
}
