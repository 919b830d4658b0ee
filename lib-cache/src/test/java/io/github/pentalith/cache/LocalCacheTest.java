// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The cache without a remote level. */
@Timeout(60)
class LocalCacheTest {
    private final VirtualTime time = VirtualTime.create();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private TieredCache.Builder<String, String> builder() {
        return TieredCache.builder("names", String.class, String.class)
                .ticker(time)
                .entry(EntryOptions.of(Duration.ofSeconds(10)).jitter(0));
    }

    @Test
    void get_withLoader_loadsOnceUntilTheTtlEnds() {
        AtomicInteger loads = new AtomicInteger();
        try (var cache = builder().loader(key -> key + loads.incrementAndGet()).build()) {
            assertThat(cache.get("a")).isEqualTo("a1");
            time.advance(Duration.ofSeconds(10).minusNanos(1));
            assertThat(cache.get("a")).isEqualTo("a1");
            time.advance(Duration.ofNanos(1));
            assertThat(cache.get("a")).isEqualTo("a2");
            assertThat(cache.stats().localHits()).isEqualTo(1);
            assertThat(cache.stats().loads()).isEqualTo(2);
            assertThat(cache.stats().misses()).isEqualTo(2);
            assertThat(cache.stats().remoteState()).isEqualTo(TieredCache.RemoteState.NONE);
        }
    }

    @Test
    void get_withoutLoader_knowsOnlyWhatWasPut() {
        try (var cache = builder().build()) {
            assertThat(cache.get("a")).isNull();
            cache.put("a", "1");
            assertThat(cache.get("a")).isEqualTo("1");
            assertThat(cache.getAll(List.of("b", "a"))).containsExactly(Map.entry("a", "1"));
        }
    }

    @Test
    void get_ofAnAbsentValue_remembersItForTheNegativeTtl() {
        AtomicInteger loads = new AtomicInteger();
        try (var cache = builder()
                .entry(EntryOptions.of(Duration.ofSeconds(10)).jitter(0).negativeTtl(Duration.ofSeconds(2)))
                .build()) {
            CacheLoader<String, String> absent = key -> {
                loads.incrementAndGet();
                return null;
            };
            assertThat(cache.get("a", absent)).isNull();
            assertThat(cache.get("a", absent)).isNull();
            assertThat(loads).hasValue(1);
            assertThat(cache.peek("a").known()).isTrue();
            time.advance(Duration.ofSeconds(2));
            assertThat(cache.get("a", key -> "now")).isEqualTo("now");
        }
    }

    @Test
    void get_ofAnAbsentValueWithoutNegativeTtl_asksAgain() {
        AtomicInteger loads = new AtomicInteger();
        try (var cache = builder().build()) {
            for (int i = 0; i < 3; i++) {
                assertThat(cache.get("a", key -> {
                            loads.incrementAndGet();
                            return null;
                        }))
                        .isNull();
            }
            assertThat(loads).hasValue(3);
        }
    }

    @Test
    void jitter_overManyEntries_spreadsTheirEndsOverItsShare() {
        try (var cache = builder()
                .entry(EntryOptions.of(Duration.ofSeconds(10)).jitter(0.5))
                .loader(key -> key)
                .build()) {
            for (int i = 0; i < 200; i++) {
                cache.get("k" + i);
            }
            time.advance(Duration.ofSeconds(5).minusNanos(1));
            assertThat(fresh(cache)).isEqualTo(200);
            time.advance(Duration.ofMillis(2_500));
            assertThat(fresh(cache)).isBetween(20, 140);
            time.advance(Duration.ofMillis(2_501));
            assertThat(fresh(cache)).isZero();
        }
    }

    private static int fresh(TieredCache<String, String> cache) {
        int fresh = 0;
        for (int i = 0; i < 200; i++) {
            fresh += cache.peek("k" + i).stale() || !cache.peek("k" + i).known() ? 0 : 1;
        }
        return fresh;
    }

    @Test
    void get_byManyThreadsAtOnce_loadsOnce() throws Exception {
        AtomicInteger loads = new AtomicInteger();
        CountDownLatch inLoad = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (var cache = TieredCache.builder("names", String.class, String.class)
                .loader(key -> {
                    loads.incrementAndGet();
                    inLoad.countDown();
                    go.await();
                    return "value";
                })
                .build()) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                answers.add(threads.submit(() -> cache.get("a")));
            }
            inLoad.await();
            go.countDown();
            for (Future<String> answer : answers) {
                assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("value");
            }
            assertThat(loads).hasValue(1);
        }
    }

    @Test
    void invalidate_duringALoad_keepsTheOldValueOut() throws Exception {
        CountDownLatch inLoad = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (var cache = builder().build()) {
            Future<String> old = threads.submit(() -> cache.get("a", key -> {
                inLoad.countDown();
                go.await();
                return "old";
            }));
            inLoad.await();
            cache.invalidate("a");
            assertThat(cache.get("a", key -> "new")).isEqualTo("new"); // does not join the flight of before
            go.countDown();
            assertThat(old.get(20, TimeUnit.SECONDS)).isEqualTo("old");
            assertThat(cache.get("a", key -> "newer")).isEqualTo("new");
            assertThat(cache.stats().localRefused()).isEqualTo(1);
        }
    }

    @Test
    void clear_duringALoad_keepsTheOldValueOut() throws Exception {
        CountDownLatch inLoad = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (var cache = builder().build()) {
            cache.put("b", "b");
            Future<String> old = threads.submit(() -> cache.get("a", key -> {
                inLoad.countDown();
                go.await();
                return "old";
            }));
            inLoad.await();
            cache.clear();
            go.countDown();
            old.get(20, TimeUnit.SECONDS);
            assertThat(cache.peek("a").known()).isFalse();
            assertThat(cache.peek("b").known()).isFalse();
        }
    }

    @Test
    void invalidateAll_ofSeveralKeys_dropsThemAlone() {
        try (var cache = builder().build()) {
            cache.put("a", "1");
            cache.put("b", "2");
            cache.put("c", "3");
            cache.invalidateAll(List.of("a", "c", "a"));
            assertThat(cache.getAll(List.of("a", "b", "c"))).containsOnlyKeys("b");
        }
    }

    @Test
    void loaderThatThrows_unchecked_reachesEveryCallerUnchanged() {
        IllegalStateException boom = new IllegalStateException("boom");
        try (var cache = builder()
                .loader(key -> {
                    throw boom;
                })
                .build()) {
            assertThatThrownBy(() -> cache.get("a")).isSameAs(boom);
            assertThat(cache.stats().loadFailures()).isEqualTo(1);
            assertThat(cache.peek("a").known()).isFalse();
        }
    }

    @Test
    void loaderThatThrows_checked_isWrappedWithTheNameOfTheCache() {
        try (var cache = builder()
                .loader(key -> {
                    throw new IOException("disk");
                })
                .build()) {
            assertThatThrownBy(() -> cache.get("a"))
                    .isInstanceOf(CacheLoadException.class)
                    .hasMessageContaining("names")
                    .hasRootCauseMessage("disk");
        }
    }

    @Test
    void loaderThatThrows_anError_isNotHiddenByAStaleValue() {
        AtomicInteger loads = new AtomicInteger();
        try (var cache = builder()
                .entry(EntryOptions.of(Duration.ofSeconds(1)).jitter(0).staleFor(Duration.ofHours(1)))
                .loader(key -> {
                    if (loads.incrementAndGet() > 1) {
                        throw new AssertionError("broken");
                    }
                    return "value";
                })
                .build()) {
            cache.get("a");
            time.advance(Duration.ofSeconds(2));
            assertThatThrownBy(() -> cache.get("a")).isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void loaderThatThrows_withinStaleFor_isAnsweredByTheStaleValue() {
        AtomicInteger loads = new AtomicInteger();
        try (var cache = builder()
                .entry(EntryOptions.of(Duration.ofSeconds(1)).jitter(0).staleFor(Duration.ofSeconds(5)))
                .loader(key -> {
                    if (loads.incrementAndGet() > 1) {
                        throw new IllegalStateException("away");
                    }
                    return "value";
                })
                .build()) {
            cache.get("a");
            time.advance(Duration.ofSeconds(2));
            assertThat(cache.get("a")).isEqualTo("value");
            assertThat(cache.stats().staleServed()).isEqualTo(1);
            assertThat(cache.peek("a").stale()).isTrue();
            time.advance(Duration.ofSeconds(4));
            assertThatThrownBy(() -> cache.get("a")).hasMessage("away");
            cache.invalidate("a");
            assertThat(cache.peek("a").known()).isFalse();
        }
    }

    @Test
    void followers_withAStaleValue_doNotWaitForTheLoad() throws Exception {
        CountDownLatch inLoad = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (var cache = builder()
                .entry(EntryOptions.of(Duration.ofSeconds(1)).jitter(0).staleFor(Duration.ofSeconds(5)))
                .build()) {
            cache.put("a", "old");
            time.advance(Duration.ofSeconds(2));
            Future<String> leader = threads.submit(() -> cache.get("a", key -> {
                inLoad.countDown();
                go.await();
                return "new";
            }));
            inLoad.await();
            assertThat(cache.get("a", key -> "never asked")).isEqualTo("old");
            go.countDown();
            assertThat(leader.get(20, TimeUnit.SECONDS)).isEqualTo("new");
            assertThat(cache.get("a")).isEqualTo("new");
        }
    }

    @Test
    void load_thatAsksForItsOwnKey_failsFast() {
        List<TieredCache<String, String>> self = new ArrayList<>();
        try (var cache = builder().loader(key -> self.get(0).get(key)).build()) {
            self.add(cache);
            assertThatThrownBy(() -> cache.get("a"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("asks for its own key")
                    .hasMessageContaining("a");
        }
    }

    @Test
    void load_thatAsksForAnotherKey_works() {
        List<TieredCache<String, String>> self = new ArrayList<>();
        try (var cache = builder()
                .loader(key -> key.equals("a") ? self.get(0).get("b") + "!" : "b")
                .build()) {
            self.add(cache);
            assertThat(cache.get("a")).isEqualTo("b!");
        }
    }

    @Test
    void follower_thatRunsOutOfPatience_timesOutWithoutHurtingTheLeader() throws Exception {
        CountDownLatch inLoad = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (var cache = TieredCache.builder("names", String.class, String.class)
                .loadTimeout(Duration.ofMillis(50))
                .build()) {
            Future<String> leader = threads.submit(() -> cache.get("a", key -> {
                inLoad.countDown();
                go.await();
                return "late";
            }));
            inLoad.await();
            assertThatThrownBy(() -> cache.get("a", key -> "never asked"))
                    .isInstanceOf(CacheTimeoutException.class)
                    .hasMessageContaining("names");
            go.countDown();
            assertThat(leader.get(20, TimeUnit.SECONDS)).isEqualTo("late");
            assertThat(cache.stats().timeouts()).isEqualTo(1);
        }
    }

    @Test
    void loads_beyondTheirMaximum_waitAndTimeOut() throws Exception {
        CountDownLatch inLoad = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (var cache = TieredCache.builder("names", String.class, String.class)
                .loadTimeout(Duration.ofMillis(50))
                .maximumLoads(1)
                .build()) {
            Future<String> first = threads.submit(() -> cache.get("a", key -> {
                inLoad.countDown();
                go.await();
                return "a";
            }));
            inLoad.await();
            assertThatThrownBy(() -> cache.get("b", key -> "b")).isInstanceOf(CacheTimeoutException.class);
            go.countDown();
            first.get(20, TimeUnit.SECONDS);
            assertThat(cache.get("b", key -> "b")).isEqualTo("b");
        }
    }

    @Test
    void interruptedFollower_keepsItsFlagAndLeavesTheFlight() throws Exception {
        CountDownLatch inLoad = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (var cache = builder().build()) {
            Future<String> leader = threads.submit(() -> cache.get("a", key -> {
                inLoad.countDown();
                go.await();
                return "value";
            }));
            inLoad.await();
            CompletableFuture<Boolean> flag = new CompletableFuture<>();
            Thread follower = new Thread(() -> {
                try {
                    cache.get("a", key -> "never asked");
                } catch (CancellationException e) {
                    flag.complete(Thread.currentThread().isInterrupted());
                }
            });
            follower.start();
            Awaitility.await().until(() -> follower.getState() == Thread.State.TIMED_WAITING);
            follower.interrupt();
            assertThat(flag.get(20, TimeUnit.SECONDS)).isTrue();
            go.countDown();
            assertThat(leader.get(20, TimeUnit.SECONDS)).isEqualTo("value");
        }
    }

    @Test
    void interruptedLeader_failsNobodyElse() throws Exception {
        CountDownLatch inLoad = new CountDownLatch(1);
        try (var cache = builder().build()) {
            CompletableFuture<Throwable> failure = new CompletableFuture<>();
            Thread leader = new Thread(() -> {
                try {
                    cache.get("a", key -> {
                        inLoad.countDown();
                        new CountDownLatch(1).await();
                        return "never";
                    });
                } catch (RuntimeException e) {
                    failure.complete(e);
                }
            });
            leader.start();
            inLoad.await();
            Future<String> follower = threads.submit(() -> cache.get("a", key -> "mine"));
            leader.interrupt();
            assertThat(failure.get(20, TimeUnit.SECONDS))
                    .isInstanceOf(CacheLoadException.class)
                    .hasCauseInstanceOf(InterruptedException.class);
            assertThat(follower.get(20, TimeUnit.SECONDS)).isEqualTo("mine");
        }
    }

    @Test
    void getAll_withABulkLoader_asksOnceForWhatIsMissing() {
        List<Set<? extends String>> asked = new ArrayList<>();
        CacheLoader<String, String> bulk = new CacheLoader<>() {
            @Override
            public String load(String key) {
                throw new AssertionError("one by one");
            }

            @Override
            public Map<String, String> loadAll(Set<? extends String> keys) {
                asked.add(Set.copyOf(keys));
                Map<String, String> found = new LinkedHashMap<>();
                keys.forEach(key -> found.put(key, key.toUpperCase(java.util.Locale.ROOT)));
                found.remove("c");
                found.put("unasked", "x");
                return found;
            }
        };
        try (var cache = builder()
                .entry(EntryOptions.of(Duration.ofSeconds(10))
                        .negativeTtl(Duration.ofSeconds(1))
                        .jitter(0))
                .build()) {
            cache.put("a", "1");
            assertThat(cache.getAll(List.of("b", "a", "c", "b"), bulk))
                    .containsExactly(Map.entry("b", "B"), Map.entry("a", "1"));
            assertThat(asked).containsExactly(Set.of("b", "c"));
            assertThat(cache.getAll(List.of("a", "b", "c"), bulk)).hasSize(2);
            assertThat(asked).hasSize(1);
            assertThat(cache.peek("unasked").known()).isFalse();
        }
    }

    @Test
    void getAll_whoseLoaderThrows_failsAndKeepsNothing() {
        try (var cache = builder()
                .loader(key -> {
                    throw new IllegalStateException("away");
                })
                .build()) {
            assertThatThrownBy(() -> cache.getAll(List.of("a", "b"))).hasMessage("away");
            assertThat(cache.getAll(List.of())).isEmpty();
            assertThat(cache.peek("a").known()).isFalse();
        }
    }

    @Test
    void loader_withAContext_choosesTheOptionsOfTheEntry() {
        CacheLoader<String, String> chooses = new CacheLoader<>() {
            @Override
            public String load(String key) {
                return key;
            }

            @Override
            public String load(String key, LoadContext context) {
                context.options(context.options().ttl(Duration.ofSeconds(1)));
                return key;
            }
        };
        try (var cache = builder().loader(chooses).build()) {
            cache.get("a");
            time.advance(Duration.ofSeconds(1));
            assertThat(cache.peek("a").known()).isFalse();
        }
    }

    @Test
    void maximumSize_whenExceeded_evicts() {
        try (var cache = builder().maximumSize(10).build()) {
            for (int i = 0; i < 100; i++) {
                cache.put("k" + i, "v");
            }
            assertThat(cache.stats().localSize()).isLessThanOrEqualTo(10);
            assertThat(cache.stats().localEvictions()).isGreaterThanOrEqualTo(90);
        }
    }

    @Test
    void observer_ofLoads_isToldAndContained() {
        List<String> heard = new ArrayList<>();
        TieredCache.Observer observer = new TieredCache.Observer() {
            @Override
            public void onLoad(String name, long nanos, boolean success) {
                heard.add(name + " " + nanos + " " + success);
                throw new IllegalStateException("from the observer");
            }
        };
        try (var cache = builder().observer(observer).build()) {
            assertThat(cache.get("a", key -> {
                        time.advance(Duration.ofNanos(7));
                        return "value";
                    }))
                    .isEqualTo("value");
            assertThat(heard).containsExactly("names 7 true");
        }
    }

    @Test
    void close_refusesFurtherWork() {
        var cache = builder().loader(key -> key).build();
        cache.get("a");
        cache.close();
        cache.close();
        assertThatThrownBy(() -> cache.get("a"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("cache names is closed");
        assertThatThrownBy(() -> cache.put("a", "b")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cache.invalidate("a")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(cache::clear).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void arguments_thatAreBad_areRefusedByName() {
        assertThatThrownBy(() -> TieredCache.builder("no good", String.class, String.class))
                .hasMessageStartingWith("name must be well-formed: name=no good (expected: ");
        assertThatThrownBy(() -> builder().maximumSize(-1)).hasMessageStartingWith("maximumSize must be ");
        assertThatThrownBy(() -> builder().maximumSize(0).build()).hasMessageStartingWith("cache must have a level");
        assertThatThrownBy(() -> builder().maximumLoads(0)).hasMessageContaining("maximumLoads=0");
        assertThatThrownBy(() -> builder().loadTimeout(Duration.ZERO)).hasMessageContaining("loadTimeout=PT0S");
        assertThatThrownBy(() -> builder().maximumValueBytes(0)).hasMessageContaining("maximumValueBytes=0");
        assertThatThrownBy(() -> EntryOptions.of(Duration.ZERO)).hasMessageContaining("ttl=PT0S");
        assertThatThrownBy(() -> EntryOptions.of(Duration.ofSeconds(1)).jitter(Double.NaN))
                .hasMessage("jitter must be in range: jitter=NaN (expected: 0 to 1)");
        assertThatThrownBy(() -> EntryOptions.of(Duration.ofSeconds(1)).staleFor(Duration.ofSeconds(-1)))
                .hasMessageContaining("staleFor=PT-1S");
        try (var cache = builder().build()) {
            assertThatThrownBy(() -> cache.get(null)).isInstanceOf(NullPointerException.class);
            assertThatThrownBy(() -> cache.put("a", null)).isInstanceOf(NullPointerException.class);
            assertThat(cache).asString().contains("names", "remote=none");
        }
    }

    @Test
    void get_racingWithInvalidations_neverReturnsAValueFromBeforeAnAcknowledgedOne() throws Exception {
        AtomicInteger truth = new AtomicInteger();
        try (var cache = TieredCache.builder("numbers", String.class, Integer.class)
                .loader(key -> truth.get())
                .build()) {
            Future<?> writer = threads.submit(() -> {
                for (int i = 1; i <= 20_000; i++) {
                    truth.set(i);
                    cache.invalidate("n");
                    acknowledged.set(i);
                }
            });
            List<Future<Integer>> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                readers.add(threads.submit(() -> {
                    int reads = 0;
                    while (!writer.isDone()) {
                        int atLeast = acknowledged.get();
                        assertThat(cache.get("n")).isGreaterThanOrEqualTo(atLeast);
                        reads++;
                    }
                    return reads;
                }));
            }
            get(writer);
            for (Future<Integer> reader : readers) {
                assertThat(get(reader)).isNotNegative();
            }
            assertThat(cache.get("n")).isEqualTo(20_000);
        }
    }

    private final AtomicInteger acknowledged = new AtomicInteger();

    private static <T> T get(Future<T> future) throws InterruptedException, ExecutionException {
        try {
            return future.get(40, TimeUnit.SECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        }
    }
}
