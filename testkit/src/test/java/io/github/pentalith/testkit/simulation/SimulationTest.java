// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SimulationTest {
    private final Simulation world = Simulation.seeded(1);

    @Test
    void after_severalEvents_happenInTheOrderOfTheirTimes() {
        List<String> heard = new ArrayList<>();
        world.after(ofMillis(2), () -> heard.add("b at " + world.elapsed().toMillis()));
        world.after(ofMillis(1), () -> {
            heard.add("a at " + world.elapsed().toMillis());
            world.after(ofMillis(2), () -> heard.add("c at " + world.elapsed().toMillis()));
        });
        world.run(ofMillis(3));
        assertThat(heard).containsExactly("a at 1", "b at 2", "c at 3");
        assertThat(world).hasToString("Simulation[seed=1, elapsed=PT0.003S]");
    }

    @Test
    void after_negativeDelay_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.after(ofMillis(-1), () -> {}))
                .withMessage("delay must not be negative: delay=PT-0.001S (expected: zero or more)");
    }

    @Test
    void run_eventThatThrows_endsTheRunAndTells() {
        List<String> heard = new ArrayList<>();
        AssertionError broken = new AssertionError("broken");
        world.after(ofMillis(1), () -> {
            throw broken;
        });
        world.after(ofMillis(2), () -> heard.add("later"));
        assertThatIllegalStateException()
                .isThrownBy(() -> world.run(ofSeconds(1)))
                .withMessageContaining("seed=1")
                .withCause(broken);
        assertThat(heard).isEmpty();
    }

    @Test
    void run_callbackOfAReplyThatThrows_endsTheRunToo() {
        Server server =
                world.server("s").service(Distribution.constant(ofMillis(1))).build();
        world.closed("c", 1, Distribution.constant(Duration.ZERO), () -> {
            if (server.completed() == 3) {
                throw new IllegalStateException("no more");
            }
            return server.call();
        });
        assertThatIllegalStateException()
                .isThrownBy(() -> world.run(ofSeconds(1)))
                .havingCause()
                .withMessage("no more");
    }

    @Test
    void random_byName_dependsOnSeedAndNameOnly() {
        RandomGenerator first = Simulation.seeded(9).random("x");
        Simulation other = Simulation.seeded(9);
        other.random("y");
        RandomGenerator second = other.random("x");
        RandomGenerator third = Simulation.seeded(10).random("x");
        long[] numbers = first.longs(5).toArray();
        assertThat(second.longs(5).toArray()).isEqualTo(numbers);
        assertThat(third.longs(5).toArray()).isNotEqualTo(numbers);
    }

    @Test
    void random_nameUsedTwice_isRefused() {
        world.random("x");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.random("x"))
                .withMessage("name must be new: name=x (expected: one not used before)");
    }

    @Test
    void timeout_ofASlowCall_failsItAndLeavesAFastOneAlone() {
        CompletableFuture<String> fast = world.timeout(new CompletableFuture<>(), ofMillis(5));
        CompletableFuture<String> slow = world.timeout(new CompletableFuture<>(), ofMillis(5));
        CompletableFuture<String> done = world.timeout(CompletableFuture.completedFuture("done"), ofMillis(5));
        world.after(ofMillis(4), () -> fast.complete("fast"));
        world.run(ofMillis(10));
        assertThat(fast).isCompletedWithValue("fast");
        assertThat(done).isCompletedWithValue("done");
        assertThat(slow)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(TimeoutException.class)
                .withMessage("no reply within PT0.005S");
    }
}
