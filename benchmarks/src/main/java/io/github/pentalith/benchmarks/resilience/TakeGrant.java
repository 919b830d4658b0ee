// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.resilience;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.resilience.Rate;
import io.github.pentalith.resilience.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A grant of a rate limiter that always has one. The floor reads the clock and swaps one word. */
@State(Scope.Benchmark)
@Question(library = "resilience", id = "rate-limit", title = "A grant of a rate limiter", floor = "clock-and-swap")
public class TakeGrant {
    @Param({"pentalith", "clock-and-swap", "guava", "bucket4j", "resilience4j"})
    public String subject;

    private final Work work = new Work();
    // Made once: whether the lambda of a call is allocated is the caller's affair, the same for all subjects.
    private Call call;

    @Setup
    public void setUp() {
        call = switch (subject) {
            case "pentalith" -> {
                RateLimiter limiter =
                        RateLimiter.of("bench", Rate.perSecond(1_000_000_000).burst(1_000_000_000));
                yield () -> granted(limiter.tryAcquire());
            }
            case "clock-and-swap" -> {
                AtomicLong word = new AtomicLong();
                yield () -> {
                    long now = System.nanoTime();
                    long before = word.get();
                    while (!word.compareAndSet(before, Math.max(before + 1, now))) {
                        before = word.get();
                    }
                    return work.get();
                };
            }
            case "guava" -> {
                var limiter = com.google.common.util.concurrent.RateLimiter.create(1e9);
                yield () -> granted(limiter.tryAcquire());
            }
            case "bucket4j" -> {
                Bucket bucket = Bucket.builder()
                        .addLimit(limit ->
                                limit.capacity(1_000_000_000).refillGreedy(1_000_000_000, Duration.ofSeconds(1)))
                        .withCustomTimePrecision(TimeMeter.SYSTEM_NANOTIME)
                        .build();
                yield () -> granted(bucket.tryConsume(1));
            }
            case "resilience4j" -> {
                var limiter = io.github.resilience4j.ratelimiter.RateLimiter.of(
                        "bench",
                        RateLimiterConfig.custom()
                                .limitForPeriod(1_000_000_000)
                                .limitRefreshPeriod(Duration.ofSeconds(1))
                                .timeoutDuration(Duration.ZERO)
                                .build());
                yield () -> granted(limiter.acquirePermission());
            }
            default -> throw new IllegalArgumentException(subject);
        };
    }

    private Object granted(boolean yes) {
        if (!yes) {
            throw new IllegalStateException("refused");
        }
        return work.get();
    }

    @Benchmark
    public Object call() throws Exception {
        return call.call();
    }
}
