// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.Gauge;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.Timer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A scrape that takes over what has not changed since the last one says what one from scratch says. */
class ScrapeTextProperties {
    private static final double[] LEVELS = {0, 7, 9.5, 10, 1e-9, -3, Double.NaN, 123_456_789_012.0, 1e300};

    enum Change {
        COUNT,
        SET,
        RECORD,
        REMOVE_COUNTER,
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
                .ofMaxSize(60);
    }

    @Property(tries = 500)
    void text_afterAnyChanges_isThatOfAFreshScrape(@ForAll("steps") List<Step> steps, @ForAll boolean openMetrics) {
        MetricRegistry registry = MetricRegistry.of("shop");
        Family<Counter> counters = registry.counter("orders", "Orders.").labels("country");
        Gauge gauge = registry.gauge("depth", "Depth.").register();
        Family<Timer> timers = registry.timer("work", "Work.").labels("op");
        Counter last = registry.counter("zebras", "Comes after all others.").register();
        List<Registration> functions = new ArrayList<>();
        ScrapeText kept = new ScrapeText();
        for (Step step : steps) {
            String series = "s" + step.series;
            switch (step.change) {
                case COUNT -> counters.with(series).add(step.amount);
                case SET -> gauge.set(LEVELS[step.amount % LEVELS.length]);
                case RECORD -> timers.with(series).recordNanos(step.amount * 1_000_000L);
                case REMOVE_COUNTER -> counters.remove(series);
                case REMOVE_TIMER -> timers.remove(series);
                case ADD_FUNCTION -> {
                    if (functions.isEmpty()) {
                        functions.add(registry.gauge("answer", "Answer.").register(() -> step.amount));
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

    private static void assertSame(MetricRegistry registry, boolean openMetrics, ScrapeText kept) {
        assertThat(text(registry, openMetrics, kept)).isEqualTo(text(registry, openMetrics, new ScrapeText()));
    }

    private static String text(MetricRegistry registry, boolean openMetrics, ScrapeText text) {
        text.start();
        registry.collect(new TextCollector(text, openMetrics));
        return text.finish().toString();
    }
}
