// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class BadInputTest {
    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
    }

    @Test
    void names_blank_areRefused() {
        String message = "name must not be blank: name=' ' (expected: a word)";
        refused(() -> CircuitBreaker.of(" "), message);
        refused(() -> Bulkhead.of(" ", 1), message);
        refused(() -> RateLimiter.of(" ", Rate.perSecond(1)), message);
        refused(() -> KeyedRateLimiter.of(" ", Rate.perSecond(1), 1), message);
        refused(() -> Pipeline.builder(" "), message);
    }

    @Test
    void breaker_settingsOutOfRange_areRefusedByName() {
        CircuitBreaker.Builder builder = CircuitBreaker.builder("b");
        refused(() -> builder.window(0), "window must be in range: window=0 (expected: 1 to 1,000,000)");
        refused(
                () -> builder.window(Duration.ofNanos(5)),
                "window must be in range: window=PT0.000000005S (expected: PT0.001S to PT24H)");
        refused(
                () -> builder.consecutiveFailures(0),
                "consecutiveFailures must be in range: consecutiveFailures=0 (expected: 1 to 1,000,000)");
        refused(
                () -> builder.failureRate(Double.NaN),
                "failureRate must be a share: failureRate=NaN (expected: more than 0, at most 1)");
        refused(
                () -> builder.slowCalls(ofMillis(1), 1.5),
                "rate must be a share: rate=1.5 (expected: more than 0, at most 1)");
        refused(
                () -> builder.slowCalls(Duration.ZERO, 1),
                "threshold must be positive: threshold=PT0S (expected: more than PT0S)");
        refused(
                () -> builder.minimumCalls(0),
                "minimumCalls must be in range: minimumCalls=0 (expected: 1 to 1,000,000)");
        refused(
                () -> builder.openFor(Duration.ZERO),
                "openFor must be positive: openFor=PT0S (expected: more than PT0S)");
        refused(
                () -> builder.openFor(ofSeconds(2), ofSeconds(1)),
                "max must not be less than first: max=PT1S (expected: PT2S or more)");
        refused(() -> builder.probes(0), "probes must be in range: probes=0 (expected: 1 to 1,000)");
        refused(
                () -> builder.probeLease(Duration.ofNanos(-1)),
                "probeLease must be positive: probeLease=PT-0.000000001S (expected: more than PT0S)");
        refused(
                () -> CircuitBreaker.builder("b").window(10).minimumCalls(11).build(),
                "minimumCalls must fit into the window: minimumCalls=11 (expected: at most 10)");
        refused(
                () -> CircuitBreaker.builder("b")
                        .slowCalls(ofMillis(1), 1)
                        .consecutiveFailures(3)
                        .build(),
                "slowCalls needs a window: consecutiveFailures=3 (expected: window(..) instead, or no slowCalls)");
    }

    @Test
    void limits_outOfRange_areRefusedByName() {
        refused(() -> Bulkhead.of("b", 0), "limit must be in range: limit=0 (expected: 1 to 1,000,000)");
        refused(() -> Bulkhead.of("b", 1).limit(0), "limit must be in range: limit=0 (expected: 1 to 1,000,000)");
        refused(
                () -> Bulkhead.builder("b").maxWait(ofMillis(-1)),
                "maxWait must not be negative: maxWait=PT-0.001S (expected: PT0S or more)");
        refused(() -> Rate.perSecond(0), "count must be in range: count=0 (expected: 1 to 1,000,000,000)");
        refused(() -> Rate.perSecond(1).burst(0), "burst must be in range: burst=0 (expected: 1 to 1,000,000,000)");
        refused(
                () -> Rate.of(2, Duration.ofNanos(1)),
                "per must be in range: per=PT0.000000001S (expected: at most 365 days, and 1 ns for each of count=2)");
        refused(
                () -> Rate.of(1, Duration.ofDays(365)).burst(1000),
                "burst must not take more than 146 years to refill: burst=1000"
                        + " (expected: less, or a higher rate than 1 per PT8760H)");
        refused(
                () -> RateLimiter.of("r", Rate.perSecond(5)).tryAcquire(6),
                "permits must be in range: permits=6 (expected: 1 to the burst of 5)");
        refused(
                () -> KeyedRateLimiter.of("r", Rate.perSecond(5), 0),
                "maximumKeys must be in range: maximumKeys=0 (expected: 1 to 100,000,000)");
        refused(
                () -> KeyedRateLimiter.<String>of("r", Rate.perSecond(5), 1).tryAcquireNanos("k", 0),
                "permits must be in range: permits=0 (expected: 1 to the burst of 5)");
    }

    @Test
    void retry_settingsOutOfRange_areRefusedByName() {
        refused(
                () -> Retry.of(0, Backoff.none()),
                "maxAttempts must be in range: maxAttempts=0 (expected: 1 to 1,000)");
        refused(
                () -> Retry.of(1, Backoff.none()).on(),
                "exceptions must not be empty: exceptions=[] (expected: 1 or more)");
        refused(
                () -> Backoff.fixed(ofMillis(-1)),
                "delay must not be negative: delay=PT-0.001S (expected: PT0S or more)");
        refused(
                () -> Backoff.exponential(Duration.ZERO),
                "base must be positive: base=PT0S (expected: more than PT0S)");
        refused(
                () -> Backoff.exponential(ofSeconds(2)).cap(ofSeconds(1)),
                "cap must not be less than the base: cap=PT1S (expected: PT2S or more)");
        refused(() -> RetryBudget.ratio(-0.1), "ratio must be a share: ratio=-0.1 (expected: 0 to 1)");
        refused(() -> RetryBudget.of(0.1, -1), "reserve must be in range: reserve=-1 (expected: 0 to 1,000,000)");
    }

    @Test
    void pipeline_partsThatContradict_areRefusedByName() {
        refused(
                () -> Pipeline.builder("p").deadline(Duration.ZERO),
                "deadline must be positive: deadline=PT0S (expected: more than PT0S)");
        refused(
                () -> Pipeline.builder("p")
                        .deadline(ofSeconds(1))
                        .attemptTimeout(ofSeconds(1))
                        .build(),
                "attemptTimeout must be less than the deadline: attemptTimeout=PT1S (expected: less than PT1S)");
        refused(
                () -> Pipeline.builder("p").interruptOnTimeout().build(),
                "interruptOnTimeout needs a time: attemptTimeout=none, deadline=none (expected: one of the two)");
        refused(
                () -> Pipeline.builder("p").standard(Duration.ZERO),
                "deadline must be positive: deadline=PT0S (expected: more than PT0S)");
        refused(
                () -> Pipeline.builder("p").attemptTimeout(ofMillis(-1)),
                "attemptTimeout must be positive: attemptTimeout=PT-0.001S (expected: more than PT0S)");
        refused(
                () -> Bulkhead.builder("b").adaptive(0, 4, ofMillis(1)),
                "least must be in range: least=0 (expected: 1 to 1,000,000)");
        refused(
                () -> Bulkhead.builder("b").adaptive(5, 4, ofMillis(1)),
                "most must be in range: most=4 (expected: 5 to 1,000,000)");
        refused(
                () -> Bulkhead.adaptive("b", Duration.ZERO),
                "target must be positive: target=PT0S (expected: more than PT0S)");
        Bulkhead patient = Bulkhead.builder("b").maxWait(ofSeconds(5)).build();
        refused(
                () -> Pipeline.builder("p")
                        .deadline(ofSeconds(1))
                        .bulkhead(patient)
                        .build(),
                "maxWait of the bulkhead must be less than the deadline: maxWait=PT5S (expected: less than PT1S)");
    }

    @Test
    void deadline_headerThatIsNoNumber_isRefused() {
        refused(
                () -> Deadline.fromHeader("12ms"),
                "header must be milliseconds: header='12ms' (expected: a number of at most 18 digits)");
        refused(
                () -> Deadline.fromHeader("9".repeat(50)),
                "header must be milliseconds: header='" + "9".repeat(40)
                        + "...' (expected: a number of at most 18 digits)");
        refused(
                () -> Deadline.fromHeader(""),
                "header must be milliseconds: header='' (expected: a number of at most 18 digits)");
        refused(
                () -> Deadline.after(ofMillis(-1)),
                "timeout must not be negative: timeout=PT-0.001S (expected: PT0S or more)");
    }

    @Test
    void nanos_ofHugeDurations_saturate() {
        assertThat(Arguments.nanos(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(Arguments.MAX_NANOS);
        assertThat(Arguments.nanos(Duration.ofSeconds(Long.MIN_VALUE))).isEqualTo(-Arguments.MAX_NANOS);
        assertThat(Deadline.after(ofSeconds(Long.MAX_VALUE)).remaining()).isGreaterThan(Duration.ofDays(50_000));
    }
}
