// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KeyedRateLimiterTest {
    private final AtomicLong now = new AtomicLong();

    @Test
    void keys_areIndependent_andKnowTheirWait() {
        KeyedRateLimiter<String> limiter = KeyedRateLimiter.of("clients", Rate.perSecond(2), 100, now::get);
        assertThat(limiter.tryAcquire("a")).isTrue();
        assertThat(limiter.tryAcquire("a")).isTrue();
        assertThat(limiter.tryAcquire("a")).isFalse();
        assertThat(limiter.tryAcquireNanos("b", 2)).isZero();
        assertThat(limiter.tryAcquireNanos("b", 2)).isEqualTo(1_000_000_000);
        assertThat(limiter.stats()).isEqualTo(new KeyedRateLimiter.Stats("clients", 2, 4, 2, 0));
        assertThat(limiter.name()).isEqualTo("clients");
        assertThat(limiter).hasToString("KeyedRateLimiter[clients, 2 per PT1S, burst=2, maximumKeys=96]");
    }

    @Test
    void floodOfNewKeys_getsNoFreshBursts() {
        KeyedRateLimiter<Integer> limiter =
                KeyedRateLimiter.of("k", Rate.perSecond(1).burst(5), 8, now::get);
        int granted = 0;
        for (int key = 0; key < 10_000; key++) {
            granted += limiter.tryAcquire(key) ? 1 : 0;
        }
        assertThat(granted).isEqualTo(8 * 5);
        assertThat(limiter.stats().keys()).isEqualTo(8);
    }

    @Test
    void fullSet_evictsTheKeyThatHasRestedLongest() {
        KeyedRateLimiter<Integer> limiter =
                KeyedRateLimiter.of("k", Rate.perSecond(1).burst(5), 8, now::get);
        for (int key = 0; key < 8; key++) {
            limiter.tryAcquireNanos(key, key == 3 ? 1 : 5);
        }
        assertThat(limiter.tryAcquireNanos(99, 4)).isZero(); // inherits the one that 3 had taken
        assertThat(limiter.tryAcquire(99)).isFalse();
        for (int key = 0; key < 8; key++) {
            if (key != 3) {
                assertThat(limiter.tryAcquire(key)).isFalse(); // those who stayed got nothing new
            }
        }
        assertThat(limiter.stats().evicted()).isEqualTo(1);
    }

    @Test
    void threads_onFewPlaces_neverExceedTheSum() throws Exception {
        KeyedRateLimiter<Integer> limiter =
                KeyedRateLimiter.of("k", Rate.of(1, Duration.ofDays(1)).burst(1000), 4, now::get);
        int threads = 4;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CountDownLatch start = new CountDownLatch(1);
        AtomicLong granted = new AtomicLong();
        for (int t = 0; t < threads; t++) {
            int thread = t;
            pool.submit(() -> {
                start.await();
                for (int i = 0; i < 20_000; i++) {
                    granted.addAndGet(limiter.tryAcquire((i + thread) % 9) ? 1 : 0);
                }
                return null;
            });
        }
        start.countDown();
        pool.shutdown();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        assertThat(granted.get()).isEqualTo(4 * 1000);
    }
}
