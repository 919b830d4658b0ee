// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.metrics;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.prometheus.metrics.core.metrics.Histogram;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Doing nothing and recording how long it took: two readings of the clock, and what comes on top of them. */
@State(Scope.Benchmark)
@Question(library = "metrics", id = "time", title = "Timing a piece of work", floor = "two-clock-readings", threads = 1)
public class TimeWork {
    @Param({"pentalith", "two-clock-readings", "micrometer", "prometheus-classic", "prometheus-native"})
    public String subject;

    private static final Runnable WORK = () -> {};

    private Runnable timed;
    private long sink;

    @Setup
    public void setUp() {
        timed = switch (subject) {
            case "pentalith" -> {
                Timer timer =
                        MetricRegistry.of("bench").timer("work", "work done").register();
                yield () -> timer.time(WORK);
            }
            case "two-clock-readings" ->
                () -> {
                    long start = System.nanoTime();
                    WORK.run();
                    sink = System.nanoTime() - start;
                };
            case "micrometer" -> {
                var timer = new SimpleMeterRegistry().timer("work");
                yield () -> timer.record(WORK);
            }
            case "prometheus-classic" -> prometheus(Histogram.builder().classicOnly());
            case "prometheus-native" -> prometheus(Histogram.builder().nativeOnly());
            default -> throw new IllegalArgumentException(subject);
        };
    }

    private static Runnable prometheus(Histogram.Builder builder) {
        Histogram histogram = builder.name("work_seconds").build();
        return () -> histogram.time(WORK);
    }

    @Benchmark
    public void time() {
        timed.run();
    }
}
