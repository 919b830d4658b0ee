// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AdaptiveBulkheadTest {
    private static final long TARGET = ofMillis(100).toNanos();

    private final Bulkhead bulkhead = Bulkhead.adaptive("b", ofMillis(100));
    private final Admission gate = bulkhead.admission();
    private long now;

    /** Fills the bulkhead and lets all calls end after this time. */
    private void round(long nanos) {
        int calls = 0;
        while (gate.tryAcquire(now) >= 0) {
            calls++;
        }
        long start = now;
        now += nanos;
        for (int i = 0; i < calls; i++) {
            gate.success(0, start, now);
        }
        assertThat(bulkhead.stats().inFlight()).isZero();
    }

    @Test
    void success_fastAndInUse_limitGrowsUpToMost() {
        assertThat(bulkhead.limit()).isEqualTo(32);
        for (int i = 0; i < 20; i++) {
            round(TARGET);
        }
        assertThat(bulkhead.limit()).isEqualTo(1_000);
    }

    @Test
    void success_slow_limitShrinksOncePerRoundDownToLeast() {
        round(TARGET + 1);
        assertThat(bulkhead.limit()).isEqualTo(25);
        for (int i = 0; i < 20; i++) {
            round(TARGET + 1);
        }
        assertThat(bulkhead.limit()).isEqualTo(4);
    }

    @Test
    void success_mostOfTheLimitUnused_changesNothing() {
        assertThat(gate.tryAcquire(0)).isZero();
        gate.success(0, 0, 10 * TARGET);
        assertThat(bulkhead.limit()).isEqualTo(32);
    }

    @Test
    void failure_fast_changesNothing() {
        while (gate.tryAcquire(0) >= 0) {}
        gate.failure(0, 0, 1, new IllegalStateException());
        assertThat(bulkhead.limit()).isEqualTo(32);
        gate.failure(0, 0, TARGET + 1, new IllegalStateException());
        assertThat(bulkhead.limit()).isEqualTo(25);
    }

    @Test
    void build_adaptiveThatWaits_refused() {
        assertThatThrownBy(() -> Bulkhead.builder("b")
                        .adaptive(1, 2, ofSeconds(1))
                        .maxWait(ofMillis(1))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("maxWait needs a fixed limit: maxWait=PT0.001S");
    }

    @Test
    void standard_toldOtherwise_keepsWhatItWasTold() {
        String text = Pipeline.builder("p")
                .standard(ofSeconds(2))
                .bulkhead(Bulkhead.of("own", 7))
                .build()
                .toString();
        assertThat(text).contains("Bulkhead[own, limit=7]").contains("openFor=PT0.2S..PT0.5S");
        assertThat(Pipeline.standard("s", ofSeconds(2)))
                .asString()
                .contains("Bulkhead[s, limit=adaptive 4..1000, target=PT0.5S]");
    }
}
