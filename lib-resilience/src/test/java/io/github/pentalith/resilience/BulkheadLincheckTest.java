// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** The word of a bulkhead that refuses: entering, leaving and changing the limit. */
public class BulkheadLincheckTest {
    private final BulkheadGate gate = new BulkheadGate("b", ConcurrencyLimit.fixed(2), 0, () -> 0);
    private final RetryBudget budget = RetryBudget.of(0.5, 1);

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

    @Operation
    public boolean withdraw() {
        return budget.withdraw();
    }

    @Operation
    public void deposit() {
        budget.deposit();
    }

    @Test
    void words_underAllInterleavings_areLinearizable() {
        boolean lengthy = "long".equals(System.getProperty("pentalith.tests"));
        new ModelCheckingOptions()
                .iterations(lengthy ? 100 : 4)
                .invocationsPerIteration(lengthy ? 10_000 : 200)
                .threads(2)
                .actorsPerThread(lengthy ? 3 : 2)
                .check(BulkheadLincheckTest.class);
    }
}
