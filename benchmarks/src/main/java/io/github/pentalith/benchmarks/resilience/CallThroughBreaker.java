// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.resilience;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.resilience.Admission;
import io.github.pentalith.resilience.CheckedSupplier;
import io.github.pentalith.resilience.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A successful call through a closed breaker that counts the last 100 calls and trips at 50 % of failures; the breaker
 * is shared by all threads. The floor is the least that a breaker which counts its calls has to do: one atomic addition.
 */
@State(Scope.Benchmark)
@Question(
        library = "resilience",
        id = "breaker",
        title = "A successful call through a circuit breaker",
        floor = "atomic-add")
public class CallThroughBreaker {
    @Param({"pentalith", "pentalith-admission", "atomic-add", "resilience4j", "failsafe", "failsafe-standalone"})
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
                CircuitBreaker breaker = ours();
                yield () -> breaker.call(ours);
            }
            case "pentalith-admission" -> byHand(ours().admission());
            case "atomic-add" -> {
                AtomicLong calls = new AtomicLong();
                yield () -> {
                    calls.getAndIncrement();
                    return work.get();
                };
            }
            // Its defaults: count-based window of 100 calls, 50 %.
            case "resilience4j" -> {
                var breaker = io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
                        "bench", CircuitBreakerConfig.ofDefaults());
                yield () -> breaker.executeSupplier(theirs);
            }
            case "failsafe" -> {
                var executor = dev.failsafe.Failsafe.with(failsafe());
                yield () -> executor.get(failsafes);
            }
            case "failsafe-standalone" -> {
                var breaker = failsafe();
                yield () -> {
                    if (!breaker.tryAcquirePermit()) {
                        throw new IllegalStateException("open");
                    }
                    Object result = work.get();
                    breaker.recordSuccess();
                    return result;
                };
            }
            default -> throw new IllegalArgumentException(subject);
        };
    }

    private static CircuitBreaker ours() {
        return CircuitBreaker.builder("bench").window(100).failureRate(0.5).build();
    }

    private Call byHand(Admission admission) {
        return () -> {
            long start = admission.timed() ? System.nanoTime() : 0;
            long token = admission.tryAcquire(start);
            if (token < 0) {
                throw new IllegalStateException("open");
            }
            Object result = work.get();
            admission.success(token, start, admission.timed() ? System.nanoTime() : 0);
            return result;
        };
    }

    private static dev.failsafe.CircuitBreaker<Object> failsafe() {
        return dev.failsafe.CircuitBreaker.builder()
                .withFailureThreshold(50, 100)
                .build();
    }

    @Benchmark
    public Object call() throws Exception {
        return call.call();
    }
}
