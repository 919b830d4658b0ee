// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** L1, L8, L12, L13 on whole pipelines whose every part misbehaves at random. */
class PipelineProperties {
    private static final int TRIES = 1_000;

    @Property(tries = TRIES)
    void faultSchedules_ofAnyKind_conserveTokensAndCounts(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 5) int maxAttempts) throws Exception {
        Random random = new Random(seed);
        VirtualTime time = VirtualTime.create();
        Recorder gate = new Recorder();
        gate.timed = random.nextBoolean();
        CircuitBreaker breaker = (random.nextBoolean()
                        ? CircuitBreaker.builder("c").window(20)
                        : CircuitBreaker.builder("c").window(Duration.ofSeconds(5)))
                .minimumCalls(5)
                .failWhen(e -> {
                    if (random.nextInt(5) == 0) {
                        throw new IllegalStateException("predicate");
                    }
                    return random.nextBoolean();
                })
                .random(random)
                .ticker(time)
                .build();
        Bulkhead bulkhead = Bulkhead.of("b", 3);
        RetryBudget budget = RetryBudget.of(0.2, 5);
        Duration deadline = Duration.ofMillis(1 + random.nextInt(2_000));
        Pipeline pipeline = Pipeline.builder("p")
                .deadline(deadline)
                .retry(Retry.of(maxAttempts, Backoff.exponential(Duration.ofMillis(20)))
                        .budget(budget)
                        .when(e -> {
                            if (random.nextInt(20) == 0) {
                                throw new IllegalStateException("predicate");
                            }
                            return random.nextInt(4) > 0;
                        })
                        .onResult(String.class, result -> {
                            if (random.nextInt(20) == 0) {
                                throw new IllegalStateException("predicate");
                            }
                            return random.nextInt(4) == 0;
                        })
                        .retryAfter(e -> random.nextBoolean() ? null : Duration.ofMillis(random.nextInt(300) - 20)))
                .breaker(breaker)
                .bulkhead(bulkhead)
                .admission(gate)
                .rateLimiter(RateLimiter.of("r", Rate.perSecond(200).burst(20)))
                .ticker(time)
                .scheduler(time)
                .random(random)
                .observer(new Pipeline.Observer() {
                    @Override
                    public void onSuccess(String name, int attempts, long nanos) {
                        fault();
                    }

                    @Override
                    public void onFailure(String name, int attempts, long nanos, Throwable error) {
                        fault();
                    }

                    @Override
                    public void onRetry(String name, int attempt, long delayNanos) {
                        fault();
                    }

                    private void fault() {
                        if (random.nextInt(4) == 0) {
                            throw new AssertionError("observer");
                        }
                    }
                })
                .build();
        int calls = 100;
        int[] attempts = {0};
        for (int i = 0; i < calls; i++) {
            gate.refusal = random.nextInt(10) == 0 ? -1 - random.nextInt(1000) : 0;
            gate.throwsOnVerdict = random.nextInt(10) == 0;
            gate.throwsOnAcquire = random.nextInt(30) == 0;
            Duration start = time.elapsed();
            Duration[] lastStart = {start};
            try {
                pipeline.call(() -> {
                    attempts[0]++;
                    lastStart[0] = time.elapsed();
                    time.advance(Duration.ofMillis(random.nextInt(50)));
                    return outcome(random);
                });
            } catch (Exception | Error e) {
                assertThat(e).isNotNull();
            }
            // L12: no attempt begins after the deadline, whatever was asked for.
            assertThat(lastStart[0].minus(start)).isLessThan(deadline.plusNanos(1));
            Thread.interrupted();
            time.advance(Duration.ofMillis(random.nextInt(100)));
        }
        assertThat(gate.outstanding()).isZero();
        assertThat(bulkhead.stats().inFlight()).isZero();
        CircuitBreaker.Stats told = breaker.stats();
        Pipeline.Stats stats = pipeline.stats();
        assertThat(stats.successes() + stats.failures() + stats.timeouts() + stats.rejections() + stats.cancellations())
                .isEqualTo(calls);
        assertThat(told.successes() + told.failures() + told.released() + told.rejected())
                .isEqualTo(calls + stats.retries());
        assertThat((double) attempts[0]).isLessThanOrEqualTo(calls * 1.2 + 5);
        assertThat(Deadline.current()).isNull();
    }

    private static String outcome(Random random) throws Exception {
        switch (random.nextInt(12)) {
            case 0 -> throw new IOException();
            case 1 -> throw new IllegalStateException();
            case 2 -> throw new StackOverflowError();
            case 3 -> throw new InterruptedException();
            case 4 -> throw new CancellationException();
            case 5 -> throw new RejectedExecutionException();
            default -> {
                return random.nextBoolean() ? "good or bad" : null;
            }
        }
    }
}
