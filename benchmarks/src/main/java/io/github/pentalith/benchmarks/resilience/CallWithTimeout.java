// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.resilience;

import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.resilience.CheckedSupplier;
import io.github.pentalith.resilience.Pipeline;
import io.github.resilience4j.timelimiter.TimeLimiter;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A call that ends at once, under a timeout of one second that would interrupt it. */
@State(Scope.Benchmark)
@Question(
        library = "resilience",
        id = "attempt-timeout",
        title = "A call under an interrupting timeout",
        floor = "direct")
public class CallWithTimeout {
    @Param({"pentalith", "direct", "failsafe", "resilience4j"})
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
                        .attemptTimeout(Duration.ofSeconds(1))
                        .interruptOnTimeout()
                        .build();
                yield () -> pipeline.call(ours);
            }
            case "direct" -> work::get;
            case "failsafe" -> {
                var executor = dev.failsafe.Failsafe.with(dev.failsafe.Timeout.builder(Duration.ofSeconds(1))
                        .withInterrupt()
                        .build());
                yield () -> executor.get(failsafes);
            }
            // It can only bound what another thread does.
            case "resilience4j" -> {
                ExecutorService pool = Executors.newFixedThreadPool(2, task -> {
                    Thread thread = new Thread(task);
                    thread.setDaemon(true);
                    return thread;
                });
                TimeLimiter limiter = TimeLimiter.of(Duration.ofSeconds(1));
                yield () -> limiter.executeFutureSupplier(() -> pool.submit(work::get));
            }
            default -> throw new IllegalArgumentException(subject);
        };
    }

    @Benchmark
    public Object call() throws Exception {
        return call.call();
    }
}
