// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random schedules of everything that can go wrong at once, in virtual time: work that fails, throws an {@link Error}, is
 * cancelled, returns no stage or never completes; callers that cancel; observers, predicates, classifiers and gates that
 * throw; thresholds and limits that change meanwhile. 100,000 in the ordinary build, a million in the long form.
 *
 * <p>At the end of each: every token is back and every call counted once (L1, L13), no source or retry of a cancelled call
 * goes on (L11), no call has outlived its deadline (L12), retries have kept their budget (L8), and the breaker closes again for a
 * healthy dependency (no wedge).
 */
class FaultSchedulesTest {
    private static final int SCHEDULES = "long".equals(System.getProperty("pentalith.tests")) ? 500_000 : 50_000;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void schedules_ofAnyKind_conservePermits(boolean async) {
        for (long seed = 0; seed < SCHEDULES; seed++) {
            try {
                new Schedule(seed).run(async);
            } catch (Throwable e) {
                throw new AssertionError("seed=" + seed + ", async=" + async, e);
            }
        }
    }

    /** The schedules are worth something only if all that can happen does. */
    @Test
    void schedules_together_meetEverything() {
        Pipeline.Stats sum = new Pipeline.Stats("sum", 0, 0, 0, 0, 0, 0, 0);
        long opened = 0;
        long stale = 0;
        for (long seed = 0; seed < 2_000; seed++) {
            Schedule schedule = new Schedule(seed);
            schedule.run(true);
            Pipeline.Stats stats = schedule.pipeline.stats();
            sum = new Pipeline.Stats(
                    "sum",
                    sum.successes() + stats.successes(),
                    sum.failures() + stats.failures(),
                    sum.timeouts() + stats.timeouts(),
                    sum.rejections() + stats.rejections(),
                    sum.cancellations() + stats.cancellations(),
                    sum.retries() + stats.retries(),
                    sum.retriesDenied() + stats.retriesDenied());
            opened += schedule.breaker.stats().opened();
            stale += schedule.breaker.stats().stale();
        }
        assertThat(List.of(
                        sum.successes(),
                        sum.failures(),
                        sum.timeouts(),
                        sum.rejections(),
                        sum.cancellations(),
                        sum.retries(),
                        sum.retriesDenied(),
                        opened,
                        stale))
                .allMatch(count -> count > 100);
    }

    /** Without the stack trace, which would take most of the time. */
    private static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Fault() {
            super("a fault", null, true, false);
        }
    }

    private static final class IOFault extends IOException {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    private static final class Schedule implements Pipeline.Observer {
        private static final Duration DEADLINE = Duration.ofMillis(900);
        private static final double RATIO = 0.5;
        private static final int RESERVE = 2;
        private static final StackOverflowError OVERFLOW = new StackOverflowError();

        final SplittableRandom random;
        final VirtualTime time = VirtualTime.create();
        final Recorder gate = new Recorder();
        final CircuitBreaker breaker;
        final Bulkhead bulkhead;
        final Pipeline pipeline;
        final List<Call> calls = new ArrayList<>();
        int attempts;
        boolean calm;

        Schedule(long seed) {
            random = new SplittableRandom(seed);
            CircuitBreaker.Builder window = CircuitBreaker.builder("c");
            switch (random.nextInt(3)) {
                case 0 -> window.window(6).minimumCalls(2);
                case 1 -> window.window(Duration.ofSeconds(2)).minimumCalls(2).slowCalls(Duration.ofMillis(200), 0.7);
                default -> window.consecutiveFailures(2);
            }
            breaker = window.openFor(Duration.ofMillis(100), Duration.ofMillis(300))
                    .probes(1 + random.nextInt(3))
                    .probeLease(Duration.ofMillis(500))
                    .failWhen(e -> thrown() || random.nextInt(5) > 0)
                    .observer(new CircuitBreaker.Observer() {
                        @Override
                        public void onStateChange(String name, CircuitBreaker.State from, CircuitBreaker.State to) {
                            boolean unused = thrown();
                        }
                    })
                    .random(random)
                    .ticker(time)
                    .build();
            Bulkhead.Builder limit = Bulkhead.builder("b").ticker(time);
            bulkhead = (random.nextBoolean()
                            ? limit.limit(1 + random.nextInt(3))
                            : limit.adaptive(1, 4, Duration.ofMillis(100)))
                    .build();
            gate.timed = random.nextBoolean();
            pipeline = Pipeline.builder("p")
                    .deadline(DEADLINE)
                    .attemptTimeout(random.nextBoolean() ? Duration.ofMillis(300) : DEADLINE.minusMillis(1))
                    .retry(Retry.of(1 + random.nextInt(4), Backoff.exponential(Duration.ofMillis(40)))
                            .budget(RetryBudget.of(RATIO, RESERVE))
                            .when(e -> thrown() || random.nextInt(5) > 0)
                            .onResult(String.class, result -> thrown() || result.equals("bad"))
                            .retryAfter(e -> thrown() ? null : Duration.ofMillis(random.nextInt(60) - 5)))
                    .breaker(breaker)
                    .bulkhead(bulkhead)
                    .admission(gate)
                    .rateLimiter(RateLimiter.of("r", Rate.perSecond(100).burst(20)))
                    .ticker(time)
                    .scheduler(time)
                    .executor(random.nextBoolean() ? time : Runnable::run)
                    .random(random)
                    .observer(this)
                    .build();
        }

        /** A piece of the user's code that throws at times, in the calm never. */
        private boolean thrown() {
            if (!calm && random.nextInt(12) == 0) {
                throw new Fault();
            }
            return false;
        }

        @Override
        public void onSuccess(String name, int attempts, long nanos) {
            boolean unused = thrown();
        }

        @Override
        public void onFailure(String name, int attempts, long nanos, Throwable error) {
            boolean unused = thrown();
        }

        @Override
        public void onRetry(String name, int attempt, long delayNanos) {
            boolean unused = thrown();
        }

        void run(boolean async) {
            int length = 2 + random.nextInt(9);
            for (int i = 0; i < length; i++) {
                gate.refusal = random.nextInt(10) == 0 ? -1 - random.nextInt(1_000) : 0;
                gate.throwsOnVerdict = random.nextInt(8) == 0;
                gate.throwsOnAcquire = random.nextInt(20) == 0;
                if (async) {
                    calls.add(new Call());
                } else {
                    callHere();
                }
                if (random.nextInt(8) == 0) {
                    change();
                }
                time.advance(Duration.ofMillis(random.nextInt(150)));
            }
            time.advance(DEADLINE.multipliedBy(2));
            calls.forEach(Call::check);
            checkBooks(length);
            checkRecovery();
        }

        private void change() {
            switch (random.nextInt(4)) {
                case 0 ->
                    breaker.adjust(now ->
                            now.failureRate(0.1 + random.nextDouble() * 0.9).probes(1 + random.nextInt(3)));
                case 1 -> bulkhead.limit(1 + random.nextInt(4));
                case 2 -> breaker.reset();
                default -> breaker.adjust(now -> now.openFor(Duration.ofMillis(1 + random.nextInt(300))));
            }
        }

        private void callHere() {
            Duration start = time.elapsed();
            try {
                String unused = pipeline.call(() -> {
                    attempts++;
                    check(time.elapsed().minus(start).compareTo(DEADLINE) < 0, "an attempt begins after the deadline");
                    time.advance(Duration.ofMillis(random.nextInt(120)));
                    return outcome();
                });
            } catch (Exception | StackOverflowError e) {
                check(!(e instanceof Error) || e instanceof StackOverflowError, "unexpected " + e);
            }
            boolean unused = Thread.interrupted();
        }

        private String outcome() throws Exception {
            switch (random.nextInt(10)) {
                case 0, 1 -> throw new IOFault();
                case 2 -> throw new Fault();
                case 3 -> throw OVERFLOW;
                case 4 -> throw new InterruptedException();
                case 5 -> throw new CancellationException();
                case 6 -> throw new RejectedExecutionException();
                case 7 -> {
                    return "bad";
                }
                default -> {
                    return "good";
                }
            }
        }

        private void checkBooks(int length) {
            check(gate.outstanding() == 0, "tokens of the user's gate");
            check(bulkhead.stats().inFlight() == 0, "places of the bulkhead");
            CircuitBreaker.Stats told = breaker.stats();
            Pipeline.Stats stats = pipeline.stats();
            check(
                    stats.successes() + stats.failures() + stats.timeouts() + stats.rejections() + stats.cancellations()
                            == length,
                    "calls");
            check(attempts <= (int) (length * (1 + RATIO) + RESERVE), "attempts");
            long verdicts = told.successes() + told.failures() + told.released();
            check(verdicts >= attempts && verdicts <= length + stats.retries() - told.rejected(), "verdicts");
            check(time.pendingTasks() == 0, "timers");
        }

        /** Within the open time and a lease, a healthy dependency closes the breaker. */
        private void checkRecovery() {
            calm = true;
            gate.refusal = 0;
            gate.throwsOnAcquire = false;
            for (int i = 0; breaker.state() != CircuitBreaker.State.CLOSED; i++) {
                check(i < 20, "calls until closed");
                time.advance(Duration.ofMillis(100));
                String unused = pipeline.call(() -> "good", e -> "refused");
            }
        }

        /** Assertions with descriptions would take as long as the schedules. */
        private static void check(boolean kept, String what) {
            if (!kept) {
                throw new AssertionError(what);
            }
        }

        /** One asynchronous call, whose sources end as they like or never. */
        private final class Call {
            final Duration start = time.elapsed();
            final List<CompletableFuture<String>> sources = new ArrayList<>();
            final CompletableFuture<String> result;
            Duration end = Duration.ZERO;
            int attemptsAtCancel = Integer.MAX_VALUE;

            Call() {
                result = pipeline.callAsync(this::begin);
                CompletableFuture<?> unused = result.whenComplete((value, error) -> end = time.elapsed());
                if (random.nextInt(4) == 0) {
                    Runnable cancel = () -> {
                        if (result.cancel(random.nextBoolean())) {
                            attemptsAtCancel = sources.size();
                        }
                    };
                    var alsoUnused = time.schedule(cancel, random.nextInt(400), TimeUnit.MILLISECONDS);
                }
            }

            private CompletionStage<String> begin() {
                attempts++;
                switch (random.nextInt(12)) {
                    case 0 -> throw new Fault();
                    case 1 -> throw OVERFLOW;
                    case 2 -> {
                        return CompletableFuture.completedFuture("good");
                    }
                    default -> {
                        CompletableFuture<String> source = new CompletableFuture<>();
                        sources.add(source);
                        if (random.nextInt(4) > 0) {
                            var unused =
                                    time.schedule(() -> finish(source), random.nextInt(400), TimeUnit.MILLISECONDS);
                        }
                        return source;
                    }
                }
            }

            private void finish(CompletableFuture<String> source) {
                try {
                    source.complete(outcome());
                } catch (Exception | StackOverflowError e) {
                    source.completeExceptionally(e);
                }
                boolean unused = Thread.interrupted();
            }

            void check() {
                Schedule.check(result.isDone(), "a call without end");
                Schedule.check(end.minus(start).compareTo(DEADLINE) <= 0, "a call past its deadline");
                for (CompletableFuture<String> source : sources) {
                    Schedule.check(source.isDone(), "a source that was not cancelled");
                }
                Schedule.check(sources.size() <= attemptsAtCancel, "a retry after the cancellation");
            }
        }
    }
}
