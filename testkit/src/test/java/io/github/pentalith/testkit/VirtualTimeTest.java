// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class VirtualTimeTest {
    private final VirtualTime time = VirtualTime.create();

    @Test
    void clocks_afterAdvance_agree() {
        VirtualTime late = VirtualTime.startingAt(Instant.parse("2030-05-05T05:05:05Z"), Long.MAX_VALUE - 5);
        late.advance(Duration.ofNanos(10));
        assertThat(late.getAsLong() - (Long.MAX_VALUE - 5)).isEqualTo(10);
        assertThat(late.instant()).isEqualTo(Instant.parse("2030-05-05T05:05:05.00000001Z"));
        assertThat(late.elapsed()).isEqualTo(Duration.ofNanos(10));
    }

    @Test
    void advance_negative_isRefusedByName() {
        assertThatThrownBy(() -> time.advance(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("by must not be negative: by=PT-1S (expected: zero or more)");
    }

    @Test
    void advance_overSeveralTasks_runsThemInOrderAtTheirTimes() {
        List<String> heard = new ArrayList<>();
        time.schedule(() -> heard.add("late@" + time.elapsed()), 3, TimeUnit.SECONDS);
        time.schedule(() -> heard.add("first@" + time.elapsed()), 1, TimeUnit.SECONDS);
        time.schedule(() -> heard.add("second@" + time.elapsed()), 1, TimeUnit.SECONDS);
        time.schedule(
                () -> time.schedule(() -> heard.add("nested@" + time.elapsed()), 1, TimeUnit.SECONDS),
                1,
                TimeUnit.SECONDS);
        time.advance(Duration.ofSeconds(2));
        assertThat(heard).containsExactly("first@PT1S", "second@PT1S", "nested@PT2S");
        assertThat(time.pendingTasks()).isEqualTo(1);
        time.advance(Duration.ofSeconds(1));
        assertThat(heard).endsWith("late@PT3S");
    }

    @Test
    void get_onAFuture_drivesTimeToIt() throws Exception {
        ScheduledFuture<String> future = time.schedule(() -> "done", 68, TimeUnit.MINUTES);
        assertThat(future.getDelay(TimeUnit.MINUTES)).isEqualTo(68);
        assertThat(future.get()).isEqualTo("done");
        assertThat(time.elapsed()).isEqualTo(Duration.ofMinutes(68));
    }

    @Test
    void getWithTimeout_beforeTheTask_timesOutAtThatTime() {
        ScheduledFuture<?> future = time.schedule(() -> {}, 10, TimeUnit.SECONDS);
        assertThatThrownBy(() -> future.get(3, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
        assertThat(time.elapsed()).isEqualTo(Duration.ofSeconds(3));
        assertThat(future.isDone()).isFalse();
    }

    @Test
    void cancel_whileWaiting_wakesTheWaiterEarly() {
        ScheduledFuture<?> wait = time.schedule(() -> {}, 1, TimeUnit.HOURS);
        time.schedule(() -> wait.cancel(false), 5, TimeUnit.MINUTES);
        assertThatThrownBy(wait::get).isInstanceOf(CancellationException.class);
        assertThat(time.elapsed()).isEqualTo(Duration.ofMinutes(5));
        assertThat(time.pendingTasks()).isZero();
    }

    @Test
    void get_whenNothingCanCompleteIt_fails() {
        List<Throwable> seen = new ArrayList<>();
        CompletableFuture<String> never = new CompletableFuture<>();
        ScheduledFuture<?>[] self = new ScheduledFuture<?>[1];
        self[0] = time.schedule(
                () -> {
                    try {
                        self[0].get();
                    } catch (Exception e) {
                        seen.add(e);
                    }
                },
                1,
                TimeUnit.SECONDS);
        time.advance(Duration.ofSeconds(1));
        assertThat(seen).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(never).isNotDone();
    }

    @Test
    void get_ofATaskThatThrows_carriesTheCause() {
        ScheduledFuture<?> future = time.schedule(
                () -> {
                    throw new IllegalStateException("boom");
                },
                1,
                TimeUnit.SECONDS);
        assertThatThrownBy(future::get).isInstanceOf(ExecutionException.class).hasRootCauseMessage("boom");
    }

    @Test
    void get_ofAnInterruptedThread_throwsInterrupted() {
        ScheduledFuture<?> future = time.schedule(() -> {}, 1, TimeUnit.SECONDS);
        Thread.currentThread().interrupt();
        assertThatThrownBy(future::get).isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void periodicTasks_atFixedRateAndDelay_runUntilCancelled() {
        AtomicInteger rate = new AtomicInteger();
        AtomicInteger delay = new AtomicInteger();
        ScheduledFuture<?> first = time.scheduleAtFixedRate(rate::incrementAndGet, 0, 1, TimeUnit.SECONDS);
        time.scheduleWithFixedDelay(delay::incrementAndGet, 1, 2, TimeUnit.SECONDS);
        time.advance(Duration.ofSeconds(5));
        assertThat(rate).hasValue(6);
        assertThat(delay).hasValue(3);
        first.cancel(false);
        time.advance(Duration.ofSeconds(2));
        assertThat(rate).hasValue(6);
        assertThat(delay).hasValue(4);
        time.shutdown();
        time.advance(Duration.ofSeconds(10));
        assertThat(delay).hasValue(4);
        assertThat(time.isTerminated()).isTrue();
    }

    @Test
    void periodicTask_withoutPeriod_isRefusedByName() {
        assertThatThrownBy(() -> time.scheduleAtFixedRate(() -> {}, 0, 0, TimeUnit.SECONDS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("period must be positive: period=0 SECONDS (expected: more than 0)");
    }

    @Test
    void submit_andExecute_runWhenTimeIsDriven() throws Exception {
        List<String> heard = new ArrayList<>();
        time.execute(() -> heard.add("executed"));
        assertThat(heard).isEmpty();
        assertThat(time.submit(() -> "submitted").get()).isEqualTo("submitted");
        assertThat(heard).containsExactly("executed");
        assertThat(time.submit(() -> {}, "value").get()).isEqualTo("value");
        assertThat(time.elapsed()).isZero();
    }

    @Test
    void runAll_withAPeriodicTask_stopsAtTheLimit() {
        AtomicInteger runs = new AtomicInteger();
        time.scheduleAtFixedRate(runs::incrementAndGet, 1, 1, TimeUnit.SECONDS);
        assertThat(time.runAll(7)).isEqualTo(7);
        assertThat(runs).hasValue(7);
        assertThatThrownBy(() -> time.runAll(0)).hasMessage("limit must be positive: limit=0 (expected: 1 or more)");
    }

    @Test
    void shutdown_withPendingTasks_letsOneShotsRunAndRefusesNewOnes() {
        List<String> heard = new ArrayList<>();
        time.schedule(() -> heard.add("kept"), 1, TimeUnit.SECONDS);
        time.shutdown();
        assertThatThrownBy(() -> time.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        assertThat(time.isTerminated()).isFalse();
        assertThat(time.awaitTermination(2, TimeUnit.SECONDS)).isTrue();
        assertThat(heard).containsExactly("kept");
        assertThat(time.isShutdown()).isTrue();
    }

    @Test
    void shutdownNow_withPendingTasks_returnsThem() {
        time.schedule(() -> {}, 1, TimeUnit.SECONDS);
        assertThat(time.shutdownNow()).hasSize(1);
        assertThat(time.isTerminated()).isTrue();
        assertThat(time).hasToString("VirtualTime[2026-01-01T00:00:00Z, elapsed=PT0S, pending=0]");
    }

    @Test
    void tasks_drivenByTwoThreads_runExactlyOnce() throws Exception {
        int tasks = 20_000;
        AtomicInteger runs = new AtomicInteger();
        for (int i = 0; i < tasks; i++) {
            time.schedule(runs::incrementAndGet, i, TimeUnit.MILLISECONDS);
        }
        ScheduledFuture<?> last = time.schedule(() -> {}, tasks, TimeUnit.MILLISECONDS);
        Thread other = new Thread(() -> time.advance(Duration.ofMillis(tasks)));
        other.start();
        last.get();
        other.join();
        assertThat(runs).hasValue(tasks);
        assertThat(time.elapsed()).isGreaterThanOrEqualTo(Duration.ofMillis(tasks));
        assertThat(time.pendingTasks()).isZero();
    }

    @Test
    void times_beyondTheRangeOfLong_saturate() {
        ScheduledFuture<?> never = time.schedule(() -> {}, Long.MAX_VALUE, TimeUnit.DAYS);
        time.advance(Duration.ofSeconds(1));
        ScheduledFuture<?> late = time.schedule(() -> {}, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        assertThat(never.compareTo(late))
                .as("one time, so the order of submission")
                .isNegative();
        time.advance(Duration.ofSeconds(Long.MAX_VALUE));
        assertThat(time.elapsed()).isEqualTo(Duration.ofNanos(Long.MAX_VALUE));
        assertThat(never.isDone()).isTrue();
        assertThat(late.isDone()).isTrue();
    }

    @Test
    void periodicTask_cancelledOrShutDownWhileItRuns_isNotPlannedAgain() {
        AtomicInteger runs = new AtomicInteger();
        ScheduledFuture<?>[] self = new ScheduledFuture<?>[1];
        self[0] = time.scheduleAtFixedRate(
                () -> {
                    runs.incrementAndGet();
                    self[0].cancel(false);
                },
                1,
                1,
                TimeUnit.SECONDS);
        time.scheduleAtFixedRate(
                () -> {
                    runs.incrementAndGet();
                    time.shutdown();
                },
                5,
                1,
                TimeUnit.SECONDS);
        time.advance(Duration.ofMinutes(1));
        assertThat(runs).hasValue(2);
        assertThat(time.pendingTasks()).isZero();
        assertThat(((RunnableScheduledFuture<?>) self[0]).isPeriodic()).isTrue();
    }

    @Test
    void taskThatWaitsForAnother_insideATask_drivesTimeItself() throws Exception {
        List<String> heard = new ArrayList<>();
        ScheduledFuture<?> outer = time.schedule(
                () -> {
                    heard.add("begin@" + time.elapsed());
                    time.schedule(() -> {}, 2, TimeUnit.SECONDS).get();
                    return heard.add("end@" + time.elapsed());
                },
                1,
                TimeUnit.SECONDS);
        outer.get();
        assertThat(heard).containsExactly("begin@PT1S", "end@PT3S");
    }

    @Test
    void get_whileAnotherThreadRunsTheLastTask_waitsForIt() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch finish = new CountDownLatch(1);
        ScheduledFuture<String> future = time.schedule(
                () -> {
                    running.countDown();
                    finish.await();
                    return "done";
                },
                1,
                TimeUnit.SECONDS);
        Thread driver = new Thread(() -> time.advance(Duration.ofSeconds(1)));
        driver.start();
        running.await();
        assertThat(time.isTerminated()).isFalse();
        Thread releaser = new Thread(() -> {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> driver.getState() == Thread.State.WAITING
                            || driver.getState() == Thread.State.TIMED_WAITING);
            finish.countDown();
        });
        releaser.start();
        assertThat(future.get(5, TimeUnit.SECONDS)).isEqualTo("done");
        driver.join();
        releaser.join();
        assertThat(future.get(1, TimeUnit.SECONDS)).isEqualTo("done");
        time.shutdown();
        assertThat(time.awaitTermination(1, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void awaitTermination_withATaskBeyondTheTimeout_isFalse() {
        time.schedule(() -> {}, 1, TimeUnit.HOURS);
        time.shutdown();
        assertThat(time.awaitTermination(1, TimeUnit.SECONDS)).isFalse();
    }
}
