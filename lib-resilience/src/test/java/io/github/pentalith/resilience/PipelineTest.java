// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pentalith.testkit.VirtualTime;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PipelineTest {
    private final VirtualTime time = VirtualTime.create();
    private final AtomicInteger attempts = new AtomicInteger();
    private final List<String> heard = new ArrayList<>();

    private Pipeline.Builder builder() {
        return Pipeline.builder("p").ticker(time).scheduler(time);
    }

    private static Retry retry(int attempts) {
        return Retry.of(attempts, Backoff.fixed(ofMillis(100)));
    }

    /** Fails with a numbered exception until the given attempt. */
    private String flaky(int succeedsAt) throws IOException {
        int attempt = attempts.incrementAndGet();
        if (attempt < succeedsAt) {
            throw new IOException("attempt " + attempt);
        }
        return "done at " + attempt;
    }

    private Pipeline.Observer listening() {
        return new Pipeline.Observer() {
            @Override
            public void onSuccess(String name, int attempts, long nanos) {
                heard.add(name + " success " + attempts + " " + Duration.ofNanos(nanos));
            }

            @Override
            public void onFailure(String name, int attempts, long nanos, Throwable error) {
                heard.add(name + " failure " + attempts + " " + Duration.ofNanos(nanos) + " " + error.getMessage());
            }

            @Override
            public void onRejected(String name, RejectedCallException.Reason reason) {
                heard.add(name + " rejected " + reason);
            }

            @Override
            public void onRetry(String name, int attempt, long delayNanos) {
                heard.add(name + " retry " + attempt + " " + Duration.ofNanos(delayNanos));
            }
        };
    }

    @Test
    void emptyPipeline_isTheCall() throws Exception {
        Pipeline pipeline = builder().build();
        assertThat(pipeline.call(() -> "x")).isEqualTo("x");
        assertThat(pipeline.<Object, RuntimeException>call(() -> null)).isNull();
        assertThatThrownBy(() -> pipeline.call(() -> flaky(9))).hasMessage("attempt 1");
        assertThat(pipeline.stats()).isEqualTo(new Pipeline.Stats("p", 2, 1, 0, 0, 0, 0, 0));
        assertThat(pipeline.name()).isEqualTo("p");
    }

    @Test
    void toString_printsTheOneOrder() {
        Pipeline pipeline = builder()
                .attemptTimeout(ofMillis(300))
                .rateLimiter(RateLimiter.of("r", Rate.perSecond(5)))
                .bulkhead(Bulkhead.builder("b").limit(4).maxWait(ofMillis(10)).build())
                .breaker(CircuitBreaker.builder("c").window(10).build())
                .retry(retry(3).budget(RetryBudget.ratio(0.2)))
                .deadline(ofSeconds(2))
                .build();
        assertThat(pipeline)
                .hasToString(
                        "Pipeline[p: deadline PT2S > retry (3 attempts, fixed PT0.1S, budget ratio 0.2, reserve 10)"
                                + " > CircuitBreaker[c, CLOSED, window=10 calls, minimumCalls=10, failureRate=0.5,"
                                + " openFor=PT1S..PT30S, probes=3, probeLease=PT5S] > Bulkhead[b, limit=4, maxWait=PT0.01S]"
                                + " > RateLimiter[r, 5 per PT1S, burst=5] > attempt timeout PT0.3S > work]");
        assertThat(Pipeline.standard("s", ofSeconds(1)).toString())
                .startsWith(
                        "Pipeline[s: deadline PT1S > retry (3 attempts, exponential PT0.05S up to PT1S, full jitter,"
                                + " budget of its own) > CircuitBreaker[s, ");
    }

    @Test
    void retry_untilSuccess_waitsThroughTheScheduler() throws Exception {
        Pipeline pipeline = builder().retry(retry(3)).observer(listening()).build();
        assertThat(pipeline.call(() -> flaky(3))).isEqualTo("done at 3");
        assertThat(time.elapsed()).isEqualTo(ofMillis(200));
        assertThat(heard).containsExactly("p retry 1 PT0.1S", "p retry 2 PT0.1S", "p success 3 PT0.2S");
        assertThat(pipeline.stats().retries()).isEqualTo(2);
    }

    @Test
    void retry_exhausted_throwsTheLastWithTheEarlierSuppressed() {
        Pipeline pipeline = builder()
                .retry(Retry.of(12, Backoff.none()).budget(RetryBudget.unlimited()))
                .observer(listening())
                .build();
        Throwable e = catchThrowable(() -> pipeline.call(() -> flaky(99)));
        assertThat(e).hasMessage("attempt 12");
        assertThat(e.getSuppressed()).hasSize(8);
        assertThat(e.getSuppressed()[7]).hasMessage("attempt 11");
        assertThat(heard).last().isEqualTo("p failure 12 PT0S attempt 12");
    }

    @Test
    void retry_ofOneSharedException_doesNotGrowIt() {
        IOException shared = new IOException("shared");
        Pipeline pipeline = builder()
                .retry(Retry.of(2, Backoff.none()).budget(RetryBudget.unlimited()))
                .build();
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> pipeline.run(() -> {
                        if (attempts.incrementAndGet() % 2 == 1) {
                            throw new IOException("other");
                        }
                        throw shared;
                    }))
                    .isSameAs(shared);
        }
        assertThat(shared.getSuppressed()).hasSize(8);
    }

    @Test
    void retry_onlyNamedTypesAndAcceptedOnes() {
        Retry named = retry(3).on(IOException.class).when(e -> !(e instanceof FileNotFoundException));
        Pipeline pipeline = builder().retry(named).build();
        assertThatThrownBy(() -> pipeline.run(() -> {
                    attempts.incrementAndGet();
                    throw new FileNotFoundException();
                }))
                .isInstanceOf(FileNotFoundException.class);
        assertThatThrownBy(() -> pipeline.run(() -> {
                    attempts.incrementAndGet();
                    throw new IllegalStateException();
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(attempts).hasValue(2);
    }

    @Test
    void retry_neverOfErrorsInterruptionsCancellationsAndRejections() {
        Pipeline pipeline = builder().retry(retry(3)).build();
        for (Throwable e : List.of(
                new LinkageError(),
                new InterruptedException(),
                new CancellationException(),
                new RejectedExecutionException())) {
            assertThatThrownBy(() -> pipeline.run(() -> {
                        attempts.incrementAndGet();
                        if (e instanceof Error error) {
                            throw error;
                        }
                        throw (Exception) e;
                    }))
                    .isSameAs(e);
            assertThat(Thread.interrupted()).isEqualTo(e instanceof InterruptedException);
        }
        assertThat(attempts).hasValue(4);
        assertThat(pipeline.stats()).isEqualTo(new Pipeline.Stats("p", 0, 1, 0, 1, 2, 0, 0));
    }

    @Test
    void retry_ofBadResults_countsAsFailureAndReturnsTheLast() {
        Recorder gate = new Recorder();
        Pipeline pipeline = builder()
                .retry(retry(3).onResult(Integer.class, status -> status >= 500))
                .admission(gate)
                .build();
        assertThat(pipeline.<Integer, RuntimeException>call(() -> 500 + attempts.incrementAndGet()))
                .isEqualTo(503);
        assertThat(pipeline.<Integer, RuntimeException>call(() -> 200)).isEqualTo(200);
        assertThat(pipeline.<Object, RuntimeException>call(() -> null)).isNull();
        assertThat(pipeline.<Object, RuntimeException>call(() -> "text")).isEqualTo("text");
        assertThat(gate.failed).hasValue(3);
        assertThat(gate.succeeded).hasValue(3);
        assertThat(gate.outstanding()).isZero();
        assertThat(pipeline.stats().successes()).isEqualTo(4);
    }

    @Test
    void retryAfter_ofTheFailure_isHonoured() throws Exception {
        Duration[] asked = {ofSeconds(3)};
        Pipeline pipeline = builder().retry(retry(2).retryAfter(e -> asked[0])).build();
        pipeline.call(() -> flaky(2));
        assertThat(time.elapsed()).isEqualTo(ofSeconds(3));
        attempts.set(0);
        asked[0] = null;
        pipeline.call(() -> flaky(2));
        assertThat(time.elapsed()).isEqualTo(ofMillis(3100));
        attempts.set(0);
        asked[0] = ofSeconds(-1); // do not retry
        assertThatThrownBy(() -> pipeline.call(() -> flaky(2))).hasMessage("attempt 1");
    }

    @Test
    void retry_withoutBudget_endsWithTheFailure() {
        Pipeline pipeline =
                builder().retry(retry(5).budget(RetryBudget.of(0, 2))).build();
        assertThatThrownBy(() -> pipeline.call(() -> flaky(99))).hasMessage("attempt 3");
        assertThat(pipeline.stats().retriesDenied()).isEqualTo(1);
    }

    @Test
    void nestedRetry_makesOneAttempt_unlessToldOtherwise() {
        Pipeline outer = builder().retry(retry(3)).build();
        Pipeline inner = builder().retry(retry(3)).build();
        assertThatThrownBy(() -> outer.call(() -> inner.call(() -> flaky(99)))).hasMessage("attempt 3");
        attempts.set(0);
        Pipeline multiplying = builder().retry(retry(3).nested()).build();
        assertThatThrownBy(() -> outer.call(() -> multiplying.call(() -> flaky(99))))
                .hasMessage("attempt 9");
        attempts.set(0);
        assertThatThrownBy(() -> inner.call(() -> flaky(99))).hasMessage("attempt 3");
    }

    @Test
    void retryAlone_isAPipelineOfItsOwn() throws Exception {
        Retry retry = Retry.of(3, Backoff.of(n -> ofMillis(n - 2))).budget(RetryBudget.of(0.5, 3));
        assertThat(retry.call(() -> flaky(3))).isEqualTo("done at 3");
        assertThatThrownBy(() -> retry.run(() -> flaky(99))).hasMessage("attempt 5");
        assertThat(retry.toString()).isEqualTo("3 attempts, custom, budget ratio 0.5, reserve 3");
        assertThat(Backoff.exponential(ofSeconds(60)).equalJitter().toString())
                .isEqualTo("exponential PT1M up to PT1M, equal jitter");
        assertThat(RetryBudget.unlimited()).hasToString("unlimited");
    }

    @Test
    void deadline_boundsRetries_andTakesNoTokenInVain() {
        RetryBudget budget = RetryBudget.of(0, 5);
        Pipeline pipeline =
                builder().deadline(ofMillis(250)).retry(retry(5).budget(budget)).build();
        assertThatThrownBy(() -> pipeline.call(() -> flaky(99))).hasMessage("attempt 3");
        assertThat(time.elapsed()).isEqualTo(ofMillis(200));
        assertThat(budget.stats().available()).isEqualTo(3);
    }

    @Test
    void deadline_isVisibleInside_shortenedByTheAttempt_andGoneAfterwards() {
        Pipeline pipeline = builder()
                .deadline(ofSeconds(2))
                .attemptTimeout(ofMillis(300))
                .retry(retry(2))
                .build();
        List<Duration> seen = new ArrayList<>();
        assertThatThrownBy(() -> pipeline.run(() -> {
                    seen.add(Deadline.current().remaining());
                    time.advance(ofMillis(1700));
                    throw new IOException();
                }))
                .isInstanceOf(IOException.class);
        assertThat(seen).containsExactly(ofMillis(300), ofMillis(200));
        assertThat(Deadline.current()).isNull();
    }

    @Test
    void deadline_inside_onlyShortens() {
        Pipeline outer = builder().deadline(ofSeconds(1)).build();
        Pipeline inner = builder().deadline(ofSeconds(5)).build();
        Pipeline otherClock = Pipeline.builder("o").deadline(ofSeconds(5)).build();
        outer.run(() -> {
            time.advance(ofMillis(400));
            inner.run(() -> assertThat(Deadline.current().remaining()).isEqualTo(ofMillis(600)));
            otherClock.run(() -> assertThat(Deadline.current().remaining()).isLessThanOrEqualTo(ofMillis(600)));
            time.advance(ofMillis(600));
            RejectedCallException e = catchThrowableOfType(RejectedCallException.class, () -> inner.run(() -> {}));
            assertThat(e.reason()).isEqualTo(RejectedCallException.Reason.DEADLINE);
            assertThat(e.retryAfter()).isNull();
            assertThat(Deadline.current().remaining()).isZero();
        });
        assertThat(inner.stats().rejections()).isEqualTo(1);
    }

    @Test
    void fallback_seesEveryException_butNoError() {
        Pipeline pipeline = builder().breaker(CircuitBreaker.of("c")).build();
        assertThat(pipeline.<String>call(() -> "fine", e -> "plan b")).isEqualTo("fine");
        assertThat(pipeline.<String>call(() -> flaky(9), e -> "plan b: " + e.getMessage()))
                .isEqualTo("plan b: attempt 1");
        assertThatThrownBy(() -> pipeline.<String>call(
                        () -> {
                            throw new LinkageError("x");
                        },
                        e -> "plan b"))
                .isInstanceOf(LinkageError.class);
        String interrupted = pipeline.call(
                () -> {
                    throw new InterruptedException();
                },
                e -> "stopped");
        assertThat(interrupted).isEqualTo("stopped");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void refusalByAnInnerGate_givesTheOuterTokensBack() {
        CircuitBreaker breaker =
                CircuitBreaker.builder("c").window(10).ticker(time).build();
        Bulkhead bulkhead = Bulkhead.of("b", 2);
        Recorder gate = new Recorder();
        Pipeline pipeline = builder()
                .breaker(breaker)
                .bulkhead(bulkhead)
                .admission(gate)
                .observer(listening())
                .build();
        gate.refusal = -5;
        RejectedCallException e = catchThrowableOfType(RejectedCallException.class, () -> pipeline.run(() -> {}));
        assertThat(e.retryAfter()).isEqualTo(Duration.ofNanos(5));
        assertThat(e.name()).isEqualTo("recorder");
        assertThat(bulkhead.stats().inFlight()).isZero();
        assertThat(breaker.stats().released()).isEqualTo(1);
        gate.throwsOnAcquire = true;
        assertThatThrownBy(() -> pipeline.run(() -> {})).hasMessage("acquire");
        assertThat(bulkhead.stats().inFlight()).isZero();
        gate.throwsOnAcquire = false;
        gate.refusal = 0;
        gate.throwsOnVerdict = true;
        pipeline.run(() -> {});
        assertThatThrownBy(() -> pipeline.call(() -> flaky(9))).hasMessage("attempt 1");
        assertThat(bulkhead.stats().inFlight()).isZero();
        assertThat(gate.outstanding()).isZero();
        assertThat(heard).first().isEqualTo("p rejected OTHER");
    }

    @Test
    void untimedGate_thatRefuses_isAskedAgainWithTheTime() {
        Recorder gate = new Recorder();
        gate.refusal = Admission.UNKNOWN_WAIT;
        Pipeline pipeline = builder().admission(gate).build();
        time.advance(Duration.ofNanos(7));
        assertThatThrownBy(() -> pipeline.run(() -> {})).isInstanceOf(RejectedCallException.class);
        assertThat(gate.events).containsExactly("refused@untimed", "refused@7");
    }

    @Test
    void timedGate_isToldStartAndEnd() {
        Recorder gate = new Recorder();
        gate.timed = true;
        Pipeline pipeline = builder().admission(gate).build();
        pipeline.run(() -> time.advance(ofMillis(3)));
        assertThat(gate.events).containsExactly("granted", "success 0 in 3000000");
    }

    @Test
    void openBreaker_endsTheRetries() {
        CircuitBreaker breaker = CircuitBreaker.builder("c")
                .consecutiveFailures(2)
                .openFor(ofSeconds(9))
                .ticker(time)
                .build();
        Pipeline pipeline = builder().retry(retry(5)).breaker(breaker).build();
        Throwable e = catchThrowable(() -> pipeline.call(() -> flaky(99)));
        assertThat(e).isInstanceOf(RejectedCallException.class);
        assertThat(e.getSuppressed()).extracting(Throwable::getMessage).containsExactly("attempt 1", "attempt 2");
        assertThat(pipeline.stats().rejections()).isEqualTo(1);
    }

    @Test
    void interruptedWait_throwsTheLastFailureWithTheFlagSet() {
        Pipeline parking = Pipeline.builder("p").retry(retry(3)).build();
        assertThatThrownBy(() -> parking.run(() -> {
                    attempts.incrementAndGet();
                    Thread.currentThread().interrupt();
                    throw new IOException("last");
                }))
                .hasMessage("last");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(attempts).hasValue(1);
    }

    @Test
    void schedulerThatIsShutDown_endsTheCallWithItsFailure() {
        Pipeline pipeline = builder().retry(retry(3)).build();
        time.shutdown();
        assertThatThrownBy(() -> pipeline.call(() -> flaky(9))).hasMessage("attempt 1");
    }

    @Test
    void usersCodeThatThrows_losesNothing() {
        Recorder gate = new Recorder();
        Pipeline.Observer hostile = new Pipeline.Observer() {
            @Override
            public void onSuccess(String name, int attempts, long nanos) {
                throw new AssertionError();
            }

            @Override
            public void onFailure(String name, int attempts, long nanos, Throwable error) {
                throw new AssertionError();
            }

            @Override
            public void onRetry(String name, int attempt, long delayNanos) {
                throw new AssertionError();
            }
        };
        Pipeline pipeline = builder()
                .retry(retry(3).when(e -> {
                            if (attempts.get() == 2) {
                                throw new IllegalStateException("predicate");
                            }
                            return true;
                        })
                        .onResult(String.class, result -> {
                            throw new IllegalStateException("predicate");
                        }))
                .admission(gate)
                .observer(hostile)
                .build();
        assertThatThrownBy(() -> pipeline.call(() -> flaky(9))).hasMessage("attempt 2");
        assertThat(pipeline.<String, RuntimeException>call(() -> "text")).isEqualTo("text");
        assertThat(gate.outstanding()).isZero();
        assertThat(gate.granted).hasValue(3);
    }

    @Test
    void timeoutException_ofTheWork_isCountedApart() {
        Pipeline pipeline = builder().build();
        CallTimeoutException timeout = new CallTimeoutException("inner", 5_000_000, true, 2, null);
        assertThatThrownBy(() -> pipeline.run(() -> {
                    throw timeout;
                }))
                .hasMessage("deadline exceeded: name=inner, timeout=PT0.005S, attempts=2");
        assertThat(pipeline.stats().timeouts()).isEqualTo(1);
        assertThat(timeout.name()).isEqualTo("inner");
        assertThat(timeout.timeout()).isEqualTo(ofMillis(5));
        assertThat(timeout.overall()).isTrue();
        assertThat(timeout.attempts()).isEqualTo(2);
        assertThat(new CallTimeoutException("inner", 1, false, 1, null)).hasMessageStartingWith("attempt timed out");
    }
}
