// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What the iterations of one trial measured, as parallel arrays.
 *
 * @param wall nanoseconds per operation and thread
 * @param cpu nanoseconds of the worker threads per operation
 * @param bytes allocated bytes per operation
 * @param calm whether the iteration had the machine for itself
 */
record Samples(double[] wall, double[] cpu, double[] bytes, boolean[] calm) {
    private static final int ENOUGH = 3;
    private static final int ENOUGH_SHARE = 10;

    static final Samples NONE = new Samples(new double[0], new double[0], new double[0], new boolean[0]);

    Samples {
        if (wall.length != cpu.length || wall.length != bytes.length || wall.length != calm.length) {
            throw new IllegalArgumentException("arrays must have one length: wall=" + wall.length + ", cpu="
                    + cpu.length + ", bytes=" + bytes.length + ", calm=" + calm.length);
        }
    }

    Samples plus(Samples more) {
        boolean[] both = Arrays.copyOf(calm, calm.length + more.calm.length);
        System.arraycopy(more.calm, 0, both, calm.length, more.calm.length);
        return new Samples(join(wall, more.wall), join(cpu, more.cpu), join(bytes, more.bytes), both);
    }

    private static double[] join(double[] first, double[] second) {
        double[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    /** Fewer than three iterations, or than a tenth, had the machine for themselves; then all of them count. */
    boolean disturbed() {
        return calmWall(true).length < Math.min(Math.max(ENOUGH, wall.length / ENOUGH_SHARE), wall.length);
    }

    /** Wall times of the iterations that had the machine for themselves. */
    double[] calmWall() {
        return calmWall(!disturbed());
    }

    private double[] calmWall(boolean choose) {
        return IntStream.range(0, wall.length)
                .filter(i -> !choose || calm[i])
                .mapToDouble(i -> wall[i])
                .toArray();
    }

    static double minimum(double[] values) {
        return Arrays.stream(values).min().orElseThrow();
    }

    static double maximum(double[] values) {
        return Arrays.stream(values).max().orElseThrow();
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
