// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricRegistryTest {
    private final MetricRegistry registry = MetricRegistry.of("shop");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "httpRequests|in snake_case",
                "http__requests|in snake_case",
                "_http|in snake_case",
                "http:requests|in snake_case",
                "requests_total|without _total",
                "requests_count|without _count",
                "requests_sum|without _sum",
                "requests_bucket|without _bucket",
                "requests_created|without _created",
                "latency_ms|given by unit(Unit.SECONDS), or a timer",
                "latency_millis|given by unit(Unit.SECONDS), or a timer",
                "size_kb|given by unit(Unit.BYTES)",
                "load_percent|unit(Unit.RATIO) and values from 0 to 1",
                "request_counter|without \"counter\"",
                "size_bytes|unit(Unit.BYTES), or a name without bytes",
                "latency_seconds|unit(Unit.SECONDS), or a name without seconds",
                "build_info|a gauge of value 1",
            })
    void counter_withABadName_saysWhatToWrite(String name, String fix) {
        assertThatThrownBy(() -> registry.counter(name, "Help.").register())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("name=" + name)
                .hasMessageContaining(fix);
    }

    @Test
    void names_withUnits_getThemOnce() {
        registry.counter("sent", "Help.").unit(Unit.BYTES).register().inc();
        registry.counter("received_bytes", "Help.").unit(Unit.BYTES).register().inc();
        registry.counter("busy", "Help.").nanoseconds().register().add(1_500_000_000);
        registry.gauge("fill", "Help.").unit(Unit.RATIO).register().set(0.5);
        registry.namespace("").gauge("build_info", "Help.").register().set(1);
        List<String> seen = new ArrayList<>();
        registry.collect(new Names(seen));
        assertThat(seen)
                .containsExactly(
                        "shop_sent_bytes 1.0",
                        "shop_received_bytes 1.0",
                        "shop_busy_seconds 1.5",
                        "shop_fill_ratio 0.5",
                        "build_info 1.0");
    }

    private static final class Names implements MetricRegistry.Collector {
        private final List<String> seen;
        private String name = "";

        Names(List<String> seen) {
            this.seen = seen;
        }

        @Override
        public void family(String family, MetricRegistry.Kind kind, Unit unit, String help) {
            name = family;
        }

        @Override
        public void counter(byte[] labels, double value) {
            seen.add(name + " " + value);
        }

        @Override
        public void gauge(byte[] labels, double value) {
            seen.add(name + " " + value);
        }

        @Override
        public void histogram(byte[] labels, double[] upperBounds, long[] cumulative, double sum) {
            seen.add(name + " " + sum);
        }
    }

    @Test
    void help_thatIsBlank_isRefused() {
        assertThatThrownBy(() -> registry.gauge("depth", " ").register())
                .hasMessageContaining("help must say what the metric counts");
        assertThatThrownBy(() -> registry.gauge("depth", null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void namespace_thatIsNotSnakeCase_isRefused() {
        assertThatThrownBy(() -> MetricRegistry.of("My-Shop")).hasMessageContaining("namespace=My-Shop");
        assertThatThrownBy(() -> registry.namespace("a b")).hasMessageContaining("namespace=a b");
    }

    @ParameterizedTest
    @CsvSource({"Route, in snake_case", "le, anything but le", "quantile, anything but le", "__name, in snake_case"})
    void labels_withABadName_areRefused(String label, String fix) {
        assertThatThrownBy(() -> registry.counter("requests", "Help.").labels(label))
                .hasMessageContaining("label=" + label)
                .hasMessageContaining(fix);
    }

    @Test
    void labels_namedTwice_areRefused() {
        assertThatThrownBy(() -> registry.counter("requests", "Help.").labels("a", "b", "a"))
                .hasMessageContaining("label must be named once: label=a");
    }

    @Test
    void register_theSameDescription_returnsTheSameMetric() {
        assertThat(registry.counter("orders", "Help.").register())
                .isSameAs(registry.counter("orders", "Help.").register());
        assertThat(registry.timer("work", "Help.").labels("op"))
                .isSameAs(registry.timer("work", "Help.").labels("op"));
        assertThat(registry.histogram("size", "Help.").buckets(1, 2).register())
                .isSameAs(registry.histogram("size", "Help.").buckets(1, 2).register());
        assertThat(registry.stats().metrics()).isEqualTo(3);
    }

    @Test
    void register_anotherDescriptionUnderOneName_isRefused() {
        registry.counter("orders", "Help.").labels("route");
        registry.timer("work", "Help.").register();
        List<Callable<?>> others = List.of(
                () -> registry.counter("orders", "Other help.").labels("route"),
                () -> registry.counter("orders", "Help.").labels("path"),
                () -> registry.counter("orders", "Help.").register(),
                () -> registry.gauge("orders", "Help.").labels("route"),
                () -> registry.gauge("orders", "Help.").register(() -> 1),
                () -> registry.timer("work", "Help.").relativeError(0.05).register(),
                () -> registry.timer("work", "Help.")
                        .window(Duration.ofMinutes(1))
                        .register(),
                () -> registry.timer("work", "Help.")
                        .buckets(Duration.ofMillis(1))
                        .register(),
                () -> registry.histogram("work", "Help.").unit(Unit.SECONDS).register());
        for (Callable<?> other : others) {
            assertThatThrownBy(other::call)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("name must be free or described as before");
        }
    }

    @Test
    void functionGauge_closed_isGoneAndItsNameFree() {
        Registration first = registry.gauge("depth", "Help.").register(() -> 7);
        assertThat(registry.stats().series()).isEqualTo(1);
        assertThatThrownBy(() -> registry.gauge("depth", "Help.").register(() -> 8))
                .hasMessageContaining("a function needs a name of its own");
        first.close();
        first.close();
        assertThat(registry.stats().series()).isZero();
        registry.gauge("depth", "Help.").register(() -> 8);
        first.close(); // does not touch the second
        assertThat(registry.stats().series()).isEqualTo(1);
    }

    @Test
    void hooksAndFunctions_thatThrow_areContainedAndCounted() {
        List<String> seen = new ArrayList<>();
        registry.gauge("broken", "Help.").register(() -> {
            throw new IllegalStateException("no");
        });
        Gauge good = registry.gauge("good", "Help.").register();
        registry.onCollect(() -> {
            throw new AssertionError("no");
        });
        Registration update = registry.onCollect(() -> good.add(1));
        registry.collect(new Names(seen));
        registry.collect(new Names(seen));
        update.close();
        registry.collect(new Names(seen));
        assertThat(seen)
                .containsExactly(
                        "shop_broken NaN",
                        "shop_good 1.0",
                        "shop_broken NaN",
                        "shop_good 2.0",
                        "shop_broken NaN",
                        "shop_good 2.0");
        assertThat(registry.stats().failedHooks()).isEqualTo(6);
    }

    @Test
    void hook_thatCollectsItsRegistry_isAFailedHook() {
        registry.onCollect(() -> registry.collect(new Names(new ArrayList<>())));
        assertThatCode(() -> registry.collect(new Names(new ArrayList<>()))).doesNotThrowAnyException();
        assertThat(registry.stats().failedHooks()).isEqualTo(1);
    }

    @Test
    void counter_ofBadAmounts_countsThemAsRejected() {
        Counter counter = registry.counter("orders", "Help.").register();
        counter.add(-1);
        counter.observe(-1);
        counter.add(2);
        counter.observe(40);
        assertThat(counter.value()).isEqualTo(42);
        counter.observe(10); // its source restarted
        assertThat(counter.value()).isEqualTo(12);
        assertThat(registry.stats().rejectedSamples()).isEqualTo(2);
    }

    @Test
    void counter_countedUpByMany_losesNothingAndNeverGoesDown() throws Exception {
        Counter counter = registry.counter("orders", "Help.").register();
        counter.observe(1_000);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<?>> writers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            writers.add(pool.submit(() -> {
                for (int j = 0; j < 50_000; j++) {
                    counter.inc();
                    counter.add(2);
                }
            }));
        }
        long seen = 0;
        while (!writers.stream().allMatch(Future::isDone)) {
            long now = counter.value();
            assertThat(now).isGreaterThanOrEqualTo(seen);
            seen = now;
        }
        for (Future<?> writer : writers) {
            writer.get();
        }
        pool.shutdown();
        assertThat(counter.value()).isEqualTo(601_000);
    }

    @Test
    void gauge_addedToByMany_losesNothing() throws Exception {
        Gauge gauge = registry.gauge("depth", "Help.").register();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        for (int i = 0; i < 4; i++) {
            pool.submit(() -> {
                for (int j = 0; j < 50_000; j++) {
                    gauge.add(1);
                }
            });
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(10, TimeUnit.MINUTES)).isTrue();
        assertThat(gauge.value()).isEqualTo(200_000);
    }

    @Test
    void family_beyondItsLimit_keepsTotalsExactAndMemoryBounded() {
        MetricRegistry small = MetricRegistry.builder("").cardinalityLimit(100).build();
        Family<Counter> family = small.counter("requests", "Help.").labels("user", "route");
        Random random = new Random(7);
        for (int i = 0; i < 100_000; i++) {
            family.with("user" + random.nextInt(5000), "/").inc();
        }
        List<String> seen = new ArrayList<>();
        small.collect(new Names(seen));
        double total = seen.stream()
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .sum();
        assertThat(total).isEqualTo(100_000);
        assertThat(seen).hasSize(101);
        assertThat(small.stats().series()).isEqualTo(101);
        assertThat(small.stats().overflowedLookups()).isGreaterThan(90_000);
        assertThat(family.with(Family.OVERFLOW, Family.OVERFLOW).value())
                .isEqualTo(small.stats().overflowedLookups());
    }

    @Test
    void family_ofOneToFourLabels_findsTheSameHandleAgain() {
        Family<Counter> none = registry.counter("none", "Help.").labels();
        Family<Counter> one = registry.counter("one", "Help.").labels("a");
        Family<Counter> two = registry.counter("two", "Help.").labels("a", "b");
        Family<Counter> three = registry.counter("three", "Help.").labels("a", "b", "c");
        Family<Counter> four = registry.counter("four", "Help.").labels("a", "b", "c", "e");
        assertThat(none.with()).isSameAs(none.with());
        for (int i = 0; i < 300; i++) {
            String value = "v" + i;
            String other = "w" + i % 7;
            assertThat(one.with(value)).isSameAs(one.with(new String[] {value}));
            assertThat(two.with(value, other)).isSameAs(two.with(new String[] {value, other}));
            assertThat(three.with(value, other, "x")).isSameAs(three.with(new String[] {value, other, "x"}));
            assertThat(four.with(value, other, "x", "y")).isSameAs(four.with(value, other, "x", "y"));
        }
        assertThat(two.with("Aa", "BB")).isNotSameAs(two.with("BB", "Aa")); // equal hash codes
        assertThatThrownBy(() -> two.with("only one"))
                .hasMessageContaining("values must match the labels of shop_two: values=1 (expected: 2, for [a, b])");
        assertThatThrownBy(() -> one.with("a", "b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> one.with("a", "b", "c")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> four.with("a", "b", "c", null)).isInstanceOf(NullPointerException.class);
        assertThat(four).hasToString("counter shop_four[a, b, c, e] (Help.)");
    }

    @Test
    void family_removed_startsAnew() {
        Family<Timer> family =
                registry.timer("work", "Help.").window(Duration.ofSeconds(1)).labels("node");
        Timer first = family.with("a");
        family.with("b");
        first.recordNanos(1);
        family.remove("a");
        family.remove("never there");
        assertThat(registry.stats().series()).isEqualTo(1);
        assertThat(family.with("a")).isNotSameAs(first);
        assertThat(family.with("a").snapshot().count()).isZero();
        first.recordNanos(1); // a handle that is out still works
        assertThat(first.snapshot().count()).isEqualTo(2);
        registry.close();
    }

    @Test
    void family_lookedUpByManyAtOnce_makesOneMetricPerValue() throws Exception {
        Family<Counter> family = registry.counter("picks", "Help.").labels("node");
        ExecutorService pool = Executors.newFixedThreadPool(4);
        CyclicBarrier start = new CyclicBarrier(4);
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            done.add(pool.submit(() -> {
                start.await();
                for (int i = 0; i < 40_000; i++) {
                    family.with("n" + i % 400).inc();
                }
                return null;
            }));
        }
        for (Future<?> future : done) {
            future.get(1, TimeUnit.MINUTES);
        }
        pool.shutdown();
        assertThat(registry.stats().series()).isEqualTo(400);
        for (int i = 0; i < 400; i++) {
            assertThat(family.with("n" + i).value()).isEqualTo(400);
        }
    }

    @Test
    void builder_withBadSettings_saysWhatIsExpected() {
        assertThatThrownBy(() -> MetricRegistry.builder("").cardinalityLimit(0))
                .hasMessage("cardinalityLimit must be in range: series=0 (expected: 1 to 1,000,000)");
        assertThatThrownBy(() -> MetricRegistry.builder("").cardinalityLimit(1_000_001))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MetricRegistry.builder("").tick(Duration.ZERO)).hasMessageContaining("period=PT0S");
        assertThat(registry.toString()).contains("name=shop").contains("cardinalityLimit=1000");
    }
}
