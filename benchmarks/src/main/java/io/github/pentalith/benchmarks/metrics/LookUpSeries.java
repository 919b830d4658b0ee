// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.metrics;

import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.MetricRegistry;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.ConcurrentHashMap;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Finding the counter of a route and a status, out of 64 that are there. A handle that is kept costs nothing. */
@State(Scope.Benchmark)
@Question(
        library = "metrics",
        id = "look-up-series",
        title = "Looking up a series by two labels",
        floor = "one-string-in-a-map",
        threads = 1)
public class LookUpSeries {
    private static final int ROUTES = 16;
    private static final String[] STATUSES = {"200", "302", "404", "500"};

    @Param({"pentalith", "one-string-in-a-map", "micrometer", "prometheus"})
    public String subject;

    private final String[] routes = new String[ROUTES];
    private Labels series;

    private interface Labels {
        Object with(String route, String status);
    }

    @Setup
    public void setUp() {
        for (int i = 0; i < ROUTES; i++) {
            routes[i] = "/api/v1/route/" + i;
        }
        series = of(subject);
        for (String route : routes) {
            for (String status : STATUSES) {
                series.with(route, status);
            }
        }
    }

    private static Labels of(String subject) {
        return switch (subject) {
            case "pentalith" -> {
                Family<Counter> family = MetricRegistry.of("bench")
                        .counter("requests", "requests seen")
                        .labels("route", "status");
                yield family::with;
            }
            case "one-string-in-a-map" -> {
                ConcurrentHashMap<String, Object> map = new ConcurrentHashMap<>();
                yield (route, status) -> {
                    Object found = map.get(route);
                    return found != null ? found : map.computeIfAbsent(route, key -> new Object());
                };
            }
            case "micrometer" -> {
                Meter.MeterProvider<io.micrometer.core.instrument.Counter> provider =
                        io.micrometer.core.instrument.Counter.builder("requests")
                                .withRegistry(new SimpleMeterRegistry());
                yield (route, status) -> provider.withTags("route", route, "status", status);
            }
            case "prometheus" -> {
                var counter = io.prometheus.metrics.core.metrics.Counter.builder()
                        .name("requests_total")
                        .labelNames("route", "status")
                        .build();
                yield counter::labelValues;
            }
            default -> throw new IllegalArgumentException(subject);
        };
    }

    @Benchmark
    public Object with(Cursor cursor) {
        int next = cursor.next(64);
        return series.with(routes[next & 15], STATUSES[next >> 4]);
    }
}
