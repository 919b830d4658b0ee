// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Early and conditional refreshes, and what else a loader may say. */
class RefreshTest {
    private final VirtualTime time = VirtualTime.startingAt(java.time.Instant.EPOCH, Long.MAX_VALUE - 1_000);
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final AtomicInteger loads = new AtomicInteger();

    private static EntryOptions options() {
        return EntryOptions.of(Duration.ofSeconds(10)).jitter(0);
    }

    private CacheBuilder<String, String> settings(EntryOptions options) {
        return TieredCache.<String, String>builder("local")
                .ticker(time)
                .executor(tasks::add)
                .entry(options)
                .loader(this::count);
    }

    private String count(String key) {
        return key + loads.incrementAndGet();
    }

    private void runTasks() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    @Test
    void refreshAhead_isDoneOnceBesideItsReaders() {
        try (TieredCache<String, String> cache =
                settings(options().refreshAhead(0.2)).build()) {
            cache.get("k");
            time.advance(Duration.ofMillis(7_999));
            assertThat(cache.get("k")).isEqualTo("k1");
            assertThat(tasks).isEmpty();
            time.advance(Duration.ofMillis(1));
            assertThat(cache.get("k")).isEqualTo("k1");
            assertThat(cache.getAll(List.of("k"))).containsEntry("k", "k1");
            assertThat(tasks).hasSize(1);

            runTasks();

            time.advance(Duration.ofMillis(7_999));
            assertThat(cache.get("k")).as("a TTL of its own").isEqualTo("k2");
            assertThat(tasks).isEmpty();
            assertThat(cache.stats().refreshes()).isEqualTo(1);
            assertThat(cache.stats().misses()).isEqualTo(1);
        }
    }

    @Test
    void refreshThatFails_leavesTheOldValueForItsTime() {
        try (TieredCache<String, String> cache =
                settings(options().refreshAhead(0.5)).build()) {
            cache.put("k", "old");
            time.advance(Duration.ofSeconds(6));
            CacheLoader<String, String> fails = key -> {
                throw new IllegalStateException("down");
            };
            assertThat(cache.get("k", fails)).isEqualTo("old");
            runTasks();
            assertThat(cache.get("k", fails)).isEqualTo("old");
            assertThat(tasks).as("one attempt per entry").isEmpty();
            assertThat(cache.stats().loadFailures()).isEqualTo(1);
            time.advance(Duration.ofSeconds(4));
            assertThat(cache.get("k")).isEqualTo("k1");
        }
    }

    @Test
    void refreshThatOverlapsAnInvalidation_isNotKept() {
        try (TieredCache<String, String> cache =
                settings(options().refreshAhead(0.5)).build()) {
            cache.put("k", "old");
            time.advance(Duration.ofSeconds(6));
            assertThat(cache.get("k", key -> {
                        cache.invalidate(key);
                        return "older";
                    }))
                    .isEqualTo("old");
            runTasks();
            assertThat(cache.get("k")).isEqualTo("k1");
        }
    }

    @Test
    void refreshThatNobodyRuns_isNoTroubleForReaders() {
        try (TieredCache<String, String> cache = settings(options().refreshAhead(0.5))
                .executor(task -> {
                    throw new RejectedExecutionException("full");
                })
                .build()) {
            cache.get("k");
            time.advance(Duration.ofSeconds(6));
            assertThat(cache.get("k")).isEqualTo("k1");
            assertThat(cache.async().get("other")).isCompletedExceptionally();
        }
    }

    /** P = exp(-left / (beta * duration of the load)); a widely copied table says 63 % and 18 %, which is wrong. */
    @ParameterizedTest
    @CsvSource({"400, 0.368", "2000, 0.0067", "100, 0.779", "40, 0.905"})
    void earlyRefresh_happensWithTheProbabilityOfXFetch(long leftMillis, double probability) {
        Random random = new Random(5);
        int due = 0;
        int draws = 200_000;
        for (int i = 0; i < draws; i++) {
            due += Entry.Life.due(leftMillis, 0, 400, random) ? 1 : 0;
        }
        double sigma = Math.sqrt(probability * (1 - probability) / draws);
        assertThat((double) due / draws).isCloseTo(probability, within(4 * sigma + 0.0005));
    }

    @Test
    void earlyRefresh_growsWithTheDurationOfTheLoad() {
        CacheLoader<String, String> slow = key -> {
            time.advance(Duration.ofMillis(400));
            return count(key);
        };
        AtomicInteger dice = new AtomicInteger();
        try (TieredCache<String, String> cache = settings(options().earlyRefresh(1))
                .loader(slow)
                .random(() -> dice.get() == 0 ? 0L : -1L) // 0: never early; else as early as can be
                .build()) {
            cache.get("k");
            time.advance(Duration.ofMillis(9_000));
            assertThat(cache.get("k")).isEqualTo("k1");
            assertThat(tasks).isEmpty();
            dice.set(1);
            assertThat(cache.get("k")).isEqualTo("k1");
            assertThat(tasks).hasSize(1);
            runTasks();
            assertThat(cache.get("k")).isEqualTo("k2");
        }
    }

    @Test
    void loader_seesTheOldValueAndMaySayThatItStillHolds() {
        CacheLoader<String, String> conditional = new CacheLoader<>() {
            @Override
            public String load(String key) {
                throw new AssertionError("not this one");
            }

            @Override
            public String load(String key, LoadContext<String> context) {
                loads.incrementAndGet();
                return context.previous() == null ? "first" : context.unchanged();
            }
        };
        try (TieredCache<String, String> cache = settings(options().staleFor(Duration.ofMinutes(1)))
                .loader(conditional)
                .build()) {
            assertThat(cache.get("k")).isEqualTo("first");
            String first = cache.get("k");
            time.advance(Duration.ofSeconds(11));
            assertThat(cache.get("k")).isSameAs(first);
            time.advance(Duration.ofSeconds(9));
            assertThat(cache.get("k")).isSameAs(first);
            assertThat(loads).hasValue(2);
            cache.invalidate("k");
            assertThat(cache.get("k")).as("an invalidated value is not shown").isEqualTo("first");
        }
        assertThatThrownBy(() -> new LoadContext<String>(options(), null).unchanged())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void maximumWeight_boundsTheSum() {
        try (TieredCache<String, String> cache = settings(options())
                .maximumWeight(100, (key, value) -> value.length())
                .build()) {
            for (int i = 0; i < 50; i++) {
                cache.put("k" + i, "v".repeat(10));
            }
            assertThat(cache.stats().localSize()).isLessThanOrEqualTo(10).isPositive();
            cache.put("large", "v".repeat(101));
            assertThat(cache.peek("large").known()).isFalse();
            assertThat(cache.toString()).contains("maximumWeight=100");
        }
        assertThatThrownBy(() -> settings(options()).maximumWeight(0, (key, value) -> 1))
                .hasMessageStartingWith("maximumWeight must be in range: maximumWeight=0");
    }

    @Test
    void options_areCheckedAtTheDoor() {
        assertThatThrownBy(() -> options().refreshAhead(1)).hasMessageStartingWith("refreshAhead must be in range");
        assertThatThrownBy(() -> options().earlyRefresh(-1)).hasMessageStartingWith("earlyRefresh must be in range");
        assertThatThrownBy(() -> options().tags("")).hasMessageStartingWith("tag must be well-formed: length=0");
        String[] many = java.util.stream.IntStream.range(0, 33)
                .mapToObj(Integer::toString)
                .toArray(String[]::new);
        assertThatThrownBy(() -> options().tags(many)).hasMessage("tags must be few: tags=33 (expected: at most 32)");
        assertThat(options().tags("a").staleFor(Duration.ofSeconds(1)).tags()).containsExactly("a");
    }
}
