// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs trials, each in a JVM of its own. */
final class Meter {
    /** The same for every subject; recorded with the results. */
    static final List<String> JVM_ARGS = List.of(
            "-Xms1g", "-Xmx1g", "-XX:+UseParallelGC", "-Dsun.net.httpserver.nodelay=true", "-Djmh.ignoreLock=true");

    /** An iteration is not calm when other work took more than this share of a CPU. */
    private static final double DISTURBED = 0.25;

    /** The same where a server takes part. */
    private static final double SERVER = 1;

    private static final String BYTES = "gc.alloc.rate.norm";

    private Meter() {}

    /** One thread: JMH's iterations. Several: bursts in turn with the other subjects. */
    static Map<Trial, Samples> measure(List<Trial> together, Pace pace) {
        Trial first = together.get(0);
        return first.threads() > 1 ? Bursts.measure(together, pace) : Map.of(first, measure(first, pace));
    }

    private static Samples measure(Trial trial, Pace pace) {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + Pattern.quote(trial.type().getName()) + "\\.")
                .param(Trial.SUBJECT, trial.subject())
                .threads(trial.threads())
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(1)
                .warmupIterations(pace.warmUps)
                .warmupTime(pace.iterationTime)
                .measurementIterations(pace.iterations)
                .measurementTime(pace.iterationTime)
                .addProfiler(GCProfiler.class)
                .addProfiler(WorkerCpu.class)
                .jvmArgs(JVM_ARGS.toArray(String[]::new))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        trial.params().forEach((name, value) -> options.param(name, value));
        try {
            Collection<RunResult> results = new Runner(options.build()).run();
            if (results.size() != 1) {
                throw new IllegalStateException(
                        "a question is one method: question=" + trial.question().id() + ", methods=" + results.size());
            }
            return samples(results.iterator().next(), trial.question().waits());
        } catch (RunnerException e) {
            throw new IllegalStateException("trial failed: " + trial, e);
        }
    }

    private static Samples samples(RunResult result, boolean waits) {
        List<IterationResult> iterations = new ArrayList<>();
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            iterations.addAll(fork.getIterationResults());
        }
        return new Samples(
                iterations.stream()
                        .mapToDouble(iteration -> iteration.getPrimaryResult().getScore())
                        .toArray(),
                secondary(iterations, WorkerCpu.CPU),
                secondary(iterations, BYTES),
                calm(secondary(iterations, WorkerCpu.OTHERS), waits ? SERVER : DISTURBED));
    }

    private static boolean[] calm(double[] others, double most) {
        boolean[] calm = new boolean[others.length];
        for (int i = 0; i < calm.length; i++) {
            calm[i] = others[i] <= most;
        }
        return calm;
    }

    private static double[] secondary(List<IterationResult> iterations, String name) {
        return iterations.stream()
                .mapToDouble(iteration -> Objects.requireNonNull(
                                iteration.getSecondaryResults().get(name), name)
                        .getScore())
                .toArray();
    }
}
