// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.resilience.Deadline;
import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The local level alone, and what needs no remote one. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LocalCacheTest {
    private final VirtualTime time = VirtualTime.startingAt(java.time.Instant.EPOCH, Long.MAX_VALUE - 1_000);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger loads = new AtomicInteger();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private CacheBuilder<String, String> settings() {
        return TieredCache.<String, String>builder("local").ticker(time).entry(options());
    }

    private static EntryOptions options() {
        return EntryOptions.of(Duration.ofSeconds(10)).jitter(0);
    }

    private String count(String key) {
        return key + loads.incrementAndGet();
    }

    @Test
    void get_withinTheTtl_loadsOnceAndAfterItAgain() {
        try (TieredCache<String, String> cache = settings().loader(this::count).build()) {
            assertThat(cache.get("k")).isEqualTo("k1");
            time.advance(Duration.ofMillis(9_999));
            assertThat(cache.get("k")).isEqualTo("k1");
            time.advance(Duration.ofMillis(1));
            assertThat(cache.get("k")).isEqualTo("k2");
            assertThat(cache.stats().localHits()).isEqualTo(1);
            assertThat(cache.stats().misses()).isEqualTo(2);
            assertThat(cache.stats().loads()).isEqualTo(2);
            assertThat(cache.stats().remoteState()).isEqualTo(TieredCache.RemoteState.NONE);
        }
    }

    @Test
    void jitter_shortensTheTtl() {
        try (TieredCache<String, String> cache = settings()
                .entry(options().jitter(0.5))
                .random(() -> -1L)
                .loader(this::count)
                .build()) {
            cache.get("k");
            time.advance(Duration.ofMillis(5_001));
            assertThat(cache.get("k")).isEqualTo("k2");
        }
    }

    @Test
    void jitter_ofOneEntry_isDrawnOnce() {
        AtomicInteger draws = new AtomicInteger();
        try (TieredCache<String, String> cache = settings()
                .entry(options().jitter(0.5))
                .random(() -> draws.getAndIncrement() == 0 ? 0L : -1L)
                .loader(this::count)
                .build()) {
            cache.get("k");
            time.advance(Duration.ofMillis(9_999));
            assertThat(cache.get("k")).isEqualTo("k1");
            assertThat(draws).hasValue(1);
        }
    }

    @Test
    void absence_isRememberedForTheNegativeTtlOnly() {
        CacheLoader<String, String> none = key -> {
            loads.incrementAndGet();
            return null;
        };
        try (TieredCache<String, String> forgets = settings().loader(none).build();
                TieredCache<String, String> remembers = settings()
                        .entry(options().negativeTtl(Duration.ofSeconds(1)))
                        .loader(none)
                        .build()) {
            assertThat(forgets.get("k")).isNull();
            assertThat(forgets.get("k")).isNull();
            assertThat(loads).hasValue(2);
            assertThat(remembers.get("k")).isNull();
            assertThat(remembers.get("k")).isNull();
            assertThat(loads).hasValue(3);
            assertThat(remembers.peek("k")).satisfies(lookup -> {
                assertThat(lookup.known()).isTrue();
                assertThat(lookup.value()).isNull();
            });
            assertThat(remembers.getAll(List.of("k"))).isEmpty();
            time.advance(Duration.ofSeconds(1));
            assertThat(remembers.get("k")).isNull();
            assertThat(loads).hasValue(4);
        }
    }

    @Test
    void failedLoad_servesTheStaleValueWithinItsTime() {
        try (TieredCache<String, String> cache =
                settings().entry(options().staleFor(Duration.ofSeconds(5))).build()) {
            cache.put("k", "old");
            time.advance(Duration.ofSeconds(12));
            CacheLoader<String, String> fails = key -> {
                throw new IOException("down");
            };
            assertThat(cache.get("k", fails)).isEqualTo("old");
            assertThat(cache.peek("k").stale()).isTrue();
            assertThat(cache.getAll(List.of("k"), fails)).containsEntry("k", "old");
            assertThat(cache.stats().staleServed()).isEqualTo(2);
            time.advance(Duration.ofSeconds(3));
            assertThatThrownBy(() -> cache.get("k", fails))
                    .isInstanceOf(CacheLoadException.class)
                    .hasCauseInstanceOf(IOException.class)
                    .satisfies(e -> assertThat(((CacheLoadException) e).name()).isEqualTo("local"));
            assertThatThrownBy(() -> cache.getAll(List.of("k"), fails)).isInstanceOf(CacheLoadException.class);
            assertThat(cache.stats().loadFailures()).isEqualTo(4);
        }
    }

    @Test
    void uncheckedExceptionsAndErrors_passUnchanged() {
        try (TieredCache<String, String> cache = settings().build()) {
            RuntimeException thrown = new RuntimeException("mine");
            assertThatThrownBy(() -> cache.get("k", key -> {
                        throw thrown;
                    }))
                    .isSameAs(thrown);
            assertThatThrownBy(() -> cache.get("k", key -> {
                        throw new AssertionError("fatal");
                    }))
                    .isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void callers_ofOneKey_shareOneLoadAndItsFailure() throws Exception {
        try (TieredCache<String, String> cache = settings().build()) {
            CountDownLatch loading = new CountDownLatch(1);
            CountDownLatch proceed = new CountDownLatch(1);
            List<Future<String>> all = new ArrayList<>();
            CacheLoader<String, String> slow = key -> {
                loading.countDown();
                proceed.await();
                loads.incrementAndGet();
                throw new IllegalStateException("shared");
            };
            all.add(threads.submit(() -> cache.get("k", slow)));
            loading.await();
            AtomicInteger entered = new AtomicInteger();
            for (int i = 0; i < 7; i++) {
                all.add(threads.submit(() -> {
                    entered.incrementAndGet();
                    return cache.get("k", slow);
                }));
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> entered.get() == 7);
            proceed.countDown();
            for (Future<String> each : all) {
                assertThatThrownBy(each::get).hasRootCauseMessage("shared");
            }
            assertThat(loads.get()).isBetween(1, 8);
        }
    }

    @Test
    void r2_loadThatOverlapsAnInvalidation_isNotKeptAndNotJoined() throws Exception {
        try (TieredCache<String, String> cache = settings().build()) {
            CountDownLatch read = new CountDownLatch(1);
            CountDownLatch proceed = new CountDownLatch(1);
            Future<String> slow = threads.submit(() -> cache.get("k", key -> {
                read.countDown();
                proceed.await();
                return "old";
            }));
            read.await();
            cache.invalidate("k");
            assertThat(cache.get("k", key -> "new")).isEqualTo("new");
            proceed.countDown();
            assertThat(slow.get()).isEqualTo("old");
            assertThat(cache.get("k", key -> "newer")).isEqualTo("new");
            assertThat(cache.stats().localRefused()).isEqualTo(1);
        }
    }

    @Test
    void loadThatOverlapsAClear_isNotKept() {
        try (TieredCache<String, String> cache = settings().build()) {
            assertThat(cache.get("k", key -> {
                        cache.clear();
                        return "old";
                    }))
                    .isEqualTo("old");
            assertThat(cache.peek("k").known()).isFalse();
        }
    }

    @Test
    void recursiveLoad_failsAtOnce() {
        try (TieredCache<String, String> cache = settings().build()) {
            assertThatThrownBy(() -> cache.get("k", key -> cache.get(key, k -> "x")))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("own key");
            assertThatThrownBy(() -> cache.getAll(List.of("k"), key -> cache.get(key, k -> "x")))
                    .hasMessageContaining("own key");
        }
    }

    @Test
    void interruptedLeader_failsNobodyElse() throws Exception {
        try (TieredCache<String, String> cache = settings().build()) {
            CountDownLatch loading = new CountDownLatch(1);
            Thread leader = new Thread(() -> {
                try {
                    cache.get("k", key -> {
                        loading.countDown();
                        new CountDownLatch(1).await(); // until it is interrupted
                        return "never";
                    });
                } catch (CacheLoadException e) {
                    loads.addAndGet(Thread.currentThread().isInterrupted() ? 100 : 0);
                }
            });
            leader.start();
            loading.await();
            Future<String> follower = threads.submit(() -> cache.get("k", key -> "mine"));
            leader.interrupt();
            leader.join();
            assertThat(follower.get()).isEqualTo("mine");
            assertThat(loads).hasValue(100);
        }
    }

    @Test
    void permits_boundTheLoadsAndTheWait() throws Exception {
        try (TieredCache<String, String> cache =
                settings().maximumLoads(1).loadTimeout(Duration.ofMillis(50)).build()) {
            CountDownLatch loading = new CountDownLatch(1);
            CountDownLatch proceed = new CountDownLatch(1);
            Future<String> first = threads.submit(() -> cache.get("a", key -> {
                loading.countDown();
                proceed.await();
                return "A";
            }));
            loading.await();
            assertThatThrownBy(() -> cache.get("b", key -> "B"))
                    .isInstanceOf(CacheTimeoutException.class)
                    .hasMessageContaining("cache local: no value after waiting")
                    .satisfies(e -> {
                        assertThat(((CacheTimeoutException) e).name()).isEqualTo("local");
                        assertThat(((CacheTimeoutException) e).waited()).isGreaterThanOrEqualTo(Duration.ZERO);
                    });
            assertThatThrownBy(() -> cache.get("a", key -> "A")).isInstanceOf(CacheTimeoutException.class);
            assertThatThrownBy(() -> Deadline.after(Duration.ofMillis(1)).call(() -> cache.get("a", key -> "A")))
                    .isInstanceOf(CacheTimeoutException.class);
            proceed.countDown();
            assertThat(first.get()).isEqualTo("A");
            assertThat(cache.stats().timeouts()).isEqualTo(3);
        }
    }

    @Test
    void loadContext_choosesTheOptionsOfOneEntry() {
        CacheLoader<String, String> adaptive = new CacheLoader<>() {
            @Override
            public String load(String key) {
                throw new AssertionError("not this one");
            }

            @Override
            public String load(String key, LoadContext<String> context) {
                context.options(context.options().ttl(Duration.ofSeconds(1)).localTtl(Duration.ofSeconds(1)));
                return count(key);
            }
        };
        try (TieredCache<String, String> cache = settings().loader(adaptive).build()) {
            cache.get("k");
            time.advance(Duration.ofSeconds(1));
            assertThat(cache.get("k")).isEqualTo("k2");
        }
    }

    @Test
    void putPeekInvalidateAllClear_doWhatTheySay() {
        try (TieredCache<String, String> cache = settings().build()) {
            cache.put("a", "1");
            cache.put("b", "2", options().ttl(Duration.ofSeconds(1)));
            cache.put("c", "3");
            time.advance(Duration.ofSeconds(2));
            Lookup<String> lookup = cache.peek("a");
            assertThat(lookup.source()).isEqualTo(Lookup.Source.LOCAL);
            assertThat(lookup.age()).isEqualTo(Duration.ofSeconds(2));
            assertThat(lookup.stale()).isFalse();
            assertThat(cache.peek("b").known()).isFalse();
            assertThat(cache.getAll(List.of("c", "b", "a"))).containsExactly(Map.entry("c", "3"), Map.entry("a", "1"));
            cache.invalidateAll(List.of("a", "b"));
            assertThat(cache.get("a")).isNull();
            cache.clear();
            assertThat(cache.get("c")).isNull();
            assertThat(cache.stats().localSize()).isZero();
        }
    }

    @Test
    void getAll_loadsTogetherAndKeepsWhatItLoaded() {
        try (TieredCache<String, String> cache = settings()
                .entry(options().negativeTtl(Duration.ofSeconds(5)))
                .loader(key -> key.equals("none") ? null : count(key))
                .build()) {
            cache.put("a", "A");
            assertThat(cache.getAll(List.of("x", "a", "none")))
                    .containsExactly(Map.entry("x", "x1"), Map.entry("a", "A"));
            assertThat(cache.getAll(List.of("x", "a", "none"))).hasSize(2);
            assertThat(loads).hasValue(1);
            assertThat(cache.stats().loads()).isEqualTo(1);
        }
    }

    @Test
    void size_isBounded() {
        try (TieredCache<String, String> cache = settings().maximumSize(10).build()) {
            for (int i = 0; i < 1_000; i++) {
                cache.put("k" + i, "v");
            }
            assertThat(cache.stats().localSize()).isLessThanOrEqualTo(10);
            assertThat(cache.stats().localEvictions()).isGreaterThanOrEqualTo(990);
        }
    }

    @Test
    void observer_thatThrows_isContained() {
        AtomicInteger heard = new AtomicInteger();
        TieredCache.Observer loud = new TieredCache.Observer() {
            @Override
            public void onLoad(String name, long nanos, boolean success) {
                heard.incrementAndGet();
                throw new IllegalStateException("loud");
            }
        };
        try (TieredCache<String, String> cache = settings().observer(loud).build()) {
            assertThat(cache.get("k", key -> "v")).isEqualTo("v");
            assertThat(heard).hasValue(1);
        }
    }

    @Test
    void closedCache_refuses() {
        TieredCache<String, String> cache = settings().loader(this::count).build();
        cache.put("k", "v");
        cache.close();
        assertThatThrownBy(() -> cache.get("k")).hasMessage("cache local is closed");
        assertThatThrownBy(() -> cache.put("k", "v")).hasMessage("cache local is closed");
        assertThatThrownBy(() -> cache.invalidate("k")).hasMessage("cache local is closed");
        assertThatThrownBy(cache::clear).hasMessage("cache local is closed");
        assertThatThrownBy(() -> cache.getAll(List.of("k"))).hasMessage("cache local is closed");
    }

    @Test
    void settings_areCheckedAtTheDoor() {
        assertThatThrownBy(() -> TieredCache.builder("no:colon"))
                .hasMessageStartingWith("name must be well-formed: name=no:colon");
        assertThatThrownBy(() -> settings().maximumSize(-1))
                .hasMessageStartingWith("maximumSize must be in range: maximumSize=-1");
        assertThatThrownBy(() -> settings().maximumLoads(0))
                .hasMessageStartingWith("maximumLoads must be in range: maximumLoads=0");
        assertThatThrownBy(() -> settings().maximumValueBytes(0))
                .hasMessageStartingWith("maximumValueBytes must be in range");
        assertThatThrownBy(() -> settings().loadTimeout(Duration.ZERO))
                .hasMessageStartingWith("loadTimeout must be in range");
        assertThatThrownBy(() -> settings().maxUnverified(Duration.ofMillis(-1)))
                .hasMessageStartingWith("maxUnverified must be in range");
        assertThatThrownBy(() -> settings().maximumSize(0).build()).hasMessageStartingWith("cache must have a level");
        assertThatThrownBy(() -> EntryOptions.of(Duration.ZERO))
                .hasMessageStartingWith("ttl must be in range: ttl=PT0S");
        assertThatThrownBy(() -> options().jitter(Double.NaN))
                .hasMessageStartingWith("jitter must be in range: jitter=NaN");
        assertThatThrownBy(() -> options().staleFor(Duration.ofDays(40_000)))
                .hasMessageStartingWith("staleFor must be");
        assertThat(settings().build().toString()).contains("local", "maximumSize=10000", "remote=none");
        assertThat(options().ttl(Duration.ofSeconds(3)).localTtl()).isEqualTo(Duration.ofSeconds(3));
        assertThat(options()
                        .localTtl(Duration.ofSeconds(3))
                        .ttl(Duration.ofSeconds(4))
                        .localTtl())
                .isEqualTo(Duration.ofSeconds(3));
    }
}
