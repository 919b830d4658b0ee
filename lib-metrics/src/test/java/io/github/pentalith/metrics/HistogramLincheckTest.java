// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/**
 * Recording, growing by pages of near and far octaves, growing by stripes and counting behave as if they happened one
 * after another: no sample is lost between a page that is being made and a reader, and counts never go down.
 */
@Param(name = "octave", gen = IntGen.class, conf = "-2:2")
public class HistogramLincheckTest {
    private final StripedCells cells = new StripedCells(ExponentialLayout.ofScale(2), false, new StripeChoice());

    @Operation
    public void record(@Param(name = "octave") int octave) {
        cells.record(Math.scalb(1.5, octave * 60)); // 120 and -60, -120 lie outside of the near octaves
    }

    @Operation
    public long count() {
        return cells.count();
    }

    @Test
    void operations_interleavedInAllWays_areLinearizable() {
        boolean longForm = "long".equals(System.getProperty("pentalith.tests"));
        new ModelCheckingOptions()
                .iterations(longForm ? 50 : 3)
                .invocationsPerIteration(longForm ? 5_000 : 100)
                .threads(longForm ? 3 : 2)
                .actorsPerThread(2)
                .loopBound(10_000) // a reader visits every octave
                .check(HistogramLincheckTest.class);
    }
}
