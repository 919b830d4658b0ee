// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.export.Exposition;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ScrapeTest {
    @Test
    void parse_pageOfARegistry_hasAllItsSamples() {
        try (MetricRegistry registry = MetricRegistry.of("shop")) {
            var sold = registry.counter("sold", "Things sold").labels("thing", "where");
            sold.with("pen", "a\"b\\c\nd").add(3);
            sold.with("pen", "here").add(4);
            sold.with("ink", "here").add(5);
            registry.gauge("open", "Whether it is open").register().set(0.5);
            registry.timer("sale", "Time of a sale").register().recordNanos(2_000_000_000L);

            Scrape page = Scrape.parse(Exposition.negotiate("text/plain").text(registry));

            assertThat(page.sum("shop_sold_total")).isEqualTo(12);
            assertThat(page.sum("shop_sold_total", "thing", "pen")).isEqualTo(7);
            assertThat(page.sum("shop_sold_total", "thing", "pen", "where", "a\"b\\c\nd"))
                    .isEqualTo(3);
            assertThat(page.by("thing", "shop_sold_total", "where", "here")).isEqualTo(Map.of("pen", 4.0, "ink", 5.0));
            assertThat(page.sum("shop_open")).isEqualTo(0.5);
            assertThat(page.sum("shop_sale_seconds_sum")).isEqualTo(2);
            assertThat(page.sum("shop_unknown")).isZero();
        }
    }

    @Test
    void states_oneForTheCurrent_isTheCurrent() {
        Scrape page = Scrape.parse("""
                state{breaker="s0",state="open"} 0
                state{breaker="s0",state="closed"} 1
                state{breaker="s1",state="open"} 1 1700000000000
                """);

        assertThat(page.states("breaker", "state")).isEqualTo(Map.of("s0", "closed", "s1", "open"));
    }

    @Test
    void parse_brokenLines_areSkipped() {
        Scrape page =
                Scrape.parse("a{b=\"c} 1\na{b=c} 1\na{=\"c\"} 1\n{} 1\na one\n\n  \na{b=\"c\\\n# TYPE a gauge\na 2");

        assertThat(page.sum("a")).isEqualTo(2);
    }
}
