// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static io.github.pentalith.resilience.CircuitBreaker.State.CLOSED;
import static io.github.pentalith.resilience.CircuitBreaker.State.DISABLED;
import static io.github.pentalith.resilience.CircuitBreaker.State.FORCED_OPEN;
import static io.github.pentalith.resilience.CircuitBreaker.State.HALF_OPEN;
import static io.github.pentalith.resilience.CircuitBreaker.State.OPEN;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
    // Starts where comparing readings by < instead of by their difference goes wrong.
    private final VirtualTime time = VirtualTime.startingAt(
            Instant.EPOCH, Long.MAX_VALUE - Duration.ofSeconds(3).toNanos());
    private final List<String> changes = new ArrayList<>();

    private CircuitBreaker.Builder builder() {
        return CircuitBreaker.builder("db")
                .window(10)
                .minimumCalls(4)
                .openFor(ofSeconds(1))
                .ticker(time)
                .observer(new CircuitBreaker.Observer() {
                    @Override
                    public void onStateChange(String name, CircuitBreaker.State from, CircuitBreaker.State to) {
                        changes.add(from + ">" + to);
                    }
                });
    }

    @AfterEach
    void interrupted_flag_isNotLeft() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private static void succeed(CircuitBreaker breaker) {
        breaker.run(() -> {});
    }

    private static void fail(CircuitBreaker breaker) {
        assertThatThrownBy(() -> breaker.run(() -> {
                    throw new IOException("down");
                }))
                .hasMessage("down");
    }

    private CircuitBreaker opened(CircuitBreaker.Builder builder) {
        CircuitBreaker breaker = builder.build();
        for (int i = 0; i < 4; i++) {
            fail(breaker);
        }
        assertThat(breaker.state()).isEqualTo(OPEN);
        return breaker;
    }

    @Test
    void closed_belowMinimum_staysClosed() {
        CircuitBreaker breaker = builder().build();
        fail(breaker);
        fail(breaker);
        fail(breaker);
        assertThat(breaker.state()).isEqualTo(CLOSED);
        succeed(breaker); // 3 of 4, but never at a good call
        assertThat(breaker.state()).isEqualTo(CLOSED);
        fail(breaker);
        assertThat(breaker.state()).isEqualTo(OPEN);
    }

    @Test
    void closed_failureSlidesOut_isForgotten() {
        CircuitBreaker breaker = builder().build();
        fail(breaker);
        for (int i = 0; i < 10; i++) {
            succeed(breaker);
        }
        assertThat(breaker.stats().failureRate()).isZero();
    }

    @Test
    void open_call_isRefusedCheaplyAndSaysWhen() {
        CircuitBreaker breaker = opened(builder());
        time.advance(ofMillis(400));
        RejectedCallException e = catchThrowableOfType(RejectedCallException.class, () -> breaker.call(() -> "never"));
        assertThat(e.reason()).isEqualTo(RejectedCallException.Reason.BREAKER_OPEN);
        assertThat(e.name()).isEqualTo("db");
        assertThat(e.retryAfter()).isEqualTo(ofMillis(600));
        assertThat(e.getStackTrace()).isEmpty();
        assertThat(e).hasMessage("call was not made: name=db, reason=BREAKER_OPEN, retryAfter=PT0.6S");
        assertThat(breaker.stats().rejected()).isEqualTo(1);
    }

    @Test
    void open_afterItsTime_probesAndCloses() {
        CircuitBreaker breaker = opened(builder());
        time.advance(ofSeconds(1));
        succeed(breaker);
        assertThat(breaker.state()).isEqualTo(HALF_OPEN);
        succeed(breaker);
        assertThat(breaker.state()).isEqualTo(CLOSED);
        assertThat(breaker.stats().failureRate()).isNaN();
        assertThat(changes).containsExactly("CLOSED>OPEN", "OPEN>HALF_OPEN", "HALF_OPEN>CLOSED");
    }

    @Test
    void halfOpen_enoughBadProbes_opensAgain() {
        CircuitBreaker breaker = opened(builder());
        time.advance(ofSeconds(1));
        succeed(breaker);
        fail(breaker);
        assertThat(breaker.state()).isEqualTo(HALF_OPEN);
        fail(breaker);
        assertThat(breaker.state()).isEqualTo(OPEN);
        assertThat(breaker.stats().opened()).isEqualTo(2);
    }

    @Test
    void halfOpen_allProbesUnderWay_refuses() {
        CircuitBreaker breaker = opened(builder());
        time.advance(ofSeconds(1));
        List<Permit> probes = List.of(breaker.acquire(), breaker.acquire(), breaker.acquire());
        RejectedCallException e = catchThrowableOfType(RejectedCallException.class, breaker::acquire);
        assertThat(e.retryAfter()).isEqualTo(ofSeconds(5));
        probes.get(0).close(); // not used: another may go
        breaker.acquire().success();
        probes.get(1).success();
        assertThat(breaker.state()).isEqualTo(CLOSED);
        probes.get(2).failure(new IOException());
        assertThat(breaker.state()).isEqualTo(CLOSED);
        assertThat(breaker.stats().stale()).isEqualTo(1);
    }

    @Test
    void halfOpen_probesThatNeverReport_areReplacedAfterTheLease() {
        CircuitBreaker breaker = opened(builder().probeLease(ofSeconds(5)));
        time.advance(ofSeconds(1));
        List<Permit> lost = List.of(breaker.acquire(), breaker.acquire(), breaker.acquire());
        time.advance(ofSeconds(5));
        Permit second = breaker.acquire();
        lost.get(0).close(); // frees no place of the new lease
        lost.get(1).success(); // still news of the dependency
        assertThat(breaker.state()).isEqualTo(HALF_OPEN);
        second.success();
        assertThat(breaker.state()).isEqualTo(CLOSED);
    }

    @Test
    void halfOpen_manyLostLeases_neverAdmitMoreThanTheProbesEach() {
        CircuitBreaker breaker = opened(builder().probeLease(ofSeconds(5)));
        for (int lease = 0; lease < 20; lease++) {
            time.advance(ofSeconds(5));
            Permit one = breaker.acquire();
            Permit two = breaker.acquire();
            Permit three = breaker.acquire();
            assertThatThrownBy(breaker::acquire).isInstanceOf(RejectedCallException.class);
            assertThat(List.of(one, two, three)).hasSize(3);
        }
    }

    @Test
    void verdicts_ofAnEarlierPhase_changeNothing() {
        CircuitBreaker breaker = builder().build();
        List<Permit> old = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            old.add(breaker.acquire());
        }
        for (int i = 0; i < 4; i++) {
            fail(breaker);
        }
        time.advance(ofSeconds(1));
        Permit probe = breaker.acquire();
        old.forEach(Permit::success);
        assertThat(breaker.state()).isEqualTo(HALF_OPEN);
        probe.success();
        succeed(breaker);
        assertThat(breaker.state()).isEqualTo(CLOSED);
        assertThat(breaker.stats().stale()).isEqualTo(50);
    }

    @Test
    void failureWhileOpen_doesNotProlong() {
        CircuitBreaker breaker = builder().build();
        Permit late = breaker.acquire();
        for (int i = 0; i < 4; i++) {
            fail(breaker);
        }
        time.advance(ofMillis(900));
        late.failure(new IOException());
        time.advance(ofMillis(100));
        succeed(breaker);
        assertThat(breaker.state()).isEqualTo(HALF_OPEN);
    }

    @Test
    void openTime_withMaximum_doublesVariesAndIsResetByClosing() {
        CircuitBreaker breaker = CircuitBreaker.builder("db")
                .consecutiveFailures(1)
                .probes(1)
                .openFor(ofSeconds(1), ofSeconds(8))
                .ticker(time)
                .build();
        for (int round = 0; round < 2; round++) {
            for (double expected : new double[] {1, 2, 4, 8, 8}) {
                fail(breaker);
                Duration wait = catchThrowableOfType(RejectedCallException.class, breaker::acquire)
                        .retryAfter();
                assertThat(wait.toMillis() / 1000.0).isBetween(0.8 * expected - 0.001, 1.2 * expected);
                time.advance(wait);
            }
            succeed(breaker);
            assertThat(breaker.state()).isEqualTo(CLOSED);
        }
    }

    @Test
    void errors_areFailuresAndGiveTheTokenBack() {
        CircuitBreaker breaker = opened(builder());
        time.advance(ofSeconds(1));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> breaker.run(() -> {
                        throw new StackOverflowError();
                    }))
                    .isInstanceOf(StackOverflowError.class);
        }
        assertThat(breaker.state()).isEqualTo(OPEN);
    }

    @Test
    void interruptionsCancellationsAndRejections_areNeitherSuccessNorFailure() {
        CircuitBreaker breaker = opened(builder());
        time.advance(ofSeconds(1));
        for (Exception neutral :
                List.of(new InterruptedException(), new CancellationException(), new RejectedExecutionException())) {
            for (int i = 0; i < 10; i++) {
                assertThatThrownBy(() -> breaker.run(() -> {
                            throw neutral;
                        }))
                        .isSameAs(neutral);
                assertThat(Thread.interrupted()).isEqualTo(neutral instanceof InterruptedException);
            }
        }
        Permit permit = breaker.acquire();
        permit.failure(new CancellationException());
        assertThat(breaker.state()).isEqualTo(HALF_OPEN);
        assertThat(breaker.stats().released()).isEqualTo(31);
    }

    @Test
    void failWhen_forgivesAnswers_butNotErrorsNorItsOwnFailure() {
        CircuitBreaker breaker = builder()
                .failWhen(e -> {
                    if (e instanceof IllegalStateException) {
                        throw new IllegalArgumentException("predicate");
                    }
                    return !(e instanceof IOException);
                })
                .build();
        for (int i = 0; i < 20; i++) {
            fail(breaker);
        }
        assertThat(breaker.stats().failures()).isZero();
        assertThat(breaker.stats().successes()).isEqualTo(20);
        assertThatThrownBy(() -> breaker.run(() -> {
                    throw new IllegalStateException("work");
                }))
                .hasMessage("work");
        assertThatThrownBy(() -> breaker.run(() -> {
                    throw new LinkageError();
                }))
                .isInstanceOf(LinkageError.class);
        assertThat(breaker.stats().failures()).isEqualTo(2);
    }

    @Test
    void slowCalls_reachingTheirRate_open() {
        CircuitBreaker breaker = builder().slowCalls(ofMillis(100), 0.5).build();
        for (int i = 0; i < 4; i++) {
            int millis = i < 2 ? 99 : 100;
            breaker.run(() -> time.advance(ofMillis(millis)));
        }
        assertThat(breaker.state()).isEqualTo(OPEN);
        assertThat(breaker.stats().slow()).isEqualTo(2);
        assertThat(breaker.stats().slowRate()).isEqualTo(0.5);
        time.advance(ofSeconds(1));
        breaker.run(() -> time.advance(ofSeconds(1)));
        breaker.run(() -> time.advance(ofSeconds(1)));
        assertThat(breaker.state()).isEqualTo(OPEN);
    }

    @Test
    void timeWindow_oldFailures_areForgotten() {
        CircuitBreaker breaker = CircuitBreaker.builder("db")
                .window(ofSeconds(10))
                .minimumCalls(4)
                .slowCalls(ofSeconds(1), 1)
                .ticker(time)
                .build();
        fail(breaker);
        fail(breaker);
        fail(breaker);
        time.advance(ofSeconds(11));
        succeed(breaker);
        assertThat(breaker.state()).isEqualTo(CLOSED);
        assertThat(breaker.stats().failureRate()).isZero();
        assertThat(breaker.stats().slowRate()).isZero();
    }

    @Test
    void consecutiveFailures_successBetween_startsAgain() {
        CircuitBreaker breaker =
                CircuitBreaker.builder("db").consecutiveFailures(3).ticker(time).build();
        fail(breaker);
        fail(breaker);
        succeed(breaker);
        fail(breaker);
        fail(breaker);
        assertThat(breaker.state()).isEqualTo(CLOSED);
        assertThat(breaker.stats().failureRate()).isEqualTo(1);
        assertThat(breaker.stats().slowRate()).isNaN();
        fail(breaker);
        assertThat(breaker.state()).isEqualTo(OPEN);
    }

    @Test
    void forcedOpen_refusesUntilReset() {
        CircuitBreaker breaker = builder().build();
        breaker.forceOpen();
        time.advance(ofSeconds(3600));
        RejectedCallException e = catchThrowableOfType(RejectedCallException.class, breaker::acquire);
        assertThat(e.retryAfter()).isNull();
        assertThat(breaker.state()).isEqualTo(FORCED_OPEN);
        breaker.reset();
        succeed(breaker);
        assertThat(breaker.state()).isEqualTo(CLOSED);
        assertThat(breaker.stats().opened()).isZero();
    }

    @Test
    void disabled_letsEverythingThrough() {
        CircuitBreaker breaker = builder().build();
        breaker.disable();
        for (int i = 0; i < 100; i++) {
            fail(breaker);
        }
        assertThat(breaker.state()).isEqualTo(DISABLED);
        assertThat(breaker.stats().failures()).isEqualTo(100);
        breaker.acquire().close();
        breaker.reset();
        assertThat(changes).containsExactly("CLOSED>DISABLED", "DISABLED>CLOSED");
    }

    @Test
    void observer_thatThrows_harmsNothing() {
        CircuitBreaker breaker = opened(builder().observer(new CircuitBreaker.Observer() {
            @Override
            public void onStateChange(String name, CircuitBreaker.State from, CircuitBreaker.State to) {
                throw new AssertionError("observer");
            }
        }));
        time.advance(ofSeconds(1));
        succeed(breaker);
        succeed(breaker);
        assertThat(breaker.state()).isEqualTo(CLOSED);
    }

    @Test
    void permit_secondVerdict_isIgnored() {
        CircuitBreaker breaker = builder().build();
        Permit permit = breaker.acquire();
        permit.success();
        permit.failure(new IOException());
        permit.success();
        permit.close();
        CircuitBreaker.Stats stats = breaker.stats();
        assertThat(stats.successes()).isEqualTo(1);
        assertThat(stats.failures() + stats.released()).isZero();
    }

    @Test
    void toString_showsEffectiveSettings() {
        assertThat(CircuitBreaker.of("db"))
                .hasToString("CircuitBreaker[db, CLOSED, window=PT10S, minimumCalls=20, failureRate=0.5,"
                        + " openFor=PT1S..PT30S, probes=3, probeLease=PT5S]");
        assertThat(builder().slowCalls(ofMillis(5), 0.9).build())
                .hasToString("CircuitBreaker[db, CLOSED, window=10 calls, minimumCalls=4, failureRate=0.5,"
                        + " slowCalls=PT0.005S/0.9, openFor=PT1S, probes=3, probeLease=PT5S]");
        assertThat(CircuitBreaker.builder("db").consecutiveFailures(2).build().toString())
                .contains("consecutiveFailures=2, failureRate");
        assertThat(CircuitBreaker.of("db").name()).isEqualTo("db");
    }
}
