// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What one trial measured.
 *
 * @param forks its JVMs
 */
record Samples(List<Fork> forks) {
    private static final int ENOUGH = 3;
    private static final int ENOUGH_SHARE = 10;
    /** Of the bursts of a fork, this share had the processor's caches for themselves, even beside busy neighbours. */
    private static final double LEAST = 0.1;
    /** Two forks that lie no further apart say the same. */
    private static final double SAME = 1.1;

    static final Samples NONE = new Samples(List.of());

    /**
     * The bursts of one JVM, as parallel arrays.
     *
     * @param wall nanoseconds per operation and thread
     * @param cpu nanoseconds of the measuring threads per operation
     * @param bytes allocated bytes per operation, by whatever thread
     * @param calm whether no other work kept the measuring threads from running
     */
    record Fork(double[] wall, double[] cpu, double[] bytes, boolean[] calm) {
        Fork {
            if (wall.length != cpu.length || wall.length != bytes.length || wall.length != calm.length) {
                throw new IllegalArgumentException("arrays must have one length: wall=" + wall.length + ", cpu="
                        + cpu.length + ", bytes=" + bytes.length + ", calm=" + calm.length);
            }
        }

        /** Fewer than three bursts, or than a tenth, were calm; then all of them count. */
        boolean disturbed() {
            return calm(true).length < Math.min(Math.max(ENOUGH, wall.length / ENOUGH_SHARE), wall.length);
        }

        /** Wall times of the calm bursts. */
        double[] calmWall() {
            return calm(!disturbed());
        }

        private double[] calm(boolean choose) {
            return IntStream.range(0, wall.length)
                    .filter(i -> !choose || calm[i])
                    .mapToDouble(i -> wall[i])
                    .toArray();
        }

        /** The CPU time of its best tenth of bursts. */
        double leastCpu() {
            return quantile(cpu, LEAST);
        }

        double medianWall() {
            return median(calmWall());
        }
    }

    Samples plus(Samples more) {
        return new Samples(Stream.concat(forks.stream(), more.forks.stream()).toList());
    }

    boolean disturbed() {
        return forks.stream().anyMatch(Fork::disturbed);
    }

    /** Wall times of all calm bursts. */
    double[] calmWall() {
        return forks.stream()
                .flatMapToDouble(fork -> Arrays.stream(fork.calmWall()))
                .toArray();
    }

    /** Whether a second fork was as fast as the best one, or nearly. */
    boolean confirmed() {
        double[] figures = each(Fork::leastCpu);
        Arrays.sort(figures);
        return figures.length > 1 && figures[1] <= figures[0] * SAME;
    }

    /** A figure of each fork. */
    double[] each(ToDoubleFunction<Fork> figure) {
        return forks.stream().mapToDouble(figure).toArray();
    }

    /** A mean over all bursts, since what is allocated now and then counts, too. */
    double bytes() {
        return forks.stream()
                .flatMapToDouble(fork -> Arrays.stream(fork.bytes()))
                .average()
                .orElseThrow();
    }

    static double minimum(double[] values) {
        return Arrays.stream(values).min().orElseThrow();
    }

    static double maximum(double[] values) {
        return Arrays.stream(values).max().orElseThrow();
    }

    static double median(double[] values) {
        return quantile(values, 0.5);
    }

    /** Between the two values that lie around it. */
    static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /** The median distance from the median: what half of the values keep within. */
    static double deviation(double[] values) {
        double median = median(values);
        return median(
                Arrays.stream(values).map(value -> Math.abs(value - median)).toArray());
    }
}
