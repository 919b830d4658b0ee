// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** Grants on credit, while the clock stands still: together exactly the burst, each charged once, however epochs begin and end. */
public class CreditLincheckTest {
    private final RateGate gate = new RateGate("r", Rate.perSecond(1).burst(256), () -> 0, 1); // batches of 4

    public CreditLincheckTest() {
        gate.beginCredit(gate.epoch(), 0);
    }

    @Operation
    public long takeThree() {
        return Math.max(0, gate.take(3));
    }

    @Operation
    public long takeMany() {
        return Math.max(0, gate.take(123));
    }

    @Operation
    public void begin() {
        gate.beginCredit(gate.epoch(), 0);
    }

    @Operation
    public void slowDown() {
        gate.rate(Rate.perMinute(30).burst(200));
    }

    @Test
    void grants_underAllInterleavings_areThoseOfOneWord() {
        LincheckDepth.options().check(CreditLincheckTest.class);
    }
}
