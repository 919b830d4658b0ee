// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Synchronous work that is interrupted at the end of its time. */
class InterruptTest {
    private final Recorder gate = new Recorder();

    private Pipeline.Builder builder() {
        return Pipeline.builder("p").admission(gate).interruptOnTimeout();
    }

    private static String hang() throws InterruptedException {
        new CountDownLatch(1).await();
        return "never";
    }

    @AfterEach
    void threadIsNotLeftInterrupted_andTokensAreBack() {
        assertThat(Thread.interrupted()).isFalse();
        assertThat(gate.outstanding()).isZero();
    }

    @Test
    void attemptThatHangs_isInterrupted_andRetried() throws Exception {
        Pipeline pipeline = builder()
                .attemptTimeout(ofMillis(20))
                .retry(Retry.of(2, Backoff.none()))
                .build();
        AtomicInteger attempts = new AtomicInteger();
        String result = pipeline.call(() -> attempts.incrementAndGet() == 1 ? hang() : "second");
        assertThat(result).isEqualTo("second");
        assertThat(gate.failed).hasValue(1);
        assertThat(pipeline.toString()).endsWith("attempt timeout PT0.02S > work, interrupted]");
    }

    @Test
    void deadline_interruptsAndEndsTheCall() {
        Pipeline pipeline = builder()
                .deadline(ofMillis(30))
                .retry(Retry.of(5, Backoff.none()))
                .build();
        CallTimeoutException e =
                catchThrowableOfType(CallTimeoutException.class, () -> pipeline.call(InterruptTest::hang));
        assertThat(e).hasCauseInstanceOf(InterruptedException.class);
        assertThat(e.overall()).isTrue();
        assertThat(e.timeout()).isEqualTo(ofMillis(30));
        assertThat(e.attempts()).isEqualTo(1);
        assertThat(pipeline.stats().timeouts()).isEqualTo(1);
    }

    @Test
    void workThatEndsInTime_isNotInterrupted() {
        Pipeline pipeline = builder().deadline(ofSeconds(60)).build();
        for (int i = 0; i < 1_000; i++) {
            assertThat(pipeline.call(() -> "x")).isEqualTo("x");
        }
        assertThatThrownBy(() -> pipeline.call(() -> {
                    throw new IOException("own");
                }))
                .isInstanceOf(IOException.class);
    }

    @Test
    void errorAndResult_afterTheInterrupt_standAsTheyAre() throws Exception {
        Pipeline pipeline = builder().attemptTimeout(ofMillis(5)).build();
        assertThatThrownBy(() -> pipeline.call(() -> {
                    try {
                        return hang();
                    } catch (InterruptedException e) {
                        throw new StackOverflowError("own");
                    }
                }))
                .isInstanceOf(StackOverflowError.class);
        String late = pipeline.call(() -> {
            try {
                return hang();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return "late";
            }
        });
        assertThat(late).isEqualTo("late");
    }

    @Test
    void interruptOfSomebodyElse_staysAnInterrupt() {
        Pipeline pipeline = builder().deadline(ofSeconds(60)).build();
        assertThatThrownBy(() -> pipeline.call(() -> {
                    Thread.currentThread().interrupt();
                    return hang();
                }))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(pipeline.stats().cancellations()).isEqualTo(1);
    }

    @Test
    void nested_timeoutOfTheOuterCall_isNotTakenForTheInnerOne() {
        Pipeline outer = builder().deadline(ofMillis(30)).build();
        Pipeline inner = Pipeline.builder("inner")
                .attemptTimeout(ofSeconds(60))
                .interruptOnTimeout()
                .build();
        assertThatThrownBy(() -> outer.call(() -> inner.call(InterruptTest::hang)))
                .isInstanceOf(CallTimeoutException.class)
                .hasMessageContaining("name=");
        Pipeline brief = Pipeline.builder("brief")
                .attemptTimeout(ofMillis(10))
                .interruptOnTimeout()
                .build();
        Pipeline patient = builder().deadline(ofSeconds(60)).build();
        String fallback = patient.call(() -> brief.call(InterruptTest::hang, e -> "fallback"));
        assertThat(fallback).isEqualTo("fallback");
    }

    @Test
    void virtualTime_drivesTheInterrupt() {
        VirtualTime time = VirtualTime.create();
        Pipeline pipeline = builder()
                .attemptTimeout(ofSeconds(10))
                .ticker(time)
                .scheduler(time)
                .build();
        assertThatThrownBy(() -> pipeline.call(() -> {
                    time.advance(ofSeconds(11));
                    return hang();
                }))
                .isInstanceOf(CallTimeoutException.class);
        assertThat(time.elapsed()).isEqualTo(ofSeconds(11));
        assertThat(time.pendingTasks()).isZero();
    }

    /** Work that ends about when its time does: whoever wins, no interrupt is left behind. */
    @Test
    void races_ofEndAndTimeout_leaveNoInterruptBehind() {
        Pipeline pipeline =
                builder().attemptTimeout(Duration.ofNanos(1_500_000)).build();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 400; i++) {
            long until = System.nanoTime() + 1_000_000 + random.nextLong(2_500_000);
            String unused = pipeline.call(
                    () -> {
                        while (System.nanoTime() - until < 0) {
                            if (Thread.interrupted()) {
                                throw new InterruptedException();
                            }
                        }
                        return "x";
                    },
                    e -> "timeout");
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }
}
