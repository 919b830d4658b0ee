// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit.simulation;

import static java.time.Duration.ZERO;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofNanos;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class RecorderTest {
    private final Simulation world = Simulation.seeded(5);
    private final Recorder recorder = world.recorder();

    private void requestThatTakes(Duration time) {
        recorder.attempt();
        recorder.request(() -> {
            CompletableFuture<String> reply = new CompletableFuture<>();
            world.after(time, () -> reply.complete("ok"));
            return reply;
        });
    }

    @Test
    void between_requestsOfEachKind_countsThemWhereTheyBegan() {
        requestThatTakes(ofMillis(30));
        requestThatTakes(ofMillis(1_050));
        recorder.request(() -> CompletableFuture.failedFuture(new IllegalStateException()));
        recorder.request(() -> CompletableFuture.failedFuture(new RejectedExecutionException()));
        recorder.request(
                () -> CompletableFuture.failedFuture(new CompletionException(new RejectedExecutionException("full"))));
        recorder.request(() -> CompletableFuture.failedFuture(new CompletionException("no cause", null)));
        assertThat(recorder.request(() -> {
                    throw new RejectedExecutionException();
                }))
                .isCompletedExceptionally();
        recorder.request(CompletableFuture::new);
        recorder.attempt();
        world.run(ofSeconds(2));

        Recorder.Summary summary = recorder.between(ZERO, ofSeconds(1));
        assertThat(summary.requests()).isEqualTo(8);
        assertThat(summary.attempts()).isEqualTo(3);
        assertThat(summary.good()).isEqualTo(2);
        assertThat(summary.failed()).isEqualTo(2);
        assertThat(summary.rejected()).isEqualTo(3);
        assertThat(summary.open()).isEqualTo(1);
        assertThat(summary.goodShare()).isEqualTo(0.25);
        assertThat(summary.goodput()).as("one reply came in this second").isEqualTo(1);
        assertThat(summary.amplification()).isEqualTo(3 / 8.0);
        assertThat(summary.meanNanos()).isEqualTo(540e6);
        assertThat(summary.quantileNanos(0)).isEqualTo(30_000_000);
        assertThat(summary.quantileNanos(0.5)).isEqualTo(30_000_000);
        assertThat(summary.quantileNanos(0.51)).isEqualTo(1_050_000_000);
        assertThat(summary.quantileNanos(1)).isEqualTo(1_050_000_000);
        assertThat(summary.shareWithin(ofMillis(30))).isEqualTo(0.125);
        assertThat(summary.shareWithin(ofMillis(30).minusNanos(1))).isZero();
        assertThat(summary.shareWithin(ofSeconds(2))).isEqualTo(0.25);
        assertThat(summary)
                .hasToString("Summary[requests=8, attempts=3, good=2, failed=2, rejected=3, open=1, p99=PT1.05S]");
        assertThat(recorder.between(ofSeconds(1), ofSeconds(2)).requests()).isZero();
        assertThat(recorder.goodput(ofMillis(500))).containsExactly(2, 0, 2, 0);
    }

    @Test
    void between_noRequests_hasNoShares() {
        Recorder.Summary summary = recorder.between(ZERO, ofSeconds(1));
        assertThat(summary.goodShare()).isNaN();
        assertThat(summary.amplification()).isNaN();
        assertThat(summary.meanNanos()).isNaN();
        assertThat(summary.quantileNanos(0.99)).isZero();
    }

    @Test
    void between_longRunWithManyRequests_keepsAll() {
        for (int i = 0; i < 300; i++) {
            world.after(ofSeconds(i), () -> {
                for (int j = 0; j < 10; j++) {
                    requestThatTakes(ofMillis(1));
                }
            });
        }
        world.run(ofSeconds(400));
        assertThat(recorder.between(ZERO, ofSeconds(400)).good()).isEqualTo(3_000);
        assertThat(recorder.between(ofSeconds(200), ofSeconds(202)).good()).isEqualTo(20);
    }

    /** A request every 10 ms for 20 s; bad until 6 s, and again a little from 7.0 s to 7.2 s. */
    @Test
    void recoveryNanos_relapse_countsFromTheLastOne() {
        for (int i = 0; i < 2_000; i++) {
            long at = i * 10L;
            boolean good = at >= 6_000 && (at < 7_000 || at >= 7_200);
            world.after(
                    ofMillis(at),
                    () -> recorder.request(() -> good
                            ? CompletableFuture.completedFuture("ok")
                            : CompletableFuture.failedFuture(new IllegalStateException())));
        }
        world.run(ofSeconds(20));
        assertThat(recorder.recoveryNanos(ofSeconds(5), 1, ofSeconds(3)))
                .hasValue(ofMillis(2_200).toNanos());
        assertThat(recorder.recoveryNanos(ofSeconds(5), 1, ofMillis(100)))
                .hasValue(ofSeconds(1).toNanos());
        assertThat(recorder.recoveryNanos(ofSeconds(5), 0.5, ofSeconds(3)))
                .as("half of half a second may be bad")
                .hasValue(ofMillis(800).toNanos());
        assertThat(recorder.recoveryNanos(ofSeconds(8), 1, ofSeconds(3))).hasValue(0);
        assertThat(recorder.recoveryNanos(ofSeconds(18), 1, ofSeconds(3))).isEmpty();
        assertThat(recorder.recoveryNanos(ofSeconds(5), 1, ofSeconds(14))).isEmpty();
    }

    @Test
    void parameters_outOfRange_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> recorder.between(ZERO, ofMillis(150)))
                .withMessage("to must be whole steps: to=PT0.15S (expected: a multiple of PT0.1S)");
        assertThatIllegalArgumentException().isThrownBy(() -> recorder.between(ofSeconds(-1), ofSeconds(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> recorder.between(ofSeconds(1), ofSeconds(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> recorder.between(ZERO, ofSeconds(1)).quantileNanos(2))
                .withMessage("q must be in range: q=2.0 (expected: 0 to 1)");
        assertThat(recorder.recoveryNanos(ZERO, 0.9, Recorder.STEP)).isEmpty();
        assertThat(ofNanos(1)).isLessThan(Recorder.STEP);
    }
}
