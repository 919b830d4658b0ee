// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/** How deep the model checker looks: enough to find what it ever found in the ordinary build, much further in the long form. */
final class LincheckDepth {
    private LincheckDepth() {}

    static ModelCheckingOptions options() {
        boolean lengthy = "long".equals(System.getProperty("pentalith.tests"));
        return new ModelCheckingOptions()
                .iterations(lengthy ? 100 : 4)
                .invocationsPerIteration(lengthy ? 10_000 : 200)
                .threads(2)
                .actorsPerThread(lengthy ? 3 : 2);
    }
}
