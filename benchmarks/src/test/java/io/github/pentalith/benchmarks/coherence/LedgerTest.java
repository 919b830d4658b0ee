// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    @TempDir
    Path folder;

    private Ledger ledger;

    @BeforeEach
    void open() throws IOException {
        ledger = Ledger.open(folder.resolve("ledger"), 3);
    }

    @Test
    void staleness_ofTheAcknowledgedVersion_isNothing() {
        ledger.acknowledge(1, ledger.commit(1), 100);
        assertThat(ledger.staleness(1, 1, 5_000)).isZero();
    }

    @Test
    void staleness_ofAnOlderVersion_countsFromTheFirstNewerAcknowledgement() {
        for (long at = 100; at <= 300; at += 100) {
            ledger.acknowledge(1, ledger.commit(1), at);
        }
        assertThat(ledger.staleness(1, 0, 1_000)).isEqualTo(900);
        assertThat(ledger.staleness(1, 1, 1_000)).isEqualTo(800);
        assertThat(ledger.staleness(1, 2, 1_000)).isEqualTo(700);
    }

    @Test
    void staleness_ofAReadThatBeganBeforeTheAcknowledgement_isNothing() {
        ledger.acknowledge(2, ledger.commit(2), 100);
        assertThat(ledger.staleness(2, 0, 99)).isZero();
    }

    @Test
    void staleness_ofAVersionOlderThanWhatIsRemembered_countsFromTheOldestRemembered() {
        for (int i = 1; i <= 100; i++) {
            ledger.acknowledge(0, ledger.commit(0), i);
        }
        assertThat(ledger.staleness(0, 3, 1_000)).isEqualTo(1_000 - 37);
    }

    @Test
    void commit_inAnotherMappingOfTheFile_isSeen() throws IOException {
        Ledger other = Ledger.open(folder.resolve("ledger"), 3);
        other.acknowledge(2, other.commit(2), 7);
        assertThat(ledger.committed(2)).isEqualTo(1);
        assertThat(ledger.acknowledged(2)).isEqualTo(1);
        assertThat(ledger.committed(1)).isZero();
    }
}
