// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** The word of a bulkhead that refuses: entering, leaving and changing the limit. */
public class BulkheadLincheckTest {
    private final BulkheadGate gate = new BulkheadGate("b", ConcurrencyLimit.fixed(2), 0, () -> 0);

    @Operation
    public long enter() {
        return gate.tryAcquire(0);
    }

    @Operation
    public void shrink() {
        gate.limit(1);
    }

    @Operation
    public void grow() {
        gate.limit(3);
    }

    @Test
    void words_underAllInterleavings_areLinearizable() {
        LincheckDepth.options().check(BulkheadLincheckTest.class);
    }
}
