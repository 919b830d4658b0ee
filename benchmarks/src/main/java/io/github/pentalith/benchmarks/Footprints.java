// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import io.github.pentalith.benchmarks.metrics.RecordHistogram;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Timer;
import io.github.pentalith.resilience.CircuitBreaker;
import io.github.pentalith.sharding.KeyHasher;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.Placement;
import io.github.pentalith.sharding.ShardMap;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.HdrHistogram.Recorder;
import org.openjdk.jol.info.GraphLayout;

/** How much memory one more of a thing takes: all that it reaches and that another one of its kind does not. */
final class Footprints {
    private Footprints() {}

    static List<Report.Size> of(String library) {
        Map<String, String> thousand = Map.of("nodes", "1000");
        return switch (library) {
            case "sharding" ->
                List.of(
                        size("a map of hashes to nodes", "pentalith", thousand, () -> shardMap(Placement.slots())),
                        size("a map of hashes to nodes", "pentalith-ring", thousand, () -> shardMap(Placement.ring())),
                        size("a map of hashes to nodes", "tree-map-ring", thousand, Footprints::treeMapRing));
            case "resilience" ->
                List.of(
                        size(
                                "a circuit breaker over 100 calls",
                                "pentalith",
                                Map.of(),
                                () -> CircuitBreaker.builder("x").window(100).build()),
                        size(
                                "a circuit breaker over 100 calls",
                                "resilience4j",
                                Map.of(),
                                () -> io.github.resilience4j.circuitbreaker.CircuitBreaker.ofDefaults("x")),
                        size(
                                "a circuit breaker over 100 calls",
                                "failsafe",
                                Map.of(),
                                () -> dev.failsafe.CircuitBreaker.builder()
                                        .withFailureThreshold(50, 100)
                                        .build()));
            case "metrics" ->
                List.of(
                        size(
                                "a histogram of latencies, filled",
                                "pentalith, its registry included",
                                Map.of(),
                                Footprints::ourHistogram),
                        size("a histogram of latencies, filled", "hdr-recorder", Map.of(), Footprints::hdrRecorder));
            default -> List.of(); // balancers and caches share threads and clients: no honest figure by reachability
        };
    }

    private static Object shardMap(Placement placement) {
        return ShardMap.builder(KeyHasher.strings())
                .placement(placement)
                .nodes(IntStream.range(0, 1_000)
                        .mapToObj(i -> Node.of("node-" + i + ".example"))
                        .toList())
                .build();
    }

    private static Object treeMapRing() {
        KeyHasher<String> hasher = KeyHasher.strings();
        TreeMap<Long, String> ring = new TreeMap<>();
        for (int i = 0; i < 1_000; i++) {
            String id = "node-" + i + ".example";
            for (int point = 0; point < 160; point++) {
                ring.put(hasher.hash(id + "#" + point), id);
            }
        }
        return ring;
    }

    private static Object ourHistogram() {
        Timer timer = MetricRegistry.of("footprints")
                .timer("latency", "latency of requests")
                .register();
        for (long latency : RecordHistogram.latencies()) {
            timer.recordNanos(latency);
        }
        return timer;
    }

    private static Object hdrRecorder() {
        Recorder recorder = new Recorder(Duration.ofHours(1).toNanos(), 2);
        for (long latency : RecordHistogram.latencies()) {
            recorder.recordValue(latency);
        }
        return recorder;
    }

    static Report.Size size(String what, String subject, Map<String, String> params, Supplier<?> maker) {
        Object first = maker.get();
        Object second = maker.get();
        long bytes = GraphLayout.parseInstance(second)
                .subtract(GraphLayout.parseInstance(first))
                .totalSize();
        return new Report.Size(what, subject, params, bytes);
    }
}
