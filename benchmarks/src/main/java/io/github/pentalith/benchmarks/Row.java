// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A line of the results. Field names are those of the JSON files.
 *
 * @param question id of the question
 * @param subject who answered
 * @param params further parameters
 * @param threads how many threads asked at once
 * @param nsPerOp wall time per operation and thread: median over the forks of the median of their calm bursts
 * @param cpuNsPerOp CPU time of the measuring threads per operation: least of the forks' best tenths of bursts
 * @param error median distance of the calm bursts from their median wall time
 * @param bytesPerOp allocated bytes per operation
 * @param disturbed whether other work took a CPU away in nearly every burst of a fork
 * @param forks the figure of each JVM: CPU time where the row's figure is their least, else wall time
 * @param ratioTo this row's figure divided by that of another subject of the same run, by its name
 */
record Row(
        String question,
        String subject,
        Map<String, String> params,
        int threads,
        double nsPerOp,
        double cpuNsPerOp,
        double error,
        double bytesPerOp,
        boolean disturbed,
        List<Double> forks,
        Map<String, Double> ratioTo) {

    static Row of(Trial trial, Samples samples) {
        double[] wall = samples.each(Samples.Fork::medianWall);
        double[] cpu = samples.each(Samples.Fork::leastCpu);
        return new Row(
                trial.question().id(),
                trial.subject(),
                trial.params(),
                trial.threads(),
                round(Samples.median(wall)),
                round(Samples.minimum(cpu)),
                round(Samples.deviation(samples.calmWall())),
                round(samples.bytes()),
                samples.disturbed(),
                Arrays.stream(trial.mayWait() ? wall : cpu).mapToObj(Row::round).toList(),
                Map.of());
    }

    /** Three decimals: more would be noise. */
    static double round(double value) {
        return Math.round(value * 1_000) / 1_000.0;
    }

    /**
     * The figure that ratios are made of. One thread alone: CPU time, which other work on the machine does not change.
     * Several threads, or an operation that waits: wall time, since waiting is part of the answer.
     */
    @JsonIgnore
    double figure(boolean waits) {
        return threads == 1 && !waits ? cpuNsPerOp : nsPerOp;
    }

    boolean sameAs(Row other) {
        return question.equals(other.question)
                && subject.equals(other.subject)
                && params.equals(other.params)
                && threads == other.threads;
    }

    String name() {
        return Trial.text(question, subject, params, threads);
    }

    Row withRatioTo(Row other, boolean waits) {
        Map<String, Double> ratios = new LinkedHashMap<>(ratioTo);
        ratios.put(other.subject, round(figure(waits) / other.figure(waits)));
        return new Row(
                question, subject, params, threads, nsPerOp, cpuNsPerOp, error, bytesPerOp, disturbed, forks, ratios);
    }
}
