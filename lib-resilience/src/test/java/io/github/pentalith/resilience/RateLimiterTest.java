// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000_000_000);

    @Test
    void limiter_atAnyOrigin_startsFullAndRefillsEvenly() {
        RateLimiter limiter = RateLimiter.of("mail", Rate.perSecond(10).burst(2), now::get);
        assertThat(limiter.tryAcquire()).isTrue();
        assertThat(limiter.tryAcquire()).isTrue();
        assertThat(limiter.tryAcquireNanos(1)).isEqualTo(100_000_000);
        now.addAndGet(99_999_999);
        assertThat(limiter.tryAcquireNanos(1)).isEqualTo(1);
        now.addAndGet(1);
        assertThat(limiter.tryAcquire()).isTrue();
        now.addAndGet(Duration.ofDays(10_000).toNanos());
        assertThat(limiter.tryAcquire(2)).isTrue();
        assertThat(limiter.tryAcquire()).isFalse();
        assertThat(limiter.stats()).isEqualTo(new RateLimiter.Stats("mail", 5, 3));
        assertThat(limiter.rate()).isEqualTo(new Rate(10, Duration.ofSeconds(1), 2));
        assertThat(limiter.name()).isEqualTo("mail");
        assertThat(limiter).hasToString("RateLimiter[mail, 10 per PT1S, burst=2]");
    }

    @Test
    void perMinute_isSixtySecondsApart() {
        RateLimiter limiter = RateLimiter.of("m", Rate.perMinute(1), now::get);
        assertThat(limiter.tryAcquire()).isTrue();
        assertThat(limiter.tryAcquireNanos(1)).isEqualTo(Duration.ofMinutes(1).toNanos());
    }

    @Test
    void gate_refusing_saysWhenToRetry() {
        RateLimiter limiter = RateLimiter.of("mail", Rate.perSecond(1), now::get);
        Pipeline pipeline =
                Pipeline.builder("p").rateLimiter(limiter).ticker(now::get).build();
        pipeline.run(() -> {});
        RejectedCallException e = catchThrowableOfType(RejectedCallException.class, () -> pipeline.run(() -> {}));
        assertThat(e.reason()).isEqualTo(RejectedCallException.Reason.RATE_LIMITED);
        assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        Admission gate = limiter.admission();
        now.addAndGet(1_000_000_000);
        assertThat(gate.tryAcquire(Admission.UNTIMED)).isZero();
        gate.success(0, 0, 0);
        gate.failure(0, 0, 0, e);
        gate.release(0);
        assertThat(gate.tryAcquire(Admission.UNTIMED)).isEqualTo(-1_000_000_000);
        assertThat(gate.name()).isEqualTo("mail");
    }

    @Test
    void threads_takingAtOnce_getExactlyTheBurst() throws Exception {
        RateLimiter limiter = RateLimiter.of("r", Rate.of(1, Duration.ofDays(1)).burst(10_000), now::get);
        limiter.gate().beginCredit(limiter.gate().epoch(), now.get()); // as if one had lost a race
        ExecutorService pool = Executors.newFixedThreadPool(4);
        AtomicLong granted = new AtomicLong();
        for (int t = 0; t < 4; t++) {
            pool.submit(() -> {
                for (int i = 0; i < 5_000; i++) {
                    granted.addAndGet(limiter.tryAcquire() ? 1 : 0);
                }
            });
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(granted.get()).isEqualTo(10_000);
        assertThat(limiter.stats().granted()).isEqualTo(10_000);
    }

    @Test
    void epochWithCells_endsWhenCalledAtLeisure() {
        AtomicLong time = new AtomicLong();
        RateGate gate = new RateGate("r", Rate.perSecond(1_000_000), time::get, 1);
        assertThat(gate.take(1)).isNegative();
        gate.beginCredit(gate.epoch(), 0);
        for (int i = 0; i < 1_000; i++) {
            time.addAndGet(1_000);
            assertThat(gate.take(1)).isZero();
        }
        assertThat(gate.epoch().cells).isNotNull();
        for (int i = 0; i < 100; i++) {
            time.addAndGet(20_000);
            assertThat(gate.take(1)).isNotPositive();
        }
        assertThat(gate.epoch().cells).isNull();
        assertThat(gate.stats().granted()).isEqualTo(1_101);
    }
}
