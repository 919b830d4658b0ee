// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.resilience;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.resilience.Backoff;
import io.github.pentalith.resilience.CheckedSupplier;
import io.github.pentalith.resilience.Retry;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A call that succeeds at once, under three attempts with exponential backoff: what a retry costs when unneeded. */
@State(Scope.Benchmark)
@Question(library = "resilience", id = "retry", title = "A successful call under a retry", floor = "direct")
public class CallThroughRetry {
    @Param({"pentalith", "direct", "resilience4j", "failsafe"})
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
                Retry retry = ours();
                yield () -> retry.call(ours);
            }
            case "direct" -> work::get;
            case "resilience4j" -> {
                var retry = resilience4j();
                yield () -> retry.executeSupplier(theirs);
            }
            case "failsafe" -> {
                var executor = dev.failsafe.Failsafe.with(failsafe());
                yield () -> executor.get(failsafes);
            }
            default -> throw new IllegalArgumentException(subject);
        };
    }

    static Retry ours() {
        return Retry.of(3, Backoff.exponential(Duration.ofMillis(20)));
    }

    static io.github.resilience4j.retry.Retry resilience4j() {
        return io.github.resilience4j.retry.Retry.of(
                "bench",
                RetryConfig.custom()
                        .maxAttempts(3)
                        .intervalFunction(IntervalFunction.ofExponentialBackoff(20))
                        .build());
    }

    static dev.failsafe.RetryPolicy<Object> failsafe() {
        return dev.failsafe.RetryPolicy.builder()
                .withMaxAttempts(3)
                .withBackoff(Duration.ofMillis(20), Duration.ofSeconds(1))
                .build();
    }

    @Benchmark
    public Object call() throws Exception {
        return call.call();
    }
}
