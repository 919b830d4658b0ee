// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.resilience;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.resilience.Backoff;
import io.github.pentalith.resilience.Bulkhead;
import io.github.pentalith.resilience.CheckedSupplier;
import io.github.pentalith.resilience.CircuitBreaker;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.resilience.Rate;
import io.github.pentalith.resilience.RateLimiter;
import io.github.pentalith.resilience.Retry;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A successful call through retry, breaker (last 100 calls, 50 %), bulkhead (64 at once) and a rate limit that always grants. */
@State(Scope.Benchmark)
@Question(
        library = "resilience",
        id = "four-policies",
        title = "A successful call through retry, breaker, bulkhead and rate limit",
        floor = "direct")
public class CallThroughFourPolicies {
    @Param({"pentalith", "direct", "resilience4j", "failsafe"})
    public String subject;

    private final Work work = new Work();
    // Made once: whether the lambda of a call is allocated is the caller's affair, the same for all subjects.
    private final CheckedSupplier<Object, RuntimeException> ours = work::get;
    private final dev.failsafe.function.CheckedSupplier<Object> failsafes = work::get;
    private Call call;

    @Setup
    public void setUp() {
        call = switch (subject) {
            case "pentalith" -> {
                Pipeline pipeline = Pipeline.builder("bench")
                        .retry(Retry.of(3, Backoff.exponential(Duration.ofMillis(20))))
                        .breaker(CircuitBreaker.builder("bench").window(100).build())
                        .bulkhead(Bulkhead.of("bench", 64))
                        .rateLimiter(RateLimiter.of(
                                "bench", Rate.perSecond(1_000_000_000).burst(1_000_000_000)))
                        .build();
                yield () -> pipeline.call(ours);
            }
            case "direct" -> work::get;
            // The order that its documentation gives: Retry ( CircuitBreaker ( RateLimiter ( Bulkhead ( call ) ) ) ).
            case "resilience4j" -> {
                var bulkhead = io.github.resilience4j.bulkhead.Bulkhead.of(
                        "bench", BulkheadConfig.custom().maxConcurrentCalls(64).build());
                var limiter = io.github.resilience4j.ratelimiter.RateLimiter.of(
                        "bench",
                        RateLimiterConfig.custom()
                                .limitForPeriod(1_000_000_000)
                                .limitRefreshPeriod(Duration.ofSeconds(1))
                                .timeoutDuration(Duration.ZERO)
                                .build());
                var breaker = io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
                        "bench", CircuitBreakerConfig.ofDefaults());
                var retry = io.github.resilience4j.retry.Retry.of(
                        "bench",
                        RetryConfig.custom()
                                .maxAttempts(3)
                                .intervalFunction(IntervalFunction.ofExponentialBackoff(20))
                                .build());
                Supplier<Object> limited = io.github.resilience4j.ratelimiter.RateLimiter.decorateSupplier(
                        limiter, io.github.resilience4j.bulkhead.Bulkhead.decorateSupplier(bulkhead, work::get));
                yield io.github.resilience4j.retry.Retry.decorateSupplier(
                                retry,
                                io.github.resilience4j.circuitbreaker.CircuitBreaker.decorateSupplier(breaker, limited))
                        ::get;
            }
            case "failsafe" -> {
                var executor = dev.failsafe.Failsafe.with(
                        dev.failsafe.RetryPolicy.builder()
                                .withMaxAttempts(3)
                                .withBackoff(Duration.ofMillis(20), Duration.ofSeconds(1))
                                .build(),
                        dev.failsafe.CircuitBreaker.builder()
                                .withFailureThreshold(50, 100)
                                .build(),
                        dev.failsafe.RateLimiter.burstyBuilder(1_000_000_000, Duration.ofSeconds(1))
                                .build(),
                        dev.failsafe.Bulkhead.builder(64).build());
                yield () -> executor.get(failsafes);
            }
            default -> throw new IllegalArgumentException(subject);
        };
    }

    @Benchmark
    public Object call() throws Exception {
        return call.call();
    }
}
