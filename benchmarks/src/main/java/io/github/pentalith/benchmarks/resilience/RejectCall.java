// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.resilience;

import dev.failsafe.CircuitBreakerOpenException;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.resilience.CheckedSupplier;
import io.github.pentalith.resilience.CircuitBreaker;
import io.github.pentalith.resilience.RejectedCallException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A call that an open breaker refuses, the exception caught at once. */
@State(Scope.Benchmark)
@Question(library = "resilience", id = "rejection", title = "A refusal by an open breaker", floor = "pentalith")
public class RejectCall {
    @Param({"pentalith", "resilience4j", "resilience4j-no-trace", "failsafe"})
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
                CircuitBreaker breaker = CircuitBreaker.of("bench");
                breaker.forceOpen();
                yield () -> {
                    try {
                        return breaker.call(ours);
                    } catch (RejectedCallException e) {
                        return e;
                    }
                };
            }
            case "resilience4j" -> resilience4j(true);
            case "resilience4j-no-trace" -> resilience4j(false);
            case "failsafe" -> {
                var breaker = dev.failsafe.CircuitBreaker.ofDefaults();
                breaker.open();
                var executor = dev.failsafe.Failsafe.with(breaker);
                yield () -> {
                    try {
                        return executor.get(failsafes);
                    } catch (CircuitBreakerOpenException e) {
                        return e;
                    }
                };
            }
            default -> throw new IllegalArgumentException(subject);
        };
    }

    private Call resilience4j(boolean traces) {
        var breaker = io.github.resilience4j.circuitbreaker.CircuitBreaker.of(
                "bench",
                CircuitBreakerConfig.custom().writableStackTraceEnabled(traces).build());
        breaker.transitionToForcedOpenState();
        return () -> {
            try {
                return breaker.executeSupplier(theirs);
            } catch (CallNotPermittedException e) {
                return e;
            }
        };
    }

    @Benchmark
    public Object call() throws Exception {
        return call.call();
    }
}
