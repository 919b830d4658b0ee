// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The asynchronous view without a remote level. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AsyncCacheTest {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final AtomicInteger loads = new AtomicInteger();

    private CacheBuilder<String, String> settings() {
        return TieredCache.<String, String>builder("local").loader(key -> key + loads.incrementAndGet());
    }

    private static <T> T value(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private void runTasks() {
        while (!tasks.isEmpty()) {
            tasks.remove().run();
        }
    }

    @Test
    void verbs_doWhatTheSynchronousOnesDo() throws Exception {
        try (TieredCache<String, String> cache = settings().build()) {
            AsyncCache<String, String> async = cache.async();
            assertThat(value(async.get("k"))).isEqualTo("k1");
            assertThat(async.get("k")).as("held").isCompletedWithValue("k1");
            value(async.put("k", "put"));
            assertThat(cache.get("k")).isEqualTo("put");
            value(async.put("l", "put", EntryOptions.of(Duration.ofMinutes(1)).tags("t")));
            assertThat(value(async.getAll(List.of("l", "m")))).isEqualTo(Map.of("l", "put", "m", "m2"));
            assertThat(value(async.getAll(List.of("n"), key -> "N"))).isEqualTo(Map.of("n", "N"));
            value(async.invalidateTag("t"));
            value(async.invalidate("k"));
            value(async.remove("m"));
            value(async.invalidateAll(List.of("n")));
            assertThat(cache.stats().localSize()).isLessThanOrEqualTo(1);
            assertThat(value(async.get("k", key -> "mine"))).isEqualTo("mine");
            assertThat(value(async.get("none", key -> null))).isNull();
            assertThatThrownBy(() -> value(async.replaceIfVersion("k", 0, "v")))
                    .hasCauseInstanceOf(IllegalStateException.class);
            assertThat(async).hasToString("AsyncCache of " + cache);
        }
    }

    @Test
    void callers_ofOneKey_shareOneLoadWithSynchronousOnes() throws Exception {
        try (TieredCache<String, String> cache = settings().executor(tasks::add).build()) {
            List<CompletableFuture<String>> all = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                all.add(cache.async().get("k"));
            }
            assertThat(tasks).as("one search for all").hasSize(1);
            runTasks();
            for (CompletableFuture<String> each : all) {
                assertThat(value(each)).isEqualTo("k1");
            }
            CountDownLatch loading = new CountDownLatch(1);
            CountDownLatch proceed = new CountDownLatch(1);
            Thread leader = new Thread(() -> {
                String unused = cache.get("s", key -> {
                    loading.countDown();
                    proceed.await();
                    return "shared";
                });
            });
            leader.start();
            loading.await();
            CompletableFuture<String> follower = cache.async().get("s");
            runTasks();
            assertThat(follower).isNotDone();
            proceed.countDown();
            assertThat(value(follower)).isEqualTo("shared");
            leader.join();
        }
    }

    @Test
    void failures_completeTheFutureUnchanged() {
        try (TieredCache<String, String> cache = settings().build()) {
            IllegalArgumentException mine = new IllegalArgumentException("mine");
            assertThatThrownBy(() -> value(cache.async().get("k", key -> {
                        throw mine;
                    })))
                    .hasCause(mine);
            assertThatThrownBy(() -> value(cache.async().get("k", key -> {
                        throw new IOException("checked");
                    })))
                    .hasCauseInstanceOf(CacheLoadException.class);
            assertThatThrownBy(() -> value(cache.async().get("k", key -> cache.get(key))))
                    .hasRootCauseMessage("cache local: a load asks for its own key: key=k");
            assertThatThrownBy(() -> value(cache.async().getAll(List.of("k"), key -> {
                        throw mine;
                    })))
                    .hasCause(mine);
        }
    }

    @Test
    void cancelledCall_isDroppedBeforeItBeginsAndAloneAfterwards() throws Exception {
        try (TieredCache<String, String> cache = settings().executor(tasks::add).build()) {
            CompletableFuture<String> early = cache.async().get("k");
            CompletableFuture<Void> put = cache.async().put("p", "v");
            CompletableFuture<Map<String, String>> bulk = cache.async().getAll(List.of("x"));
            assertThat(early.cancel(true) && put.cancel(true) && bulk.cancel(true))
                    .isTrue();
            runTasks();
            assertThat(loads).hasValue(0);
            assertThat(cache.peek("p").known()).isFalse();

            CompletableFuture<String> first = cache.async().get("k");
            CompletableFuture<String> second = cache.async().get("k");
            tasks.remove().run(); // the search; the load waits
            assertThat(first.cancel(true)).isTrue();
            runTasks();
            assertThat(value(second)).isEqualTo("k1");
            assertThat(first).isCancelled();
        }
    }

    @Test
    void followerOfALoadThatHangs_timesOut() throws Exception {
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch proceed = new CountDownLatch(1);
        try (TieredCache<String, String> cache =
                settings().loadTimeout(Duration.ofMillis(50)).build()) {
            CompletableFuture<String> hanging = cache.async().get("k", key -> {
                loading.countDown();
                proceed.await();
                return "late";
            });
            loading.await();
            assertThatThrownBy(() -> value(cache.async().get("k"))).hasCauseInstanceOf(CacheTimeoutException.class);
            assertThat(cache.stats().timeouts()).isEqualTo(1);
            proceed.countDown();
            assertThat(value(hanging)).isEqualTo("late");
        }
    }

    @Test
    void closedCache_refuses() {
        TieredCache<String, String> cache = settings().build();
        cache.close();
        assertThatThrownBy(() -> value(cache.async().get("k"))).hasRootCauseMessage("cache local is closed");
        assertThat(cache.async().put("k", "v")).isCompletedExceptionally();
        assertThat(cache.async().invalidate("k")).isCompletedExceptionally();
    }

    @Test
    void staleValue_isGivenToFollowersAtOnce() throws Exception {
        AtomicInteger now = new AtomicInteger();
        try (TieredCache<String, String> cache = settings()
                .ticker(() -> now.get() * 1_000_000_000L)
                .entry(EntryOptions.of(Duration.ofSeconds(1)).staleFor(Duration.ofSeconds(9)))
                .executor(tasks::add)
                .build()) {
            cache.put("k", "old");
            now.set(2);
            CompletableFuture<String> leader = cache.async().get("k");
            CompletableFuture<String> follower = cache.async().get("k");
            tasks.remove().run();
            assertThat(follower).isCompletedWithValue("old");
            runTasks();
            assertThat(value(leader)).isEqualTo("k1");
        }
    }

    @Test
    void executorThatRefuses_failsTheCallsAndLaterOnesWork() throws Exception {
        AtomicInteger refusals = new AtomicInteger(2);
        try (TieredCache<String, String> cache = settings()
                .executor(task -> {
                    if (refusals.getAndDecrement() > 0) {
                        throw new RejectedExecutionException("full");
                    }
                    task.run();
                })
                .build()) {
            assertThat(cache.async().get("k")).isCompletedExceptionally();
            assertThat(cache.async().invalidate("k")).isCompletedExceptionally();
            assertThat(value(cache.async().get("k"))).isEqualTo("k1");
            value(cache.async().invalidate("k"));
            assertThat(value(cache.async().get("k"))).isEqualTo("k2");
            refusals.set(1);
            assertThat(cache.async().put("p", "v")).isCompletedExceptionally();
        }
    }

    @Test
    void get_withoutALoader_looksUpOnly() throws Exception {
        try (TieredCache<String, String> cache =
                TieredCache.<String, String>builder("local").build()) {
            assertThat(value(cache.async().get("k"))).isNull();
            assertThat(cache.stats().misses()).isEqualTo(1);
        }
    }
}
