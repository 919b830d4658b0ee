// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.resilience;

import com.netflix.concurrency.limits.Limit;
import com.netflix.concurrency.limits.Limiter;
import com.netflix.concurrency.limits.limit.AIMDLimit;
import com.netflix.concurrency.limits.limit.Gradient2Limit;
import com.netflix.concurrency.limits.limit.VegasLimit;
import com.netflix.concurrency.limits.limiter.SimpleLimiter;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.resilience.Bulkhead;
import io.github.pentalith.resilience.CheckedSupplier;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A successful call through a concurrency limit that adapts. The floor bounds calls without adapting, and reads the clock twice. */
@State(Scope.Benchmark)
@Question(
        library = "resilience",
        id = "adaptive-limit",
        title = "A call through an adaptive concurrency limit",
        floor = "semaphore-and-clocks")
public class CallThroughAdaptiveLimit {
    @Param({"pentalith", "semaphore-and-clocks", "netflix-aimd", "netflix-vegas", "netflix-gradient2"})
    public String subject;

    private final Work work = new Work();
    // Made once: whether the lambda of a call is allocated is the caller's affair, the same for all subjects.
    private final CheckedSupplier<Object, RuntimeException> ours = work::get;
    private Call call;

    @Setup
    public void setUp() {
        call = switch (subject) {
            case "pentalith" -> {
                Bulkhead bulkhead = Bulkhead.adaptive("bench", Duration.ofSeconds(1));
                yield () -> bulkhead.call(ours);
            }
            case "semaphore-and-clocks" -> {
                Semaphore places = new Semaphore(64);
                yield () -> {
                    long start = System.nanoTime();
                    if (!places.tryAcquire()) {
                        throw new IllegalStateException("full");
                    }
                    try {
                        return work.get();
                    } finally {
                        places.release();
                        if (System.nanoTime() - start > 1_000_000_000) {
                            places.drainPermits();
                        }
                    }
                };
            }
            case "netflix-aimd" -> netflix(AIMDLimit.newBuilder().build());
            case "netflix-vegas" -> netflix(VegasLimit.newDefault());
            case "netflix-gradient2" -> netflix(Gradient2Limit.newDefault());
            default -> throw new IllegalArgumentException(subject);
        };
    }

    private Call netflix(Limit limit) {
        Limiter<Void> limiter = SimpleLimiter.newBuilder().limit(limit).build();
        return () -> {
            Limiter.Listener listener = limiter.acquire(null).orElseThrow(() -> new IllegalStateException("full"));
            Object result = work.get();
            listener.onSuccess();
            return result;
        };
    }

    @Benchmark
    public Object call() throws Exception {
        return call.call();
    }
}
