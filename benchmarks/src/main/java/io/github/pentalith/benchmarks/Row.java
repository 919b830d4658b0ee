// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A line of the results. Field names are those of the JSON files.
 *
 * @param question id of the question
 * @param subject who answered
 * @param params further parameters
 * @param threads how many threads asked at once
 * @param nsPerOp median wall time per operation and thread
 * @param nsPerOpMin least of the iterations
 * @param cpuNsPerOp median CPU time of the worker threads per operation
 * @param cpuNsPerOpMin least of the iterations
 * @param error median distance of the iterations from {@code nsPerOp}
 * @param bytesPerOp median of the allocated bytes per operation
 * @param disturbed whether other work took part of the machine in nearly every iteration
 * @param ratioTo this row's figure divided by that of another subject of the same run, by its name
 */
record Row(
        String question,
        String subject,
        Map<String, String> params,
        int threads,
        double nsPerOp,
        double nsPerOpMin,
        double cpuNsPerOp,
        double cpuNsPerOpMin,
        double error,
        double bytesPerOp,
        boolean disturbed,
        Map<String, Double> ratioTo) {

    static Row of(Trial trial, Samples samples) {
        double[] wall = samples.calmWall();
        return new Row(
                trial.question().id(),
                trial.subject(),
                trial.params(),
                trial.threads(),
                round(Samples.median(wall)),
                round(Samples.minimum(wall)),
                round(Samples.median(samples.cpu())),
                round(Samples.minimum(samples.cpu())),
                round(Samples.deviation(wall)),
                round(Samples.median(samples.bytes())),
                samples.disturbed(),
                Map.of());
    }

    /** Three decimals: more would be noise. */
    static double round(double value) {
        return Math.round(value * 1_000) / 1_000.0;
    }

    /**
     * The figure that ratios are made of. One thread alone: the least CPU time, which other work on the machine does not
     * change. Several threads, or an operation that waits: the median wall time, since waiting is part of the answer.
     */
    @JsonIgnore
    double figure(boolean waits) {
        return threads == 1 && !waits ? cpuNsPerOpMin : nsPerOp;
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
                question,
                subject,
                params,
                threads,
                nsPerOp,
                nsPerOpMin,
                cpuNsPerOp,
                cpuNsPerOpMin,
                error,
                bytesPerOp,
                disturbed,
                ratios);
    }
}
