// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static io.github.pentalith.resilience.CircuitBreaker.State.CLOSED;
import static io.github.pentalith.resilience.CircuitBreaker.State.HALF_OPEN;
import static io.github.pentalith.resilience.CircuitBreaker.State.OPEN;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.testkit.VirtualTime;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Thresholds and limits that change while calls run. */
class RunTimeChangeTest {
    private final VirtualTime time = VirtualTime.create();

    private CircuitBreaker breaker() {
        return CircuitBreaker.builder("b")
                .window(10)
                .minimumCalls(4)
                .openFor(ofSeconds(1))
                .ticker(time)
                .build();
    }

    private static void fail(CircuitBreaker breaker, int times) {
        for (int i = 0; i < times; i++) {
            try (Permit permit = breaker.acquire()) {
                permit.failure(new IllegalStateException());
            }
        }
    }

    private static void succeed(CircuitBreaker breaker, int times) {
        for (int i = 0; i < times; i++) {
            try (Permit permit = breaker.acquire()) {
                permit.success();
            }
        }
    }

    @Test
    void breakerThreshold_lowered_judgesTheCallsThatItHas() {
        CircuitBreaker breaker = breaker();
        succeed(breaker, 6);
        fail(breaker, 2);
        assertThat(breaker.state()).isEqualTo(CLOSED);
        breaker.adjust(now -> now.failureRate(0.3));
        fail(breaker, 1);
        assertThat(breaker.state()).isEqualTo(OPEN);
        assertThat(breaker.toString()).contains("failureRate=0.3");
    }

    @Test
    void breakerChange_whileHalfOpen_keepsProbesAndTokens() {
        CircuitBreaker breaker = breaker();
        fail(breaker, 4);
        time.advance(ofSeconds(1));
        Permit probe = breaker.acquire();
        breaker.adjust(now -> now.probes(1));
        assertThat(breaker.state()).isEqualTo(HALF_OPEN);
        assertThatThrownBy(breaker::acquire).isInstanceOf(RejectedCallException.class);
        probe.success();
        assertThat(breaker.state()).isEqualTo(CLOSED);
        assertThat(breaker.stats().stale()).isZero();
    }

    private static void refused(CircuitBreaker breaker, UnaryOperator<CircuitBreaker.Builder> change, String message) {
        String before = breaker.toString();
        assertThatThrownBy(() -> breaker.adjust(change))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThat(breaker.toString()).isEqualTo(before);
    }

    @Test
    void breakerChange_ofWhatIsBuiltIn_isRefusedByName() {
        CircuitBreaker breaker = breaker();
        refused(
                breaker,
                now -> now.window(20),
                "window must stay as it was built: window=20 calls (expected: 10 calls)");
        refused(
                breaker,
                now -> now.window(ofSeconds(1)),
                "window must stay as it was built: window=PT1S (expected: 10 calls)");
        refused(
                breaker,
                now -> now.consecutiveFailures(3),
                "window must stay as it was built: window=none (expected: 10 calls)");
        refused(
                breaker,
                now -> now.slowCalls(ofMillis(1), 1),
                "slowCalls must stay as it was built: slowCalls=on (expected: off)");
        refused(
                breaker,
                now -> now.ticker(time),
                "ticker must stay as it was built: ticker=another (expected: the one of the breaker)");
        refused(
                breaker,
                now -> now.random(new Random(1)),
                "random must stay as it was built: random=another (expected: the one of the breaker)");
        refused(
                breaker,
                now -> now.observer(new CircuitBreaker.Observer() {}),
                "observer must stay as it was built: observer=another (expected: the one of the breaker)");
        refused(
                breaker,
                now -> now.minimumCalls(11),
                "minimumCalls must fit into the window: minimumCalls=11 (expected: at most 10)");
    }

    @Test
    void breakerOfSlowCalls_changesItsThreshold() {
        CircuitBreaker breaker = CircuitBreaker.builder("b")
                .slowCalls(ofSeconds(1), 0.5)
                .minimumCalls(1)
                .ticker(time)
                .build();
        breaker.adjust(now -> now.slowCalls(ofMillis(10), 0.5));
        breaker.run(() -> time.advance(ofMillis(20)));
        assertThat(breaker.state()).isEqualTo(OPEN);
    }

    @Test
    void rate_changed_keepsTheGrantsThatAreThere() {
        RateLimiter limiter = RateLimiter.of("r", Rate.perSecond(1).burst(10), time);
        assertThat(limiter.tryAcquire(6)).isTrue();
        limiter.rate(Rate.perSecond(100).burst(10));
        assertThat(limiter.rate()).isEqualTo(Rate.perSecond(100).burst(10));
        assertThat(limiter.tryAcquire(5)).isFalse();
        assertThat(limiter.tryAcquire(4)).isTrue();
        time.advance(ofMillis(10));
        assertThat(limiter.tryAcquire()).isTrue();
        limiter.rate(Rate.perSecond(1).burst(3));
        assertThat(limiter.tryAcquireNanos(1)).isEqualTo(ofSeconds(1).toNanos());
        assertThatThrownBy(() -> limiter.tryAcquire(4)).hasMessageContaining("expected: 1 to the burst of 3");
        time.advance(ofSeconds(100));
        limiter.rate(Rate.perSecond(1).burst(5));
        assertThat(limiter.tryAcquire(4)).isFalse();
        assertThat(limiter.tryAcquire(3)).isTrue();
    }

    @Test
    void singleGates_takeAsynchronousCalls() {
        CircuitBreaker breaker = breaker();
        Bulkhead bulkhead = Bulkhead.of("k", 1);
        RateLimiter limiter = RateLimiter.of("r", Rate.perSecond(2), time);
        CompletableFuture<String> source = new CompletableFuture<>();
        var running = bulkhead.callAsync(() -> source);
        assertThat(bulkhead.stats().inFlight()).isEqualTo(1);
        assertThat(bulkhead.callAsync(() -> source)).isCompletedExceptionally();
        running.cancel(false);
        assertThat(source).isCancelled();
        assertThat(bulkhead.stats().inFlight()).isZero();
        for (int i = 0; i < 4; i++) {
            var unused = breaker.callAsync(() -> CompletableFuture.failedFuture(new IllegalStateException()));
        }
        assertThat(breaker.state()).isEqualTo(OPEN);
        assertThat(limiter.call(() -> "one")).isEqualTo("one");
        limiter.run(() -> {});
        assertThatThrownBy(() -> limiter.call(() -> "three")).isInstanceOfSatisfying(RejectedCallException.class, e -> {
            assertThat(e.reason()).isEqualTo(RejectedCallException.Reason.RATE_LIMITED);
            assertThat(e.retryAfter()).isEqualTo(ofMillis(500));
        });
    }
}
