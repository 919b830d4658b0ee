// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.data.Percentage.withPercentage;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LoadTest {
    private final Simulation world = Simulation.seeded(4);

    @Test
    void rate_changed_holdsFromThenOn() {
        long[] count = new long[1];
        Load load = world.poisson("users", 1_000, () -> count[0]++);
        world.run(ofSeconds(10));
        assertThat(count[0]).isCloseTo(10_000, withPercentage(5));
        load.rate(0);
        world.run(ofSeconds(10));
        assertThat(load.started()).isEqualTo(count[0]).isCloseTo(10_000, withPercentage(5));
        load.rate(10_000);
        world.run(ofSeconds(1));
        assertThat(count[0]).isCloseTo(20_000, withPercentage(5));
    }

    @Test
    void stop_endsOpenAndClosedLoads() {
        Load open = world.poisson("open", 1_000, () -> {});
        Load closed = world.closed(
                "closed", 3, Distribution.constant(ofMillis(1)), () -> CompletableFuture.completedFuture("ok"));
        world.run(ofSeconds(1));
        open.stop();
        closed.stop();
        long before = open.started();
        assertThat(closed.started()).isEqualTo(3_000);
        world.run(ofSeconds(1));
        assertThat(open.started()).isEqualTo(before);
        assertThat(closed.started()).isEqualTo(3_000);
        assertThat(world.time().pendingTasks()).isZero();
    }

    @Test
    void closed_withoutThinking_doesNotStopTime() {
        Load load = world.closed(
                "c", 1, Distribution.constant(Duration.ZERO), () -> CompletableFuture.failedFuture(new Exception()));
        world.run(ofMillis(1));
        assertThat(load.started()).isEqualTo(1_000);
    }

    @Test
    void parameters_outOfRange_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.poisson("a", -1, () -> {}))
                .withMessage("perSecond must be in range: perSecond=-1.0 (expected: 0 to 1e9)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.closed("b", 0, Distribution.constant(ofMillis(1)), CompletableFuture::new))
                .withMessage("clients must be positive: clients=0 (expected: 1 or more)");
        Load closed = world.closed("c", 1, Distribution.constant(ofMillis(1)), CompletableFuture::new);
        assertThatIllegalStateException().isThrownBy(() -> closed.rate(5));
    }
}
