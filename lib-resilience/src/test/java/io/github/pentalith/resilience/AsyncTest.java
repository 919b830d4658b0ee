// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class AsyncTest {
    private final VirtualTime time = VirtualTime.create();
    private final Recorder gate = new Recorder();
    private final List<CompletableFuture<String>> sources = new ArrayList<>();

    private Pipeline.Builder builder() {
        return Pipeline.builder("p").ticker(time).scheduler(time).executor(time).admission(gate);
    }

    private static Retry retry(int attempts) {
        return Retry.of(attempts, Backoff.fixed(ofMillis(100)));
    }

    private CompletableFuture<String> pending() {
        CompletableFuture<String> source = new CompletableFuture<>();
        sources.add(source);
        return source;
    }

    private static Throwable failure(CompletableFuture<?> result) {
        assertThat(result).isCompletedExceptionally();
        return result.handle((value, error) -> Outcomes.unwrapped(error)).join();
    }

    @Test
    void success_completesWhereTheStageDoes() {
        Pipeline pipeline = builder().build();
        CompletableFuture<String> result = pipeline.callAsync(this::pending);
        assertThat(result).isNotDone();
        sources.get(0).complete("x");
        assertThat(result).isCompletedWithValue("x");
        assertThat(gate.succeeded).hasValue(1);
        assertThat(pipeline.stats().successes()).isEqualTo(1);
    }

    @Test
    void failures_areRetriedOnTheScheduler() {
        Pipeline pipeline = builder().retry(retry(3)).build();
        AtomicInteger attempts = new AtomicInteger();
        CompletableFuture<String> result = pipeline.callAsync(() -> {
            int attempt = attempts.incrementAndGet();
            if (attempt == 1) {
                throw new IllegalStateException("thrown");
            }
            return attempt == 2
                    ? CompletableFuture.supplyAsync(
                            () -> {
                                throw new IllegalArgumentException("in the stage");
                            },
                            Runnable::run)
                    : CompletableFuture.completedFuture("third");
        });
        time.advance(ofMillis(99));
        assertThat(attempts).hasValue(1);
        time.advance(ofMillis(101));
        assertThat(result).isCompletedWithValue("third");
        assertThat(gate.failed).hasValue(2);
        assertThat(pipeline.stats().retries()).isEqualTo(2);
    }

    @Test
    void lastFailure_comesOutUnwrapped_withTheEarlierSuppressed() {
        Pipeline pipeline = builder().retry(Retry.of(2, Backoff.none())).build();
        AtomicInteger attempts = new AtomicInteger();
        CompletableFuture<String> result = pipeline.callAsync(
                () -> CompletableFuture.failedFuture(new IOException("attempt " + attempts.incrementAndGet())));
        time.runAll(10);
        assertThat(failure(result)).isInstanceOf(IOException.class).hasMessage("attempt 2");
        assertThat(failure(result).getSuppressed()).hasSize(1);
        assertThat(pipeline.stats().failures()).isEqualTo(1);
    }

    @Test
    void badResults_areRetried_andTheLastIsReturned() {
        Pipeline pipeline = builder()
                .retry(retry(2).onResult(String.class, result -> result.equals("bad")))
                .build();
        CompletableFuture<String> result = pipeline.callAsync(() -> CompletableFuture.completedFuture("bad"));
        time.runAll(10);
        assertThat(result).isCompletedWithValue("bad");
        assertThat(gate.failed).hasValue(2);
    }

    @Test
    void refusal_andNoStage_comeThroughTheResult() {
        gate.refusal = -7;
        Pipeline pipeline = builder().retry(retry(2)).build();
        assertThat(failure(pipeline.callAsync(this::pending))).isInstanceOf(RejectedCallException.class);
        gate.refusal = 0;
        assertThat(failure(builder().build().callAsync(() -> null)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("the work returned no stage");
        assertThat(gate.outstanding()).isZero();
    }

    @Test
    void cancellingTheResult_cancelsTheSource_andEndsTheRetries() {
        Pipeline pipeline = builder().retry(retry(5)).build();
        CompletableFuture<String> running = pipeline.callAsync(this::pending);
        running.cancel(false);
        assertThat(sources.get(0)).isCancelled();
        CompletableFuture<String> waiting = pipeline.callAsync(this::pending);
        sources.get(1).completeExceptionally(new IOException());
        waiting.cancel(false);
        time.runAll(100);
        assertThat(sources).hasSize(2);
        assertThat(gate.released).hasValue(1);
        assertThat(gate.outstanding()).isZero();
        assertThat(pipeline.stats().cancellations()).isEqualTo(2);
        assertThat(time.pendingTasks()).isZero();
    }

    @Test
    void attemptTimeout_cancelsTheAttempt_andRetries() {
        Pipeline pipeline =
                builder().attemptTimeout(ofMillis(300)).retry(retry(2)).build();
        CompletableFuture<String> result = pipeline.callAsync(this::pending);
        time.advance(ofMillis(300));
        assertThat(sources.get(0)).isCancelled();
        time.advance(ofMillis(100));
        assertThat(sources).hasSize(2);
        sources.get(1).complete("second");
        assertThat(result).isCompletedWithValue("second");
        assertThat(time.pendingTasks()).isZero();
    }

    @Test
    void deadline_endsTheCall_withTheLastFailureAsCause() {
        Pipeline pipeline = builder().deadline(ofSeconds(1)).retry(retry(5)).build();
        CompletableFuture<String> result = pipeline.callAsync(this::pending);
        sources.get(0).completeExceptionally(new IOException("first"));
        time.advance(ofSeconds(2));
        assertThat(sources.get(1)).isCancelled();
        Throwable e = failure(result);
        assertThat(e).isInstanceOf(CallTimeoutException.class).hasCauseInstanceOf(IOException.class);
        assertThat(((CallTimeoutException) e).overall()).isTrue();
        assertThat(((CallTimeoutException) e).timeout()).isEqualTo(ofSeconds(1));
        assertThat(((CallTimeoutException) e).attempts()).isEqualTo(2);
        assertThat(pipeline.stats().timeouts()).isEqualTo(1);
        assertThat(gate.failed).hasValue(2);
    }

    @Test
    void deadlineOfTheThread_isKept_andAnExpiredOneRefuses() {
        Pipeline pipeline = builder().deadline(ofSeconds(5)).build();
        Deadline near = Deadline.after(ofSeconds(1), time);
        CompletableFuture<String> result = near.call(() -> pipeline.callAsync(this::pending));
        time.advance(ofSeconds(1));
        assertThat(failure(result)).isInstanceOf(CallTimeoutException.class);
        CompletableFuture<String> late = near.call(() -> pipeline.callAsync(this::pending));
        assertThat(failure(late)).hasMessage("call was not made: name=p, reason=DEADLINE");
        assertThat(Deadline.current()).isNull();
    }

    @Test
    void frame_isSetWhileTheWorkIsStarted_andRestored() {
        Pipeline pipeline = builder()
                .deadline(ofSeconds(5))
                .attemptTimeout(ofSeconds(1))
                .retry(retry(2))
                .build();
        List<Duration> seen = new ArrayList<>();
        CompletableFuture<String> result = pipeline.callAsync(() -> {
            seen.add(Deadline.current().remaining());
            return CompletableFuture.failedFuture(new IOException());
        });
        time.advance(ofSeconds(1));
        assertThat(seen).containsExactly(ofSeconds(1), ofSeconds(1));
        assertThat(Deadline.current()).isNull();
        assertThat(failure(result)).isInstanceOf(IOException.class);
    }

    @Test
    void schedulerOrExecutorThatIsShutDown_endsTheCallWithItsFailure() {
        Pipeline delayed = builder().deadline(ofSeconds(5)).retry(retry(3)).build();
        Pipeline atOnce = builder().retry(Retry.of(3, Backoff.none())).build();
        time.shutdown();
        Supplier<CompletableFuture<String>> failing = () -> CompletableFuture.failedFuture(new IOException("down"));
        assertThat(failure(delayed.callAsync(failing))).hasMessage("down");
        assertThat(failure(atOnce.callAsync(failing))).hasMessage("down");
        assertThat(gate.outstanding()).isZero();
    }

    @Test
    void defaults_useTheSharedTimer() throws Exception {
        Pipeline pipeline = Pipeline.builder("p")
                .attemptTimeout(ofMillis(20))
                .retry(Retry.of(2, Backoff.fixed(ofMillis(1))))
                .build();
        assertThatThrownBy(() -> pipeline.callAsync(this::pending).get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(CallTimeoutException.class);
        assertThat(sources).hasSize(2).allMatch(CompletableFuture::isCancelled);
    }

    @Test
    void cancel_whileAnAttemptEntersTheGates_givesAllTokensBackAndDoesNoWork() {
        Bulkhead bulkhead = Bulkhead.of("b", 10);
        Pipeline pipeline = builder().bulkhead(bulkhead).retry(retry(2)).build();
        CompletableFuture<String> result = pipeline.callAsync(this::pending);
        gate.onAcquire = () -> result.cancel(true);
        sources.get(0).completeExceptionally(new IOException("down"));
        time.advance(ofMillis(100));
        assertThat(result).isCancelled();
        assertThat(sources).hasSize(1);
        assertThat(gate.granted).hasValue(2);
        assertThat(gate.outstanding()).isZero();
        assertThat(bulkhead.stats().inFlight()).isZero();
        assertThat(pipeline.stats().cancellations()).isEqualTo(1);
    }

    @Test
    void cancel_whileAGateRefuses_givesTheOtherTokensBack() {
        Bulkhead bulkhead = Bulkhead.of("b", 10);
        Pipeline pipeline = builder().bulkhead(bulkhead).retry(retry(3)).build();
        CompletableFuture<String> result = pipeline.callAsync(this::pending);
        gate.onAcquire = () -> result.cancel(true);
        gate.throwsOnAcquire = true;
        sources.get(0).completeExceptionally(new IOException("down"));
        time.advance(ofSeconds(1));
        assertThat(result).isCancelled();
        assertThat(sources).hasSize(1);
        assertThat(bulkhead.stats().inFlight()).isZero();
    }

    /** Completion, timeout and cancellation race on real threads; each token comes back once. */
    @Test
    void races_ofCompletionTimeoutAndCancel_settleOnce() throws Exception {
        Pipeline pipeline = Pipeline.builder("p")
                .attemptTimeout(Duration.ofNanos(200_000))
                .retry(Retry.of(3, Backoff.none()).budget(RetryBudget.unlimited()))
                .breaker(CircuitBreaker.builder("c")
                        .window(1000)
                        .minimumCalls(1000)
                        .failureRate(1)
                        .build())
                .bulkhead(Bulkhead.of("b", 1_000_000))
                .admission(gate)
                .build();
        int calls = 2_000;
        List<CompletableFuture<String>> results = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            CompletableFuture<String> result = pipeline.callAsync(() -> {
                CompletableFuture<String> source = new CompletableFuture<>();
                if (ThreadLocalRandom.current().nextBoolean()) {
                    CompletableFuture.runAsync(() -> source.complete("x"));
                }
                return source;
            });
            results.add(result);
            if (ThreadLocalRandom.current().nextInt(3) == 0) {
                result.cancel(true);
            }
        }
        for (CompletableFuture<String> result : results) {
            result.handle((value, error) -> "ended").get(60, TimeUnit.SECONDS);
        }
        await().atMost(ofSeconds(60)).until(() -> gate.outstanding() == 0);
        Pipeline.Stats stats = pipeline.stats();
        assertThat(stats.successes() + stats.failures() + stats.timeouts() + stats.rejections() + stats.cancellations())
                .isEqualTo(calls);
    }
}
