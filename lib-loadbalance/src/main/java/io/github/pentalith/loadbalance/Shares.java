// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

/**
 * How the load is shared between groups of which the first is preferred: priorities, and within a priority the zones by
 * their distance.
 *
 * <p>The formulas are Envoy's ("Priority levels", "Panic threshold" in its documentation). A group whose share of ready
 * endpoints is {@code h} takes up to {@code min(1, factor x h)} of all load, so that at factor 1.4 a group may lose 28 % of
 * its endpoints before the next one gets anything; what it cannot take flows on. If all groups together can take less than
 * everything, what there is is scaled up to 1, and a group whose ready share is below the threshold is in panic. If all are,
 * the load goes by the number of endpoints.
 */
final class Shares {
    private static final double ROUNDING = 1e-9;

    private Shares() {}

    /** Whether a group disregards health. */
    static boolean[] panic(double[] ready, double factor, double threshold) {
        boolean enough = sum(capacities(ready, factor)) >= 1 - ROUNDING;
        boolean[] panic = new boolean[ready.length];
        for (int i = 0; i < panic.length; i++) {
            panic[i] = !enough && ready[i] < threshold - ROUNDING;
        }
        return panic;
    }

    /**
     * Each group's share of the load; all 0 if nobody can take any. {@code warm} is {@code ready} less what is still warming
     * up, which lowers a group's capacity but is no reason to panic; {@code sizes} are for the case that all are in panic.
     */
    static double[] loads(double[] ready, double[] warm, int[] sizes, double factor, double threshold) {
        boolean allPanic = true;
        for (boolean each : panic(ready, factor, threshold)) {
            allPanic &= each;
        }
        return allPanic ? bySize(sizes) : flow(capacities(warm, factor));
    }

    private static double[] bySize(int[] sizes) {
        double[] loads = new double[sizes.length];
        double all = 0;
        for (int size : sizes) {
            all += size;
        }
        for (int i = 0; i < loads.length; i++) {
            loads[i] = all == 0 ? 0 : sizes[i] / all;
        }
        return loads;
    }

    private static double[] capacities(double[] ready, double factor) {
        double[] capacities = new double[ready.length];
        for (int i = 0; i < capacities.length; i++) {
            capacities[i] = Math.min(1, factor * ready[i]);
        }
        return capacities;
    }

    /** Fills one group after the other until all the load is taken; less than enough capacity is scaled up. */
    static double[] flow(double[] capacities) {
        double total = Math.min(1, sum(capacities));
        double[] loads = new double[capacities.length];
        double left = total == 0 ? 0 : 1;
        for (int i = 0; i < loads.length; i++) {
            loads[i] = total == 0 ? 0 : Math.min(left, capacities[i] / total);
            loads[i] = loads[i] > left - ROUNDING ? left : loads[i]; // no splinters
            left -= loads[i];
        }
        return loads;
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }
}
