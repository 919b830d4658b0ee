// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotPlacementTest {
    @ParameterizedTest
    @ValueSource(ints = {0, -1, 8, 15, 17, 1_000, 1 << 25, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void slots_notAPowerOfTwoInRange_areRefused(int slots) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Placement.slots(slots))
                .withMessage("slots must be a power of two: slots=%d (expected: 16 to 16,777,216)", slots);
    }

    @Test
    void over_badNodes_isRefused() {
        Placement choice = Placement.slots(16);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> choice.over(List.of()))
                .withMessage("nodes must not be empty: nodes=[] (expected: at least 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> choice.over(
                        List.of(Node.of("a"), Node.of("b"), Node.of("a").weight(2))))
                .withMessage("nodes must have distinct ids: id=a (expected: each id once)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> choice.over(Topologies.equal(17)))
                .withMessage("nodes must not outnumber the slots: nodes=17 (expected: 1 to 16, or more slots)");
        assertThatNullPointerException()
                .isThrownBy(() -> choice.over(Collections.singletonList(null)))
                .withMessage("node");
    }

    @Test
    void lookUps_inABareChoice_areRefused() {
        Placement choice = Placement.slots();
        assertThat(choice.nodes()).isEmpty();
        assertThatIllegalStateException()
                .isThrownBy(() -> choice.locate(1))
                .withMessage("placement must have nodes: nodes=[] (expected: the result of over(nodes))");
        assertThatIllegalStateException().isThrownBy(() -> choice.replicas(1, new int[1]));
    }

    @Test
    void over_aBareChoice_givesEachNodeOneRun() {
        Placement table =
                Placement.slots(16).over(List.of(Node.of("b"), Node.of("a").weight(2), Node.of("c")));
        long step = 1L << 60;
        int[] owners = new int[16];
        for (int slot = 0; slot < 16; slot++) {
            owners[slot] = table.locate(slot * step);
            assertThat(table.locate(slot * step + step - 1)).isEqualTo(owners[slot]);
        }
        assertThat(owners).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2);
    }

    @Test
    void over_manyNodes_isBalancedAndMovesTheNewNodesShare() {
        int slots = 1 << 16;
        for (int size : new int[] {10, 100, 1_000}) {
            Placement before = Placement.slots(slots).over(Topologies.equal(size));
            Placement after = before.over(Topologies.equal(size + 1));
            int moved = 0;
            int[] counts = new int[size + 1];
            for (int slot = 0; slot < slots; slot++) {
                long hash = (long) slot << 48;
                Node is = after.nodes().get(after.locate(hash));
                counts[after.locate(hash)]++;
                moved += is.equals(before.nodes().get(before.locate(hash))) ? 0 : 1;
            }
            assertThat(moved).isBetween(slots / (size + 1), slots / (size + 1) + 1);
            assertThat((double) Arrays.stream(counts).max().orElseThrow() * (size + 1) / slots)
                    .isLessThan(1 + (size + 1.0) / slots);
        }
    }

    /** Further copies are drawn at random per slot: their counts must fit the weights as far as chance allows. */
    @Test
    void replicas_overAllSlots_fitTheWeights() {
        int size = 20;
        List<Node> nodes = Topologies.equal(size);
        Placement table = Placement.slots().over(nodes);
        long[] seconds = new long[size];
        int[] into = new int[2];
        for (int slot = 0; slot < 1 << 16; slot++) {
            table.replicas((long) slot << 48, into);
            seconds[into[1]]++;
        }
        double[] shares = new double[size];
        Arrays.fill(shares, 1.0 / size);
        ChiSquare.assertFits(seconds, shares, "second copies");
    }

    @Test
    void exponential_ofManyBits_isMinusTheLogarithm() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 100_000; i++) {
            long bits = i == 0 ? 0 : i == 1 ? -1 : random.nextLong() >>> random.nextInt(50);
            double u = ((bits >>> 12) + 0.5) * 0x1p-52;
            double expected = -StrictMath.log(u);
            double actual = Rendezvous.exponential(bits);
            assertThat(actual).isPositive().isCloseTo(expected, within(expected * 1e-14 + 1e-16));
        }
    }

    @Test
    void description_ofATable_namesItsParts() {
        Placement table = Placement.slots(64).over(Topologies.equal(3));
        assertThat(table).hasToString("Placement[slots/64, nodes=3]");
        assertThat(table.properties().cost()).isEqualTo("O(1): one read of a table; 8 bytes per slot, 512 bytes");
        assertThat(table)
                .isNotEqualTo(Placement.slots(64))
                .isNotEqualTo(Placement.slots(128).over(table.nodes()));
    }
}
