// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.metrics;

import com.datadoghq.sketch.ddsketch.DDSketch;
import com.datadoghq.sketch.ddsketch.DDSketches;
import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.metrics.MetricRegistry;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.cumulative.CumulativeTimer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.View;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;
import org.HdrHistogram.Recorder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Recording a latency that was already measured: 16,384 lognormal ones around 2 ms, all threads into one histogram. */
@State(Scope.Benchmark)
@Question(library = "metrics", id = "record", title = "Recording a latency", floor = "long-adder")
public class RecordHistogram {
    @Param({
        "pentalith",
        "long-adder",
        "hdr-recorder",
        "hdr-recorder-auto",
        "micrometer-histogram",
        "micrometer-percentiles",
        "prometheus-classic",
        "prometheus-native",
        "otel-exponential",
        "ddsketch-locked"
    })
    public String subject;

    private final long[] latencies = latencies();
    private LongConsumer histogram;

    public static long[] latencies() {
        SplittableRandom random = new SplittableRandom(3);
        long[] latencies = new long[16_384];
        for (int i = 0; i < latencies.length; i++) {
            latencies[i] = (long) (2e6 * Math.exp(gaussian(random)));
        }
        return latencies;
    }

    /** Box and Muller. */
    private static double gaussian(SplittableRandom random) {
        double u = 1 - random.nextDouble();
        return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random.nextDouble());
    }

    @Setup
    public void setUp() {
        histogram = of(subject);
    }

    public static LongConsumer of(String subject) {
        return switch (subject) {
            case "pentalith" ->
                MetricRegistry.of("bench")
                        .timer("latency", "latency of requests")
                        .register()::recordNanos;
            case "long-adder" -> new LongAdder()::add;
            // Two digits, up to an hour: the configuration that its documentation gives for latencies.
            case "hdr-recorder" -> new Recorder(Duration.ofHours(1).toNanos(), 2)::recordValue;
            // Two digits and whatever range comes.
            case "hdr-recorder-auto" -> new Recorder(2)::recordValue;
            case "otel-exponential" -> openTelemetry();
            case "ddsketch-locked" -> { // it is for one thread at a time
                DDSketch sketch = DDSketches.unboundedDense(0.01);
                yield nanos -> {
                    synchronized (sketch) {
                        sketch.accept(nanos);
                    }
                };
            }
            case "micrometer-histogram" -> micrometer(timer().publishPercentileHistogram());
            case "micrometer-percentiles" -> micrometer(timer().publishPercentiles(0.5, 0.95, 0.99));
            case "prometheus-classic" -> prometheus(prometheusBuilder().classicOnly());
            case "prometheus-native" -> prometheus(prometheusBuilder().nativeOnly());
            default -> throw new IllegalArgumentException(subject);
        };
    }

    private static LongConsumer openTelemetry() {
        SdkMeterProvider provider = SdkMeterProvider.builder()
                .registerView(
                        InstrumentSelector.builder().setName("latency").build(),
                        View.builder()
                                .setAggregation(Aggregation.base2ExponentialBucketHistogram())
                                .build())
                .registerMetricReader(InMemoryReader.CUMULATIVE)
                .build();
        return provider.get("bench").histogramBuilder("latency").ofLongs().build()::record;
    }

    /** The SDK aggregates only if somebody may read. */
    private enum InMemoryReader implements MetricReader {
        CUMULATIVE;

        @Override
        public void register(CollectionRegistration registration) {}

        @Override
        public CompletableResultCode forceFlush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public AggregationTemporality getAggregationTemporality(InstrumentType type) {
            return AggregationTemporality.CUMULATIVE;
        }
    }

    private static Timer.Builder timer() {
        return Timer.builder("latency");
    }

    /** The simple registry publishes no buckets; this one keeps them as those for monitoring systems do. */
    private static final class BucketRegistry extends SimpleMeterRegistry {
        @Override
        protected Timer newTimer(Meter.Id id, DistributionStatisticConfig config, PauseDetector pauses) {
            return new CumulativeTimer(id, clock, config, pauses, getBaseTimeUnit(), true);
        }
    }

    private static LongConsumer micrometer(Timer.Builder builder) {
        Timer timer = builder.register(new BucketRegistry());
        return nanos -> timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    private static io.prometheus.metrics.core.metrics.Histogram.Builder prometheusBuilder() {
        return io.prometheus.metrics.core.metrics.Histogram.builder().name("latency_seconds");
    }

    private static LongConsumer prometheus(io.prometheus.metrics.core.metrics.Histogram.Builder builder) {
        io.prometheus.metrics.core.metrics.Histogram histogram = builder.build();
        return nanos -> histogram.observe(nanos / 1e9);
    }

    @Benchmark
    public void record(Cursor cursor) {
        histogram.accept(latencies[cursor.next(latencies.length)]);
    }
}
