// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.metrics;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.export.Exposition;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A scrape of 10,000 counters in Prometheus' text format, without the network. Between two scrapes none of the counters
 * was counted up, or each of them, which is a part of the time then: it is what series cost that have not changed, and
 * what they cost that have.
 */
@State(Scope.Benchmark)
@Question(library = "metrics", id = "scrape", title = "A scrape of 10,000 counters", floor = "prometheus", threads = 1)
public class ScrapeCounters {
    private static final int SERIES = 10_000;
    private static final String NAME = "requests";
    private static final String HELP = "requests seen";

    @Param({"pentalith", "prometheus", "micrometer"})
    public String subject;

    @Param({"none", "all"})
    public String changed;

    private final Runnable[] increments = new Runnable[SERIES];
    private Scrape scrape;

    private interface Scrape {
        void to(OutputStream out) throws IOException;
    }

    @Setup
    public void setUp() {
        scrape = switch (subject) {
            case "pentalith" -> {
                MetricRegistry registry =
                        MetricRegistry.builder("bench").cardinalityLimit(SERIES).build();
                Family<Counter> family = registry.counter(NAME, HELP).labels("route", "status");
                for (int i = 0; i < SERIES; i++) {
                    Counter counter = family.with("/route/" + i / 4, "20" + i % 4);
                    counter.add(count(i));
                    increments[i] = counter::inc;
                }
                yield out -> Exposition.prometheus().write(registry, out);
            }
            case "prometheus" -> {
                PrometheusRegistry registry = new PrometheusRegistry();
                var family = io.prometheus.metrics.core.metrics.Counter.builder()
                        .name("bench_" + NAME + "_total")
                        .help(HELP)
                        .labelNames("route", "status")
                        .register(registry);
                for (int i = 0; i < SERIES; i++) {
                    CounterDataPoint counter = family.labelValues("/route/" + i / 4, "20" + i % 4);
                    counter.inc(count(i));
                    increments[i] = counter::inc;
                }
                PrometheusTextFormatWriter writer =
                        PrometheusTextFormatWriter.builder().build();
                yield out -> writer.write(out, registry.scrape());
            }
            case "micrometer" -> {
                PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
                for (int i = 0; i < SERIES; i++) {
                    io.micrometer.core.instrument.Counter counter =
                            registry.counter("bench." + NAME, "route", "/route/" + i / 4, "status", "20" + i % 4);
                    counter.increment(count(i));
                    increments[i] = counter::increment;
                }
                yield registry::scrape;
            }
            default -> throw new IllegalArgumentException(subject);
        };
    }

    private static long count(int i) {
        return i * 7_919L % 1_000_003;
    }

    @Benchmark
    public void scrape() throws IOException {
        if (changed.equals("all")) {
            for (Runnable increment : increments) {
                increment.run();
            }
        }
        scrape.to(OutputStream.nullOutputStream());
    }
}
