// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Places laid out in cells: whoever enters, leaves, lays out or changes the limit meanwhile, entering is refused only if all are taken. */
public class CellsLincheckTest {
    private final BulkheadGate gate =
            new BulkheadGate("b", ConcurrencyLimit.fixed(8), 0, () -> 0, new Cells(2)); // 1 place in each cell

    private final AtomicInteger calls = new AtomicInteger();

    /** 6 of 8 places are taken; of the free ones at least one is in a cell. */
    public CellsLincheckTest() {
        gate.layOut();
        for (int i = 0; i < 6; i++) {
            boolean unused = enter();
        }
    }

    @Operation
    public boolean enter() {
        boolean entered = gate.tryAcquire(0) >= 0;
        calls.addAndGet(entered ? 1 : 0);
        return entered;
    }

    @Operation
    public boolean leave() {
        boolean left = calls.getAndUpdate(now -> now == 0 ? 0 : now - 1) > 0;
        if (left) {
            gate.release(0);
        }
        return left;
    }

    @Operation
    public void layOut() {
        gate.layOut();
    }

    @Operation
    public void shrink() {
        gate.limit(1);
    }

    @Operation
    public void grow() {
        gate.limit(8);
    }

    @Validate
    public void nothingIsLost() {
        if (gate.inFlight() != calls.get()) {
            throw new IllegalStateException("calls=" + calls.get() + ", " + gate.stats());
        }
    }

    @Test
    void places_underAllInterleavings_areConserved() {
        LincheckDepth.options().check(CellsLincheckTest.class);
    }
}
