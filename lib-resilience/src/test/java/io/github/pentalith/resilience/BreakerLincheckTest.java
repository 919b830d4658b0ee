// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import io.github.pentalith.resilience.CircuitBreaker.State;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;
import org.slf4j.helpers.NOPLogger;

/**
 * Every interleaving of entering, verdicts, time and force gives a history that one thread could have made. Tokens are
 * kept per state of the world: threads report the tokens that they or others were granted.
 */
public class BreakerLincheckTest {
    private final BreakerGate gate = new BreakerGate(
            "b",
            new BreakerSettings(0, 0, 2, 1, 0.5, 0, 1, 10, 10, 2, 20, null),
            () -> 0,
            null,
            null,
            NOPLogger.NOP_LOGGER);

    @Operation
    public long enterEarly() {
        return gate.tryAcquire(0);
    }

    @Operation
    public long enterAfterOpening() {
        return gate.tryAcquire(10);
    }

    @Operation
    public long enterAfterTheLease() {
        return gate.tryAcquire(40);
    }

    @Operation
    public State succeedFirstGeneration() {
        gate.success(0, 0, 0);
        return gate.state();
    }

    @Operation
    public void failFirstGeneration() {
        gate.failure(0, 0, 0, new IllegalStateException());
    }

    @Operation
    public void succeedProbe() {
        gate.success(2L << 16, 10, 10);
    }

    @Operation
    public void failProbe() {
        gate.failure(2L << 16, 10, 10, new IllegalStateException());
    }

    @Operation
    public void releaseProbe() {
        gate.release(2L << 16);
    }

    @Operation
    public void tolerateMore() {
        gate.adjust(now -> gate.builder(now).consecutiveFailures(3).changed(now));
    }

    @Operation
    public void reset() {
        gate.force(State.CLOSED);
    }

    @Test
    void stateReference_underAllInterleavings_isLinearizable() {
        LincheckDepth.options().actorsBefore(3).actorsAfter(2).check(BreakerLincheckTest.class);
    }
}
