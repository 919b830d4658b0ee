// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Nothing is allocated on the way of a successful call; a rejection is one small object. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final CheckedSupplier<String, RuntimeException> WORK = () -> "done";

    private static double bytesPerCall(Runnable call) {
        long thread = Thread.currentThread().getId();
        int calls = 20_000;
        double least = Double.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long before = THREADS.getThreadAllocatedBytes(thread);
            for (int i = 0; i < calls; i++) {
                call.run();
            }
            least = Math.min(least, (double) (THREADS.getThreadAllocatedBytes(thread) - before) / calls);
        }
        return least;
    }

    @Test
    void success_throughEverything_allocatesNothing() {
        Pipeline pipeline = Pipeline.builder("p")
                .deadline(Duration.ofSeconds(5))
                .attemptTimeout(Duration.ofSeconds(1))
                .retry(Retry.of(3, Backoff.exponential(Duration.ofMillis(50))))
                .breaker(CircuitBreaker.builder("c")
                        .slowCalls(Duration.ofSeconds(1), 0.5)
                        .build())
                .bulkhead(Bulkhead.of("b", 4))
                .rateLimiter(RateLimiter.of("r", Rate.perSecond(1_000_000_000)))
                .observer(new Pipeline.Observer() {})
                .build();
        assertThat(bytesPerCall(() -> pipeline.call(WORK))).isLessThan(0.1);
        CircuitBreaker breaker = CircuitBreaker.builder("c").window(100).build();
        assertThat(bytesPerCall(() -> breaker.call(WORK))).isLessThan(0.1);
        KeyedRateLimiter<String> keyed = KeyedRateLimiter.of("k", Rate.perSecond(1_000_000_000), 100);
        assertThat(bytesPerCall(() -> keyed.tryAcquire("key"))).isLessThan(0.1);
    }

    @Test
    void rejection_byException_isOneSmallObject_andByTokenNone() {
        CircuitBreaker breaker = CircuitBreaker.of("c");
        breaker.forceOpen();
        assertThat(bytesPerCall(() -> {
                    try {
                        breaker.call(WORK);
                    } catch (RejectedCallException e) {
                        return;
                    }
                }))
                .isLessThanOrEqualTo(64);
        Admission gate = breaker.admission();
        assertThat(bytesPerCall(() -> gate.tryAcquire(1))).isLessThan(0.1);
    }
}
