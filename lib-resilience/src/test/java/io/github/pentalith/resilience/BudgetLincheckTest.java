// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** The word of a retry budget. */
public class BudgetLincheckTest {
    private final RetryBudget budget = RetryBudget.of(0.5, 1);

    @Operation
    public boolean withdraw() {
        return budget.withdraw();
    }

    @Operation
    public void deposit() {
        budget.deposit();
    }

    @Test
    void balance_underAllInterleavings_isLinearizable() {
        LincheckDepth.options().check(BudgetLincheckTest.class);
    }
}
