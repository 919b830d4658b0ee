// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class SlotPlannerProperties {
    @Provide
    Arbitrary<List<Node>> nodes() {
        return Topologies.upTo(64);
    }

    @Provide
    Arbitrary<Integer> slots() {
        return Arbitraries.of(64, 256, 4_096);
    }

    private static int[] held(int[] table, int nodes) {
        int[] held = new int[nodes];
        for (int owner : table) {
            held[owner]++;
        }
        return held;
    }

    /** The min-max inequality is what defines the shares of a divisor method: nobody's claim beats a granted one. */
    @Property(tries = 500)
    void shares_anyWeights_obeyWebstersInequality(@ForAll("nodes") List<Node> nodes, @ForAll("slots") int slots) {
        Node[] sorted = Node.sorted(nodes);
        int[] shares = SlotPlanner.shares(sorted, slots);
        assertThat(Arrays.stream(shares).sum()).isEqualTo(slots);
        for (int i = 0; i < sorted.length; i++) {
            assertThat(shares[i]).isPositive();
            for (int j = 0; j < sorted.length; j++) {
                if (shares[j] > 1) {
                    long claim = sorted[i].weight() * (2L * shares[j] - 1);
                    long granted = sorted[j].weight() * (2L * shares[i] + 1);
                    assertThat(claim).isLessThanOrEqualTo(granted);
                    assertThat(claim != granted || j < i)
                            .as("ties go to the smaller id")
                            .isTrue();
                }
            }
        }
    }

    @Property(tries = 200)
    void shares_equalWeights_differByAtMostOneSlot(
            @ForAll @IntRange(min = 1, max = 64) int size, @ForAll("slots") int slots) {
        int[] shares = SlotPlanner.shares(Node.sorted(Topologies.equal(size)), slots);
        int peak = Arrays.stream(shares).max().orElseThrow();
        assertThat(peak - Arrays.stream(shares).min().orElseThrow()).isBetween(0, 1);
        assertThat((double) peak * size / slots).isLessThan(1 + (double) size / slots);
    }

    @Property(tries = 200)
    void shares_weightsAboveASlot_areWithinTheBoundOfDivisorMethods(
            @ForAll @IntRange(min = 1, max = 40) int size, @ForAll long seed) {
        Node[] nodes = Node.sorted(Topologies.random(size, 20, 0, new Random(seed)));
        long total = Arrays.stream(nodes).mapToLong(Node::weight).sum();
        int[] shares = SlotPlanner.shares(nodes, 4_096);
        for (int i = 0; i < size; i++) {
            double part = (double) nodes[i].weight() / total;
            assertThat((double) shares[i]).isCloseTo(4_096 * part, within(0.5 + part * size / 2));
        }
    }

    @Property(tries = 200)
    void shares_scaledWeights_stayTheSame(@ForAll @IntRange(min = 1, max = 64) int size, @ForAll long seed) {
        List<Node> nodes = Topologies.random(size, 100, 0, new Random(seed));
        List<Node> scaled =
                nodes.stream().map(node -> node.weight(node.weight() * 9_999)).toList();
        assertThat(SlotPlanner.shares(Node.sorted(scaled), 4_096))
                .isEqualTo(SlotPlanner.shares(Node.sorted(nodes), 4_096));
    }

    @Property(tries = 300)
    void plan_fromAnyTable_reachesTheSharesWithTheFewestMoves(
            @ForAll("nodes") List<Node> before,
            @ForAll("nodes") List<Node> after,
            @ForAll("slots") int slots,
            @ForAll long seed) {
        Node[] old = Node.sorted(before);
        Node[] next = Node.sorted(after);
        Random random = new Random(seed);
        int[] table = new int[slots];
        for (int slot = 0; slot < slots; slot++) {
            table[slot] = random.nextInt(old.length);
        }
        int[] planned = SlotPlanner.plan(old, table, next, slots);

        int[] shares = SlotPlanner.shares(next, slots);
        assertThat(held(planned, next.length)).isEqualTo(shares);
        int[] heldBefore = new int[next.length];
        int moved = 0;
        for (int slot = 0; slot < slots; slot++) {
            String was = old[table[slot]].id();
            if (!was.equals(next[planned[slot]].id())) {
                moved++;
            }
            for (int i = 0; i < next.length; i++) {
                heldBefore[i] += next[i].id().equals(was) ? 1 : 0;
            }
        }
        int least = 0;
        for (int i = 0; i < next.length; i++) {
            least += Math.max(0, shares[i] - heldBefore[i]);
        }
        assertThat(moved).isEqualTo(least);
    }

    @Example
    void shares_asManyNodesAsSlots_giveOneToEach() {
        int[] shares = SlotPlanner.shares(Node.sorted(Topologies.random(64, 1_000_000, 0, new Random(1))), 64);
        assertThat(shares).containsOnly(1);
    }

    @Example
    void plan_addThenRemove_restoresTheCanonicalTable() {
        Placement table = Placement.slots(1_024).over(Topologies.equal(7));
        Placement grown = table.over(Topologies.with(table.nodes(), Node.of("x")));
        assertThat(grown.over(Topologies.equal(7))).isEqualTo(table);
    }
}
