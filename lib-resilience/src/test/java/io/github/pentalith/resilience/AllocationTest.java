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
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final CheckedSupplier<String, RuntimeException> WORK = () -> "done";

    /** Repeats until the compiler, which may have to wait for a processor, is through: it removes some objects. */
    private static void assertBytesPerCall(double most, Runnable call) {
        long thread = Thread.currentThread().getId();
        int calls = 20_000;
        double bytes;
        long begin = System.nanoTime();
        do {
            long before = THREADS.getThreadAllocatedBytes(thread);
            for (int i = 0; i < calls; i++) {
                call.run();
            }
            bytes = (double) (THREADS.getThreadAllocatedBytes(thread) - before) / calls;
        } while (bytes > most && System.nanoTime() - begin < PATIENCE.toNanos());
        assertThat(bytes).isLessThanOrEqualTo(most);
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
        assertBytesPerCall(0.1, () -> pipeline.call(WORK));
        CircuitBreaker breaker = CircuitBreaker.builder("c").window(100).build();
        assertBytesPerCall(0.1, () -> breaker.call(WORK));
        KeyedRateLimiter<String> keyed = KeyedRateLimiter.of("k", Rate.perSecond(1_000_000_000), 100);
        assertBytesPerCall(0.1, () -> keyed.tryAcquire("key"));
    }

    @Test
    void rejection_byException_isOneSmallObject_andByTokenNone() {
        CircuitBreaker breaker = CircuitBreaker.of("c");
        breaker.forceOpen();
        assertBytesPerCall(64, () -> {
            try {
                breaker.call(WORK);
            } catch (RejectedCallException e) {
                return;
            }
        });
        Admission gate = breaker.admission();
        assertBytesPerCall(0.1, () -> gate.tryAcquire(1));
    }
}
