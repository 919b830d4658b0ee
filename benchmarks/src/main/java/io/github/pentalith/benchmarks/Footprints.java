// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import io.github.pentalith.benchmarks.cache.LocalHit;
import io.github.pentalith.benchmarks.loadbalance.PickEndpoint;
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
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.HdrHistogram.Recorder;
import org.openjdk.jol.info.GraphStats;

/** How much memory one more of a thing takes: by how much all that three of a kind reach exceeds what two reach. */
final class Footprints {
    private Footprints() {}

    static List<Report.Size> of(String library) {
        return switch (library) {
            case "sharding" -> sharding();
            case "loadbalance" -> loadbalance();
            case "resilience" -> resilience();
            case "cache" -> cache();
            case "metrics" -> metrics();
            default -> List.of();
        };
    }

    private static List<Report.Size> sharding() {
        String what = "a map of hashes to nodes";
        Map<String, String> with = Map.of("nodes", "1000");
        return List.of(
                size(what, "pentalith", with, () -> shardMap(Placement.slots())),
                size(what, "pentalith-ring", with, () -> shardMap(Placement.ring())),
                size(what, "tree-map-ring", with, Footprints::treeMapRing));
    }

    private static List<Report.Size> loadbalance() {
        String what = "a balancer and its endpoints";
        return Stream.of(10, 100, 1_000)
                .flatMap(count -> Stream.of(
                                "pentalith-rotation",
                                "pentalith-least-request",
                                "atomic-rotation",
                                "armeria-rotation",
                                "grpc-rotation")
                        .map(subject -> size(
                                what,
                                subject,
                                Map.of("endpoints", count.toString()),
                                () -> PickEndpoint.picker(subject, count))))
                .toList();
    }

    private static List<Report.Size> resilience() {
        String what = "a circuit breaker over 100 calls";
        return List.of(
                size(
                        what,
                        "pentalith",
                        Map.of(),
                        () -> CircuitBreaker.builder("x").window(100).build()),
                size(
                        what,
                        "resilience4j",
                        Map.of(),
                        () -> io.github.resilience4j.circuitbreaker.CircuitBreaker.ofDefaults("x")),
                size(
                        what,
                        "failsafe",
                        Map.of(),
                        () -> dev.failsafe.CircuitBreaker.builder()
                                .withFailureThreshold(50, 100)
                                .build()));
    }

    private static List<Report.Size> cache() {
        return Stream.of("pentalith", "caffeine", "concurrent-hash-map", "jetcache")
                .map(subject ->
                        new Report.Size("an entry, its key and value aside", subject, Map.of(), bytesPerEntry(subject)))
                .toList();
    }

    private static List<Report.Size> metrics() {
        String what = "a histogram of latencies, filled";
        return List.of(
                size(what, "pentalith, its registry included", Map.of(), Footprints::ourHistogram),
                size(what, "hdr-recorder", Map.of(), Footprints::hdrRecorder),
                size(what, "micrometer-histogram", Map.of(), () -> filled("micrometer-histogram")),
                size(what, "micrometer-percentiles", Map.of(), () -> filled("micrometer-percentiles")),
                size(what, "prometheus-classic", Map.of(), () -> filled("prometheus-classic")),
                size(what, "prometheus-native", Map.of(), () -> filled("prometheus-native")));
    }

    private static Object filled(String subject) {
        LongConsumer histogram = RecordHistogram.of(subject);
        for (long latency : RecordHistogram.latencies()) {
            histogram.accept(latency);
        }
        return histogram;
    }

    /** By how much a cache grows with ten thousand entries whose keys and values are there already. */
    private static long bytesPerEntry(String subject) {
        int count = 10_000;
        String[] strings = IntStream.range(0, 2 * count)
                .mapToObj(i -> Integer.toString(i * 7_919, 36))
                .toArray(String[]::new);
        LocalHit.Store other = LocalHit.Store.of(subject);
        fill(other, strings); // with what is made on first use
        LocalHit.Store cache = LocalHit.Store.of(subject);
        long empty = GraphStats.parseInstance(other, cache, strings).totalSize();
        fill(cache, strings);
        return (GraphStats.parseInstance(other, cache, strings).totalSize() - empty) / count;
    }

    private static void fill(LocalHit.Store cache, String[] strings) {
        int count = strings.length / 2;
        for (int i = 0; i < count; i++) {
            cache.put(strings[i], strings[count + i]);
        }
        for (int i = 0; i < 100; i++) {
            cache.get(strings[i]); // lets maintenance that a cache has put off come to its end
        }
        ForkJoinPool.commonPool().awaitQuiescence(10, TimeUnit.SECONDS);
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
        Thread writer = new Thread(() -> {
            for (long latency : RecordHistogram.latencies()) {
                timer.recordNanos(latency);
            }
        });
        writer.start(); // and then dead and forgotten: the writers of a histogram are not a part of it
        try {
            writer.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
        return timer.snapshot().count() == 0 ? "nothing was recorded" : timer;
    }

    private static Object hdrRecorder() {
        Recorder recorder = new Recorder(Duration.ofHours(1).toNanos(), 2);
        for (long latency : RecordHistogram.latencies()) {
            recorder.recordValue(latency);
        }
        return recorder;
    }

    static Report.Size size(String what, String subject, Map<String, String> params, Supplier<?> maker) {
        Object first = maker.get(); // with what is made on first use
        Object second = maker.get();
        long before = GraphStats.parseInstance(first, second).totalSize();
        Object third = maker.get();
        long bytes = GraphStats.parseInstance(first, second, third).totalSize() - before;
        return new Report.Size(what, subject, params, bytes);
    }
}
