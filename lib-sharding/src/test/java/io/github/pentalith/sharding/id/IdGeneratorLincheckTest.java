// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.id;

import java.time.Instant;
import java.time.InstantSource;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** With the clock standing still the generator is a linearizable counter: no id twice, none skipped, none going back. */
public class IdGeneratorLincheckTest {
    private static final Instant NOW = IdGenerator.EPOCH.plusMillis(1);

    private final IdGenerator ids = IdGenerator.of(3, InstantSource.fixed(NOW));

    @Operation
    public long next() {
        return ids.next();
    }

    @Operation
    public long ahead() {
        return ids.ahead().toMillis();
    }

    @Test
    void next_interleavedInAllWays_isLinearizable() {
        boolean longForm = "long".equals(System.getProperty("pentalith.tests"));
        new ModelCheckingOptions()
                .iterations(longForm ? 100 : 4)
                .invocationsPerIteration(longForm ? 10_000 : 200)
                .threads(3)
                .actorsPerThread(longForm ? 4 : 2)
                .check(IdGeneratorLincheckTest.class);
    }
}
