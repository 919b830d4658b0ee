// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CoarseTickerTest {
    @Test
    void time_movesOnAndIsNeverAhead() {
        try (CoarseTicker ticker = CoarseTicker.every(Duration.ofMillis(1))) {
            long[] last = {ticker.getAsLong()};
            AtomicInteger steps = new AtomicInteger();
            Nodes.soon(() -> {
                long time = ticker.getAsLong();
                assertThat(System.nanoTime() - time).isNotNegative();
                assertThat(time - last[0]).isNotNegative();
                steps.addAndGet(time == last[0] ? 0 : 1);
                last[0] = time;
                return steps.get() == 20;
            });
        }
    }

    @Test
    void closedTicker_readsTheSystemsClock() {
        CoarseTicker ticker = CoarseTicker.every(Duration.ofSeconds(1));
        ticker.close();
        Nodes.soon(() -> {
            long before = System.nanoTime();
            return ticker.getAsLong() - before >= 0;
        });
        assertThat(ticker).hasToString("CoarseTicker[tick=PT1S, closed=true]");
    }

    @Test
    void entries_expireByIt() {
        try (CoarseTicker ticker = CoarseTicker.every(Duration.ofMillis(1));
                TieredCache<String, Integer> cache = TieredCache.<String, Integer>builder("coarse")
                        .entry(EntryOptions.of(Duration.ofMillis(20)))
                        .ticker(ticker)
                        .build()) {
            AtomicInteger loads = new AtomicInteger();
            Nodes.soon(() -> cache.get("k", key -> loads.incrementAndGet()) == 3);
            assertThat(cache.stats().loads()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT0.000999999S", "PT-1S", "PT1.000000001S"})
    void tick_outOfRange_isRefused(Duration tick) {
        assertThatThrownBy(() -> CoarseTicker.every(tick))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tick must be in range: tick=" + tick + " (expected: 1 ms to 1 s)");
    }
}
