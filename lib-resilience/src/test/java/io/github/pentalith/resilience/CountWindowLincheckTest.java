// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** The window of the last calls: whatever the interleaving, the count is that of its bits, and never of fewer calls than there were. */
public class CountWindowLincheckTest {
    private final BreakerSettings settings = new BreakerSettings(0, 3, 0, 3, 1, 0, 1, 1, 1, 1, 1, null);
    private final CountWindow window = new CountWindow(3, false);

    @Operation
    public void fail() {
        boolean unused = window.record(settings, true, false, 0);
    }

    @Operation
    public boolean succeed() {
        return window.record(settings, false, false, 0);
    }

    @Validate
    public void countIsThatOfTheBits() {
        if (!window.isConsistent()) {
            throw new IllegalStateException("the count is not that of the bits: " + window.failureRate());
        }
    }

    @Test
    void window_underAllInterleavings_keepsItsCount() {
        LincheckDepth.options().check(CountWindowLincheckTest.class);
    }
}
