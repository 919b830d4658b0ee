// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Registration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Scrapes that run at once, while everything changes, are each a whole text. */
class ScrapeStressTest {
    private static final int SERIES = 700; // more than are read at once
    private static final int SCRAPES = "long".equals(System.getProperty("pentalith.tests")) ? 10_000 : 100;

    private final MetricRegistry registry = MetricRegistry.of("shop");
    private final Family<Counter> counters =
            registry.counter("orders", "Orders.").labels("country");
    private final Family<Counter> passing =
            registry.counter("guests", "Come and go.").labels("country");
    private final Counter last =
            registry.counter("zebras", "Comes after all others.").register();

    @Test
    void scrapes_atOnceWhileEverythingChanges_areEachWhole() throws Exception {
        for (int i = 0; i < SERIES; i++) {
            counters.with("c" + i).inc();
        }
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> changes =
                    List.of(pool.submit(() -> countUntil(done)), pool.submit(() -> registerUntil(done)));
            List<Future<?>> scrapes = List.of(pool.submit(this::scrape), pool.submit(this::scrape));
            for (Future<?> scrape : scrapes) {
                scrape.get();
            }
            done.set(true);
            for (Future<?> change : changes) {
                change.get();
            }
        } finally {
            done.set(true);
            pool.shutdownNow();
        }
        assertThat(Exposition.prometheus().text(registry)).isEqualTo(fresh());
    }

    private void countUntil(AtomicBoolean done) {
        for (long round = 1; !done.get(); round++) {
            for (int i = 0; i < SERIES; i++) {
                counters.with("c" + i).add(round % 100 == 0 ? 1_000_000 : i % 3);
            }
            last.inc();
        }
    }

    private void registerUntil(AtomicBoolean done) {
        for (int round = 0; !done.get(); round++) {
            String country = "g" + round % 5;
            passing.with(country).add(round);
            Registration level = registry.gauge("level", "A level.").register(() -> 0.5);
            passing.remove(country);
            level.close();
        }
    }

    private void scrape() {
        long[] seen = new long[SERIES];
        for (int round = 0; round < SCRAPES; round++) {
            String text = Exposition.prometheus().text(registry);
            Set<String> names = new HashSet<>();
            int at = 0;
            for (String line : text.split("\n", -1)) {
                if (line.startsWith("shop_orders_total{")) {
                    int space = line.lastIndexOf(' ');
                    assertThat(line.substring(0, space)).isEqualTo("shop_orders_total{country=\"c" + at + "\"}");
                    long total = Long.parseLong(line.substring(space + 1));
                    assertThat(total).isGreaterThanOrEqualTo(seen[at]);
                    seen[at++] = total;
                } else if (!line.isEmpty()) {
                    assertThat(line)
                            .matches("# (TYPE|HELP) [a-z_]+ .+|shop_guests_total\\{country=\"g\\d\"} \\d+"
                                    + "|shop_zebras_total \\d+|shop_level 0.5");
                }
                assertThat(names.add(line)).as("twice: %s", line).isTrue();
            }
            assertThat(at).isEqualTo(SERIES);
            assertThat(text).endsWith("\n");
        }
    }

    private String fresh() {
        ScrapeText text = new ScrapeText();
        text.start();
        registry.collect(new TextCollector(text, false));
        return text.finish().toString();
    }
}
