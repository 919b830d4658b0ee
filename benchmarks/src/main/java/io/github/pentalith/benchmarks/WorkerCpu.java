// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * A JMH profiler that tells, per iteration, how much CPU time the benchmark's own threads took for an operation, and how
 * much of the machine everybody else took meanwhile.
 *
 * <p>Wall time on a machine with other work measures that work. The CPU time of the worker threads does not; it is taken
 * per thread in nanoseconds, since the process's own clock ticks in steps of 10 ms and counts the compiler and the
 * collector too. It says nothing about waiting: an operation that parks looks cheap.
 */
public final class WorkerCpu implements InternalProfiler {
    static final String CPU = "cpu.norm";
    static final String OTHERS = "others";

    private static final String WORKER = "-jmh-worker-";
    private static final double TICKS_PER_SECOND = 100; // USER_HZ on every Linux

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private Map<Long, Long> before = Map.of();
    private long begin;
    private double machineBefore;
    private double processBefore;

    @Override
    public String getDescription() {
        return "CPU time of the worker threads per operation, and CPUs busy with other work";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        before = workers();
        machineBefore = machineSeconds();
        processBefore = processSeconds();
        begin = System.nanoTime();
    }

    @Override
    @SuppressWarnings("rawtypes") // JMH's signature
    public Collection<? extends Result> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        double seconds = (System.nanoTime() - begin) / 1e9;
        double others = machineSeconds() - machineBefore - (processSeconds() - processBefore);
        long cpu = 0;
        for (Map.Entry<Long, Long> worker : workers().entrySet()) {
            cpu += worker.getValue() - before.getOrDefault(worker.getKey(), 0L);
        }
        long operations = result.getMetadata().getAllOps();
        return List.of(
                new ScalarResult(CPU, (double) cpu / Math.max(1, operations), "ns/op", AggregationPolicy.AVG),
                new ScalarResult(OTHERS, Math.max(0, others / seconds), "CPUs", AggregationPolicy.AVG));
    }

    private Map<Long, Long> workers() {
        Map<Long, Long> found = new HashMap<>();
        for (var info : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (info != null && info.getThreadName().contains(WORKER)) {
                found.put(info.getThreadId(), Math.max(0, threads.getThreadCpuTime(info.getThreadId())));
            }
        }
        return found;
    }

    private static double processSeconds() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                        .getProcessCpuTime()
                / 1e9;
    }

    /** CPU seconds of all processes since boot, stolen ones included; 0 where there is no /proc. */
    private static double machineSeconds() {
        try {
            // cpu user nice system idle iowait irq softirq steal guest guest_nice; guests are part of user
            String[] words = Files.readString(Path.of("/proc/stat"))
                    .lines()
                    .findFirst()
                    .orElse("")
                    .split(" +", -1);
            double ticks = 0;
            for (int i = 1; i <= 8 && i < words.length; i++) {
                ticks += i == 4 || i == 5 ? 0 : Double.parseDouble(words[i]);
            }
            return ticks / TICKS_PER_SECOND;
        } catch (IOException e) {
            return 0;
        }
    }
}
