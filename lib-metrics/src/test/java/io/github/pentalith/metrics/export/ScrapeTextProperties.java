// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.Gauge;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.Timer;
import io.github.pentalith.metrics.Unit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

/**
 * A scrape that takes over what has not changed since the last one says what one from scratch says, and that is what a
 * writer says which does nothing but join names, labels and values.
 */
class ScrapeTextProperties {
    private static final double[] LEVELS = {
        0,
        -0.0,
        7,
        9,
        10,
        99,
        100,
        199,
        200,
        9.5,
        12.5,
        123.25,
        1e-9,
        -3,
        -12,
        -112,
        -113,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        99_999_999,
        100_000_000,
        123_456_789_012.0,
        123_456_789_999.0,
        8_999_999_999_999_999.0,
        9_000_000_000_000_000.0,
        0x1p53 - 1,
        0x1p53,
        1e300
    };
    private static final long[] STEPS = {1, 1, 1, 9, 10, 90, 99, 1_000, 123_456, 99_999_999, 4_000_000_000_000_000L};

    enum Change {
        COUNT,
        COUNT_TIME,
        SET,
        SET_ONE,
        RECORD,
        REMOVE_COUNTER,
        REMOVE_GAUGE,
        REMOVE_TIMER,
        ADD_FUNCTION,
        CLOSE_FUNCTION,
        SCRAPE
    }

    record Step(Change change, int series, int amount) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Change> changes = Arbitraries.oneOf(Arbitraries.of(Change.class), Arbitraries.just(Change.SCRAPE));
        return Combinators.combine(
                        changes,
                        Arbitraries.integers().between(0, 5),
                        Arbitraries.integers().between(0, 200))
                .as(Step::new)
                .list()
                .ofMinSize(10)
                .ofMaxSize(80);
    }

    @Property(tries = 700)
    void text_afterAnyChanges_isThatOfAFreshScrape(@ForAll("steps") List<Step> steps, @ForAll boolean openMetrics) {
        MetricRegistry registry = MetricRegistry.of("shop");
        Family<Counter> counters = registry.counter("orders", "Orders.").labels("country");
        Family<Counter> times = registry.counter("busy", "Time.").nanoseconds().labels("country");
        Gauge gauge = registry.gauge("depth", "Depth.").register();
        Family<Gauge> levels = registry.gauge("level", "Levels.").labels("country");
        Family<Timer> timers = registry.timer("work", "Work.").labels("op");
        Counter last = registry.counter("zebras", "Comes after all others.").register();
        List<Registration> functions = new ArrayList<>();
        ScrapeText kept = new ScrapeText();
        for (Step step : steps) {
            String series = "s" + step.series;
            double level = LEVELS[step.amount % LEVELS.length];
            switch (step.change) {
                case COUNT -> counters.with(series).add(STEPS[step.amount % STEPS.length]);
                case COUNT_TIME -> times.with(series).add(STEPS[step.amount % STEPS.length] * (step.amount % 3));
                case SET -> gauge.set(level);
                case SET_ONE -> levels.with(series).set(level);
                case RECORD -> timers.with(series).recordNanos(step.amount * 1_000_000L);
                case REMOVE_COUNTER -> counters.remove(series);
                case REMOVE_GAUGE -> levels.remove(series);
                case REMOVE_TIMER -> timers.remove(series);
                case ADD_FUNCTION -> {
                    if (functions.isEmpty()) {
                        functions.add(registry.gauge("answer", "Answer.").register(() -> level));
                    }
                }
                case CLOSE_FUNCTION -> {
                    functions.forEach(Registration::close);
                    functions.clear();
                }
                case SCRAPE -> {
                    last.inc();
                    assertSame(registry, openMetrics, kept);
                }
            }
        }
        assertSame(registry, openMetrics, kept);
        assertSame(registry, openMetrics, kept); // nothing at all has changed
    }

    /** More series than are read at once, of which none, few or all change, to numbers as long or longer or shorter. */
    @Property(tries = 10)
    void text_ofManySeries_isThatOfAFreshScrape(@ForAll @LongRange(max = 1_000_000) long seed) {
        Random random = new Random(seed);
        MetricRegistry registry =
                MetricRegistry.builder("shop").cardinalityLimit(2_000).build();
        Family<Counter> counters = registry.counter("orders", "Orders.").labels("country");
        Family<Gauge> levels = registry.gauge("level", "Levels.").labels("country");
        Counter last = registry.counter("zebras", "Comes after all others.").register();
        int series = 500 + random.nextInt(700);
        ScrapeText kept = new ScrapeText();
        for (int round = 0; round < 10; round++) {
            double share = new double[] {0, 0.002, 0.1, 1}[random.nextInt(4)];
            boolean small = random.nextBoolean();
            for (int i = 0; i < series; i++) {
                if (random.nextDouble() < share) {
                    counters.with("c" + i).add(small ? 1 : STEPS[random.nextInt(STEPS.length)]);
                    levels.with("c" + i).set(small ? round : LEVELS[random.nextInt(LEVELS.length)]);
                }
            }
            if (random.nextInt(4) == 0) {
                counters.remove("c" + random.nextInt(series));
            }
            last.inc();
            assertSame(registry, false, kept);
        }
    }

    private static void assertSame(MetricRegistry registry, boolean openMetrics, ScrapeText kept) {
        String text = text(registry, openMetrics, kept);
        assertThat(text).isEqualTo(text(registry, openMetrics, new ScrapeText()));
        Naive naive = new Naive();
        registry.collect(naive);
        List<String> names = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (!line.isEmpty() && !line.startsWith("#") && !line.contains("_bucket{")) {
                int space = line.lastIndexOf(' ');
                names.add(line.substring(0, space));
                values.add(Double.parseDouble(line.substring(space + 1).replace("Inf", "Infinity")) + 0.0);
            }
        }
        assertThat(names).isEqualTo(naive.names);
        assertThat(values).isEqualTo(naive.values);
    }

    private static String text(MetricRegistry registry, boolean openMetrics, ScrapeText text) {
        text.start();
        registry.collect(new TextCollector(text, openMetrics));
        return text.finish().toString();
    }

    /** Takes series one by one; buckets of histograms are left to the tests of exact texts. */
    private static final class Naive implements MetricRegistry.Collector {
        final List<String> names = new ArrayList<>();
        final List<Double> values = new ArrayList<>();
        private String family = "";

        @Override
        public void family(String name, MetricRegistry.Kind kind, Unit unit, String help) {
            family = name;
        }

        private void add(String suffix, byte[] labels, double value) {
            String text = new String(labels, StandardCharsets.UTF_8);
            names.add(family + suffix + (text.isEmpty() ? "" : "{" + text + "}"));
            values.add(value + 0.0); // -0.0 is written as 0
        }

        @Override
        public void counter(byte[] labels, double value) {
            add("_total", labels, value);
        }

        @Override
        public void gauge(byte[] labels, double value) {
            add("", labels, value);
        }

        @Override
        public void histogram(byte[] labels, double[] upperBounds, long[] cumulative, double sum) {
            add("_sum", labels, sum);
            add("_count", labels, (double) cumulative[upperBounds.length]);
        }
    }
}
