// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** Law 11, and the tables of Envoy's documentation. */
class SharesProperties {
    private static final double FACTOR = 1.4;

    @Provide
    Arbitrary<int[]> healthy() {
        return Arbitraries.integers()
                .between(0, 20)
                .map(i -> 5 * i) // so that Envoy's whole per cents are exact
                .array(int[].class)
                .ofMinSize(1)
                .ofMaxSize(6);
    }

    @Provide
    Arbitrary<double[]> ready() {
        return Arbitraries.doubles()
                .between(0, 1)
                .array(double[].class)
                .ofMinSize(1)
                .ofMaxSize(8);
    }

    /** Envoy's integer arithmetic (load_balancer_impl.cc), for groups of 100 endpoints. */
    private static int[] envoy(int[] healthy, int threshold) {
        int n = healthy.length;
        int[] health =
                Arrays.stream(healthy).map(h -> Math.min(100, 140 * h / 100)).toArray();
        int total = Math.min(100, Arrays.stream(health).sum());
        boolean allPanic =
                total < 100 && threshold > 0 && Arrays.stream(healthy).allMatch(h -> h < threshold);
        int[] load = new int[n];
        int left = 100;
        for (int i = 0; i < n; i++) {
            load[i] = allPanic ? 100 / n : total == 0 ? 0 : Math.min(left, health[i] * 100 / total);
            left -= load[i];
        }
        return load;
    }

    private static double[] loads(double threshold, double... ready) {
        int[] sizes = new int[ready.length];
        Arrays.fill(sizes, 100);
        return Shares.loads(ready, ready, sizes, FACTOR, threshold);
    }

    private static void assertTable(double[] ready, double... percent) {
        double[] loads = loads(0, ready);
        for (int i = 0; i < percent.length; i++) {
            assertThat(100 * loads[i]).as(Arrays.toString(ready)).isCloseTo(percent[i], within(1.0));
        }
    }

    @Example
    void loads_rowsOfEnvoysTables_areTheSame() {
        assertTable(new double[] {1, 1}, 100, 0);
        assertTable(new double[] {.72, .72}, 100, 0);
        assertTable(new double[] {.71, .71}, 99, 1);
        assertTable(new double[] {.50, .50}, 70, 30);
        assertTable(new double[] {.25, 1}, 35, 65);
        assertTable(new double[] {.25, .25}, 50, 50);
        assertTable(new double[] {0, 1}, 0, 100);
        assertTable(new double[] {.25, .25, .20}, 36, 36, 28);
        assertTable(new double[] {.5, 0, .5}, 70, 0, 30);
        assertTable(new double[] {0, 0}, 0, 0);
    }

    @Property
    void loads_anyHealth_followEnvoysFormulas(
            @ForAll("healthy") int[] healthy, @ForAll @IntRange(max = 100) int panic) {
        double[] ready = Arrays.stream(healthy).mapToDouble(h -> h / 100.0).toArray();
        double[] loads = loads(panic / 100.0, ready);
        int[] expected = envoy(healthy, panic);
        for (int i = 0; i < loads.length; i++) {
            assertThat(100 * loads[i])
                    .as("group %d of %s", i, Arrays.toString(healthy))
                    .isCloseTo(
                            expected[i],
                            within(1.0 + healthy.length)); // Envoy rounds each step down to whole per cents
        }
    }

    @Property
    void loads_anyHealth_addUpToOne(@ForAll("ready") double[] ready, @ForAll @DoubleRange(max = 1) double threshold) {
        double sum = Arrays.stream(loads(threshold, ready)).sum();
        boolean nobody = Arrays.stream(ready).allMatch(r -> r == 0) && threshold == 0;
        assertThat(sum).isCloseTo(nobody ? 0 : 1, within(nobody ? 0 : 1e-9));
    }

    @Property
    void panic_holdsOnlyIfAllTogetherAreNotEnoughAndTheGroupIsBelowTheThreshold(
            @ForAll("healthy") int[] healthy, @ForAll @IntRange(max = 100) int panic) {
        double[] ready = Arrays.stream(healthy).mapToDouble(h -> h / 100.0).toArray();
        boolean[] in = Shares.panic(ready, FACTOR, panic / 100.0);
        boolean enough = Arrays.stream(healthy).map(h -> Math.min(1000, 14 * h)).sum() >= 1000;
        for (int i = 0; i < in.length; i++) {
            assertThat(in[i]).isEqualTo(!enough && healthy[i] < panic);
        }
    }

    @Property
    void loads_whenOneGroupGetsHealthier_itsLoadDoesNotFall(
            @ForAll("healthy") int[] healthy,
            @ForAll @IntRange(max = 5) int which,
            @ForAll @IntRange(min = 1, max = 100) int better) {
        int group = which % healthy.length;
        double[] before = Arrays.stream(healthy).mapToDouble(h -> h / 100.0).toArray();
        double[] after = before.clone();
        after[group] = Math.min(1, after[group] + better / 100.0);
        assertThat(loads(0, after)[group]).isGreaterThanOrEqualTo(loads(0, before)[group] - 1e-9);
    }
}
