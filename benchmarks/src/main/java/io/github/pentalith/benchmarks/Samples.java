// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.util.Arrays;

/**
 * What the iterations of one trial measured, as parallel arrays.
 *
 * @param wall nanoseconds per operation and thread
 * @param cpu nanoseconds of the worker threads per operation
 * @param bytes allocated bytes per operation
 * @param others CPUs that were busy with other work
 */
record Samples(double[] wall, double[] cpu, double[] bytes, double[] others) {
    /** An iteration counts as disturbed when other work took more than this share of a CPU. */
    static final double DISTURBED = 0.25;

    static final int ENOUGH = 3;

    Samples {
        if (wall.length == 0
                || wall.length != cpu.length
                || wall.length != bytes.length
                || wall.length != others.length) {
            throw new IllegalArgumentException(
                    "arrays must have one length: wall=" + wall.length + ", cpu=" + cpu.length + ", bytes="
                            + bytes.length + ", others=" + others.length + " (expected: 1 or more each)");
        }
    }

    Samples plus(Samples more) {
        return new Samples(
                join(wall, more.wall), join(cpu, more.cpu), join(bytes, more.bytes), join(others, more.others));
    }

    private static double[] join(double[] first, double[] second) {
        double[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    /** Fewer than three iterations had the machine for themselves; then all of them count. */
    boolean disturbed() {
        return Arrays.stream(others).filter(share -> share <= DISTURBED).count() < Math.min(ENOUGH, others.length);
    }

    /** Wall times of the iterations that had the machine for themselves. */
    double[] calmWall() {
        if (disturbed()) {
            return wall;
        }
        double[] calm = new double[wall.length];
        int count = 0;
        for (int i = 0; i < wall.length; i++) {
            if (others[i] <= DISTURBED) {
                calm[count++] = wall[i];
            }
        }
        return Arrays.copyOf(calm, count);
    }

    static double minimum(double[] values) {
        return Arrays.stream(values).min().orElseThrow();
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** The median distance from the median: what half of the iterations keep within. */
    static double deviation(double[] values) {
        double median = median(values);
        return median(
                Arrays.stream(values).map(value -> Math.abs(value - median)).toArray());
    }
}
