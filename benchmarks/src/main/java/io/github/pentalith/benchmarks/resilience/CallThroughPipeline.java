// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.resilience;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.resilience.Backoff;
import io.github.pentalith.resilience.Bulkhead;
import io.github.pentalith.resilience.CheckedSupplier;
import io.github.pentalith.resilience.CircuitBreaker;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.resilience.Retry;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A successful call through retry, breaker (last 100 calls, 50 %) and bulkhead (64 at once) together. */
@State(Scope.Benchmark)
@Question(
        library = "resilience",
        id = "pipeline",
        title = "A successful call through retry, breaker and bulkhead",
        floor = "direct")
public class CallThroughPipeline {
    @Param({"pentalith", "pentalith-deadline", "direct", "resilience4j", "failsafe"})
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
                Pipeline pipeline = ours().build();
                yield () -> pipeline.call(ours);
            }
            case "pentalith-deadline" -> {
                Pipeline pipeline = ours().deadline(Duration.ofSeconds(2)).build();
                yield () -> pipeline.call(ours);
            }
            case "direct" -> work::get;
            // The order that its documentation gives: Retry ( CircuitBreaker ( Bulkhead ( call ) ) ); decorated once.
            case "resilience4j" -> {
                var bulkhead = io.github.resilience4j.bulkhead.Bulkhead.of(
                        "bench", BulkheadConfig.custom().maxConcurrentCalls(64).build());
                var breaker = io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
                        "bench", CircuitBreakerConfig.ofDefaults());
                var retry = io.github.resilience4j.retry.Retry.of(
                        "bench",
                        RetryConfig.custom()
                                .maxAttempts(3)
                                .intervalFunction(IntervalFunction.ofExponentialBackoff(20))
                                .build());
                Supplier<Object> inner = io.github.resilience4j.bulkhead.Bulkhead.decorateSupplier(bulkhead, work::get);
                Supplier<Object> middle =
                        io.github.resilience4j.circuitbreaker.CircuitBreaker.decorateSupplier(breaker, inner);
                yield io.github.resilience4j.retry.Retry.decorateSupplier(retry, middle)::get;
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
                        dev.failsafe.Bulkhead.builder(64).build());
                yield () -> executor.get(failsafes);
            }
            default -> throw new IllegalArgumentException(subject);
        };
    }

    private static Pipeline.Builder ours() {
        return Pipeline.builder("bench")
                .retry(Retry.of(3, Backoff.exponential(Duration.ofMillis(20))))
                .breaker(CircuitBreaker.builder("bench").window(100).build())
                .bulkhead(Bulkhead.of("bench", 64));
    }

    @Benchmark
    public Object call() throws Exception {
        return call.call();
    }
}
