// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.resilience;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.resilience.CheckedSupplier;
import io.github.pentalith.resilience.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A successful call through a breaker that judges by the calls of the last 10 s and by how long they take. The floor
 * reads the clock twice and counts in a stripe: the least that such a breaker has to do. */
@State(Scope.Benchmark)
@Question(
        library = "resilience",
        id = "timed-breaker",
        title = "A successful call through a breaker with a time window and slow calls",
        floor = "two-clocks")
public class CallThroughTimedBreaker {
    @Param({"pentalith", "two-clocks", "resilience4j", "failsafe"})
    public String subject;

    private final Work work = new Work();
    // Made once: whether the lambda of a call is allocated is the caller's affair, the same for all subjects.
    private final CheckedSupplier<Object, RuntimeException> ours = work::get;
    private final Supplier<Object> theirs = work::get;
    private final dev.failsafe.function.CheckedSupplier<Object> failsafes = work::get;
    private Call call;

    @Setup
    public void setUp() {
        call = switch (subject) {
            case "pentalith" -> {
                CircuitBreaker breaker = CircuitBreaker.builder("bench")
                        .slowCalls(Duration.ofSeconds(1), 1)
                        .build();
                yield () -> breaker.call(ours);
            }
            case "two-clocks" -> {
                LongAdder calls = new LongAdder();
                LongAdder slow = new LongAdder();
                yield () -> {
                    long start = System.nanoTime();
                    Object result = work.get();
                    calls.increment();
                    if (System.nanoTime() - start > 1_000_000_000) {
                        slow.increment();
                    }
                    return result;
                };
            }
            case "resilience4j" -> {
                var breaker = io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
                        "bench",
                        CircuitBreakerConfig.custom()
                                .slidingWindow(10, 100, CircuitBreakerConfig.SlidingWindowType.TIME_BASED)
                                .slowCallDurationThreshold(Duration.ofSeconds(1))
                                .build());
                yield () -> breaker.executeSupplier(theirs);
            }
            // It knows no slow calls.
            case "failsafe" -> {
                var executor = dev.failsafe.Failsafe.with(dev.failsafe.CircuitBreaker.builder()
                        .withFailureRateThreshold(50, 100, Duration.ofSeconds(10))
                        .build());
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
