// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.metrics;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.DDSketches;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.SnapshotBuffer;
import io.github.pentalith.metrics.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongConsumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Reading P99 out of a histogram that has 100,000 latencies and that others write to: a consistent copy, then the
 * quantile. HdrHistogram's recorder hands each sample out once; so that there is something to read, its subject adds
 * the intervals up, as its users do.
 */
@State(Scope.Benchmark)
@Question(library = "metrics", id = "read-quantile", title = "Reading P99", floor = "hdr-copy", threads = 1)
public class ReadQuantile {
    @Param({
        "pentalith",
        "pentalith-snapshot",
        "hdr-copy",
        "hdr-recorder-intervals",
        "micrometer-percentiles",
        "ddsketch-copy"
    })
    public String subject;

    private DoubleSupplier quantile;

    @Setup
    public void setUp() {
        quantile = switch (subject) {
            case "pentalith" -> {
                Timer timer = timer();
                SnapshotBuffer buffer = new SnapshotBuffer();
                yield () -> timer.snapshot(buffer).quantile(0.99);
            }
            case "pentalith-snapshot" -> {
                Timer timer = timer();
                yield () -> timer.snapshot().quantile(0.99);
            }
            case "hdr-copy" -> {
                ConcurrentHistogram histogram =
                        new ConcurrentHistogram(Duration.ofHours(1).toNanos(), 2);
                fill(histogram::recordValue);
                Histogram copy = new Histogram(histogram);
                yield () -> {
                    histogram.copyInto(copy);
                    return copy.getValueAtPercentile(99);
                };
            }
            case "hdr-recorder-intervals" -> {
                Recorder recorder = new Recorder(Duration.ofHours(1).toNanos(), 2);
                fill(recorder::recordValue);
                Histogram[] interval = {recorder.getIntervalHistogram()};
                Histogram sum = new Histogram(Duration.ofHours(1).toNanos(), 2);
                sum.add(interval[0]);
                yield () -> {
                    interval[0] = recorder.getIntervalHistogram(interval[0]);
                    sum.add(interval[0]);
                    return sum.getValueAtPercentile(99);
                };
            }
            case "micrometer-percentiles" -> {
                var timer = io.micrometer.core.instrument.Timer.builder("latency")
                        .publishPercentiles(0.99)
                        .distributionStatisticExpiry(Duration.ofDays(1))
                        .register(new SimpleMeterRegistry());
                fill(nanos -> timer.record(nanos, TimeUnit.NANOSECONDS));
                yield () -> timer.takeSnapshot().percentileValues()[0].value();
            }
            case "ddsketch-copy" -> {
                DDSketch sketch = DDSketches.unboundedDense(0.01);
                fill(sketch::accept);
                yield () -> {
                    synchronized (sketch) {
                        return sketch.copy().getValueAtQuantile(0.99);
                    }
                };
            }
            default -> throw new IllegalArgumentException(subject);
        };
    }

    private static Timer timer() {
        Timer timer = MetricRegistry.of("bench")
                .timer("latency", "latency of requests")
                .register();
        fill(timer::recordNanos);
        return timer;
    }

    private static void fill(LongConsumer histogram) {
        long[] latencies = RecordHistogram.latencies();
        for (int i = 0; i < 100_000; i++) {
            histogram.accept(latencies[i & (latencies.length - 1)]);
        }
    }

    @Benchmark
    public double read() {
        return quantile.getAsDouble();
    }
}
