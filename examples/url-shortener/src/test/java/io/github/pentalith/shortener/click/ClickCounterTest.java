// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.click;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;

class ClickCounterTest {
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final VirtualTime time = VirtualTime.create();
    private final Map<String, Long> written = new HashMap<>();
    private boolean away;

    private Map<String, Long> write(Map<String, Long> batch) {
        if (away) {
            return batch;
        }
        batch.forEach((code, clicks) -> written.merge(code, clicks, Long::sum));
        return Map.of();
    }

    @Test
    void click_many_areWrittenAsSumsOncePerPeriod() {
        ClickCounter counter = ClickCounter.start(10, PERIOD, time, this::write);
        counter.click("a");
        counter.click("a");
        counter.click("b");
        assertThat(written).isEmpty();

        time.advance(PERIOD);

        assertThat(written).isEqualTo(Map.of("a", 2L, "b", 1L));
        assertThat(counter.stats()).isEqualTo(new ClickCounter.Stats(3, 3, 0, 0));
    }

    @Test
    void click_whileTheDatabaseIsAway_waits() {
        ClickCounter counter = ClickCounter.start(10, PERIOD, time, this::write);
        away = true;
        counter.click("a");
        time.advance(PERIOD);
        counter.click("a");
        assertThat(counter.stats()).isEqualTo(new ClickCounter.Stats(2, 0, 0, 1));

        away = false;
        time.advance(PERIOD);

        assertThat(written).isEqualTo(Map.of("a", 2L));
    }

    @Test
    void click_whenTheSinkThrows_waits() {
        ClickCounter counter = ClickCounter.start(10, PERIOD, time, batch -> {
            if (away) {
                throw new IllegalStateException("away");
            }
            return write(batch);
        });
        away = true;
        counter.click("a");
        time.advance(PERIOD);
        away = false;
        time.advance(PERIOD);

        assertThat(written).isEqualTo(Map.of("a", 1L));
    }

    @Test
    void click_onMoreCodesThanFit_dropsAndCounts() {
        ClickCounter counter = ClickCounter.start(2, PERIOD, time, this::write);
        counter.click("a");
        counter.click("b");
        counter.click("c");
        counter.click("a");

        assertThat(counter.stats()).isEqualTo(new ClickCounter.Stats(4, 0, 1, 2));
        counter.close();
        assertThat(written).isEqualTo(Map.of("a", 2L, "b", 1L));
    }

    @Test
    void close_whenTheDatabaseIsAway_countsWhatIsLost() {
        ClickCounter counter = ClickCounter.start(2, PERIOD, time, this::write);
        away = true;
        counter.click("a");

        counter.close();

        assertThat(counter.stats()).isEqualTo(new ClickCounter.Stats(1, 0, 1, 0));
    }

    @Test
    void click_byManyThreadsDuringWrites_losesNone() throws InterruptedException {
        ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
        try {
            ClickCounter counter = ClickCounter.start(100, Duration.ofMillis(1), scheduler, this::write);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Thread thread = new Thread(() -> {
                    for (int n = 0; n < 20_000; n++) {
                        counter.click("c" + n % 7);
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            counter.close();

            assertThat(written.values().stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(80_000);
            assertThat(counter.stats()).isEqualTo(new ClickCounter.Stats(80_000, 80_000, 0, 0));
        } finally {
            scheduler.shutdownNow();
        }
    }
}
