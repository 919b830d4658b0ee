// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.heavy;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.resilience.Backoff;
import io.github.pentalith.resilience.CheckedSupplier;
import io.github.pentalith.resilience.Retry;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.core.retry.Retryable;

/** A call that succeeds at once, under three attempts with exponential backoff. */
@State(Scope.Benchmark)
@Question(
        library = "heavy",
        id = "heavy-retry",
        title = "A successful call under a retry: frameworks",
        floor = "direct")
public class HeavyRetry {
    @Param({"pentalith", "direct", "spring"})
    public String subject;

    private final Object result = new Object();
    private Callable<Object> call;

    @Setup
    public void setUp() {
        call = switch (subject) {
            case "pentalith" -> {
                Retry retry = Retry.of(3, Backoff.exponential(Duration.ofMillis(20)));
                CheckedSupplier<Object, RuntimeException> work = () -> result;
                yield () -> retry.call(work);
            }
            case "direct" -> () -> result;
            case "spring" -> {
                RetryTemplate template = new RetryTemplate(RetryPolicy.builder()
                        .maxRetries(2)
                        .delay(Duration.ofMillis(20))
                        .multiplier(2)
                        .build());
                Retryable<Object> work = () -> result;
                yield () -> template.execute(work);
            }
            default -> throw new IllegalArgumentException(subject);
        };
    }

    @Benchmark
    public Object call() throws Exception {
        return call.call();
    }
}
