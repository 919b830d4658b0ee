// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.resilience;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.resilience.Bulkhead;
import io.github.pentalith.resilience.CheckedSupplier;
import io.github.pentalith.resilience.CircuitBreaker;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.resilience.Rate;
import io.github.pentalith.resilience.RateLimiter;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A successful call through retry, breaker (last 100 calls, 50 %) and bulkhead (64 at once) together; with four policies
 * also through a rate limit that always grants.
 */
@State(Scope.Benchmark)
@Question(
        library = "resilience",
        id = "pipeline",
        title = "A successful call through retry, breaker and bulkhead; four: and a rate limit",
        floor = "direct",
        without = "pentalith-deadline .*policies=4")
public class CallThroughPipeline {
    private static final int MANY = 1_000_000_000;

    @Param({"pentalith", "pentalith-deadline", "direct", "resilience4j", "failsafe"})
    public String subject;

    @Param({"3", "4"})
    public int policies;

    private final Work work = new Work();
    // Made once: whether the lambda of a call is allocated is the caller's affair, the same for all subjects.
    private final CheckedSupplier<Object, RuntimeException> ours = work::get;
    private final dev.failsafe.function.CheckedSupplier<Object> failsafes = work::get;
    private Call call;

    @Setup
    public void setUp() {
        boolean limited = policies == 4;
        call = switch (subject) {
            case "pentalith", "pentalith-deadline" -> ours(limited);
            case "direct" -> work::get;
            case "resilience4j" -> resilience4j(limited);
            case "failsafe" -> failsafe(limited);
            default -> throw new IllegalArgumentException(subject);
        };
    }

    private Call ours(boolean limited) {
        Pipeline.Builder builder = Pipeline.builder("bench")
                .retry(CallThroughRetry.ours())
                .breaker(CircuitBreaker.builder("bench").window(100).build())
                .bulkhead(Bulkhead.of("bench", 64));
        if (limited) {
            builder.rateLimiter(RateLimiter.of("bench", Rate.perSecond(MANY).burst(MANY)));
        }
        if (subject.equals("pentalith-deadline")) {
            builder.deadline(Duration.ofSeconds(2));
        }
        Pipeline pipeline = builder.build();
        return () -> pipeline.call(ours);
    }

    /** The order that its documentation gives: Retry ( CircuitBreaker ( RateLimiter ( Bulkhead ( call ) ) ) ); decorated once. */
    private Call resilience4j(boolean limited) {
        var bulkhead = io.github.resilience4j.bulkhead.Bulkhead.of(
                "bench", BulkheadConfig.custom().maxConcurrentCalls(64).build());
        var breaker =
                io.github.resilience4j.circuitbreaker.CircuitBreaker.of("bench", CircuitBreakerConfig.ofDefaults());
        Supplier<Object> inner = io.github.resilience4j.bulkhead.Bulkhead.decorateSupplier(bulkhead, work::get);
        if (limited) {
            var limiter = io.github.resilience4j.ratelimiter.RateLimiter.of(
                    "bench",
                    RateLimiterConfig.custom()
                            .limitForPeriod(MANY)
                            .limitRefreshPeriod(Duration.ofSeconds(1))
                            .timeoutDuration(Duration.ZERO)
                            .build());
            inner = io.github.resilience4j.ratelimiter.RateLimiter.decorateSupplier(limiter, inner);
        }
        Supplier<Object> middle = io.github.resilience4j.circuitbreaker.CircuitBreaker.decorateSupplier(breaker, inner);
        return io.github.resilience4j.retry.Retry.decorateSupplier(CallThroughRetry.resilience4j(), middle)::get;
    }

    private Call failsafe(boolean limited) {
        List<dev.failsafe.Policy<Object>> chain = new ArrayList<>(List.of(
                CallThroughRetry.failsafe(),
                dev.failsafe.CircuitBreaker.builder()
                        .withFailureThreshold(50, 100)
                        .build()));
        if (limited) {
            chain.add(dev.failsafe.RateLimiter.burstyBuilder(MANY, Duration.ofSeconds(1))
                    .build());
        }
        chain.add(dev.failsafe.Bulkhead.builder(64).build());
        var executor = dev.failsafe.Failsafe.with(chain);
        return () -> executor.get(failsafes);
    }

    @Benchmark
    public Object call() throws Exception {
        return call.call();
    }
}
