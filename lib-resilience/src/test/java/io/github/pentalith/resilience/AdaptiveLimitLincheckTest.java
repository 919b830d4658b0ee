// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** An adaptive limit may drop samples, but it stays in its range, and every place comes back. */
public class AdaptiveLimitLincheckTest {
    private final BulkheadGate gate = new BulkheadGate("b", ConcurrencyLimit.adaptive(2, 4, 10), 0, () -> 0);

    @Operation
    public void fastCall() {
        long token = gate.tryAcquire(0);
        if (token >= 0) {
            gate.success(token, 0, 5);
        }
    }

    @Operation
    public void slowCall() {
        long token = gate.tryAcquire(0);
        if (token >= 0) {
            gate.success(token, 20, 90);
        }
    }

    @Operation
    public void timedOutCall() {
        long token = gate.tryAcquire(0);
        if (token >= 0) {
            gate.failure(token, 20, 90, new IllegalStateException());
        }
    }

    @Operation
    public void cancelledCall() {
        long token = gate.tryAcquire(0);
        if (token >= 0) {
            gate.release(token);
        }
    }

    @Validate
    public void limitIsInRangeAndNobodyIsLeft() {
        if (gate.limit() < 2 || gate.limit() > 4 || gate.inFlight() != 0) {
            throw new IllegalStateException("limit=" + gate.limit() + ", inFlight=" + gate.inFlight());
        }
    }

    @Test
    void limit_underAllInterleavings_keepsItsRange() {
        LincheckDepth.options().actorsBefore(2).check(AdaptiveLimitLincheckTest.class);
    }
}
