// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.metrics;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.MetricRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Adding one to a counter that every thread shares. */
@State(Scope.Benchmark)
@Question(library = "metrics", id = "count-up", title = "Counting up", floor = "long-adder")
public class CountUp {
    @Param({"pentalith", "long-adder", "atomic-long", "micrometer", "prometheus"})
    public String subject;

    private Runnable increment;

    @Setup
    public void setUp() {
        increment = switch (subject) {
            case "pentalith" -> {
                Counter counter = MetricRegistry.of("bench")
                        .counter("requests", "requests seen")
                        .register();
                yield counter::inc;
            }
            case "long-adder" -> new LongAdder()::increment;
            case "atomic-long" -> new AtomicLong()::incrementAndGet;
            case "micrometer" -> new SimpleMeterRegistry().counter("requests")::increment;
            case "prometheus" ->
                io.prometheus.metrics.core.metrics.Counter.builder()
                        .name("requests_total")
                        .build()::inc;
            default -> throw new IllegalArgumentException(subject);
        };
    }

    @Benchmark
    public void increment() {
        increment.run();
    }
}
