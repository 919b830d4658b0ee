// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Waiting for a place: no wake-up is lost, a place that is handed over while its waiter gives up comes back. */
public class WaitQueueLincheckTest {
    private final AtomicLong clock = new AtomicLong();
    /** Patience ends after few looks at the clock, at any of which a place may be handed over. */
    private final BulkheadGate gate = new BulkheadGate("b", ConcurrencyLimit.fixed(1), 3, clock::incrementAndGet);

    @Operation
    public void call() {
        long token = gate.tryAcquire(0);
        if (token >= 0) {
            gate.release(token);
        }
    }

    @Operation
    public void shrinkAndGrow() {
        gate.limit(2);
        gate.limit(1);
    }

    @Validate
    public void nobodyIsLeft() {
        if (gate.inFlight() != 0 || gate.waiting() != 0) {
            throw new IllegalStateException("inFlight=" + gate.inFlight() + ", waiting=" + gate.waiting());
        }
    }

    @Test
    void queue_underAllInterleavings_conservesPlaces() {
        LincheckDepth.options().check(WaitQueueLincheckTest.class);
    }
}
