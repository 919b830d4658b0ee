// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** The window of the last time: whoever notes a boundary, no call is lost, counted twice or let outlive the window. */
public class TimeWindowLincheckTest {
    private static final long SLICE = 10;

    private final BreakerSettings settings = new BreakerSettings(640, 0, 0, 100, 1, 1, 1, 1, 1, 1, 1, null);
    private final TimeWindow window = new TimeWindow(64 * SLICE);

    @Operation
    public boolean failFirst() {
        return window.record(settings, true, false, 0);
    }

    @Operation
    public boolean failInTheNextSlice() {
        return window.record(settings, true, false, SLICE);
    }

    @Operation
    public boolean succeedSomeSlicesLater() {
        return window.record(settings, false, false, 5 * SLICE);
    }

    /** After two windows of silence only what began with or after this call can be left. */
    @Validate
    public void allIsForgottenAfterAWindow() {
        boolean unused = window.record(settings, false, false, 200 * SLICE);
        unused = window.record(settings, false, false, 270 * SLICE);
        if (window.failureRate() != 0) {
            throw new IllegalStateException("a failure outlives the window: " + window.failureRate());
        }
    }

    @Test
    void window_underAllInterleavings_losesNothing() {
        LincheckDepth.options().check(TimeWindowLincheckTest.class);
    }
}
