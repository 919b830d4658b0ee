// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AdaptiveBulkheadTest {
    private static final long TARGET = ofMillis(100).toNanos();

    private final Bulkhead bulkhead = Bulkhead.adaptive("b", ofMillis(100));
    private final Admission gate = bulkhead.admission();
    private long now;

    /** Fills the bulkhead and lets all calls end after this time. */
    private void round(long nanos) {
        List<Long> tokens = new ArrayList<>();
        for (long token = gate.tryAcquire(now); token >= 0; token = gate.tryAcquire(now)) {
            tokens.add(token);
        }
        long start = now;
        now += nanos;
        tokens.forEach(token -> gate.success(token, start, now));
        assertThat(bulkhead.stats().inFlight()).isZero();
    }

    /** Lets one call through an empty bulkhead. */
    private void alone(long nanos) {
        long token = gate.tryAcquire(now);
        gate.success(token, now, now + nanos);
        now += nanos;
    }

    @Test
    void success_fastAndInUse_limitGrowsUpToMost() {
        assertThat(bulkhead.limit()).isEqualTo(32);
        for (int i = 0; i < 40; i++) {
            round(TARGET);
        }
        assertThat(bulkhead.limit()).isEqualTo(1_000);
    }

    @Test
    void success_slowInACrowdOnly_limitShrinksOncePerRound() {
        for (int i = 0; i < 5; i++) {
            alone(TARGET / 2);
        }
        crowd(TARGET + 1);
        assertThat(bulkhead.limit()).isEqualTo(25);
        for (int i = 0; i < 100; i++) {
            crowd(TARGET + 1);
            for (int j = 0; j < 3; j++) {
                alone(TARGET / 2);
            }
        }
        assertThat(bulkhead.limit()).isLessThan(10);
    }

    /** As {@link #round}, but the calls that begin among the first are still fast. */
    private void crowd(long nanos) {
        long start = now;
        List<Long> tokens = new ArrayList<>();
        for (long token = gate.tryAcquire(now); token >= 0; token = gate.tryAcquire(now)) {
            tokens.add(token);
        }
        now += nanos;
        int few = Math.max(4, tokens.size() / 4);
        for (int i = 0; i < tokens.size(); i++) {
            gate.success(tokens.get(i), start, i < few && tokens.size() > 4 ? start + 1 : now);
        }
    }

    @Test
    void success_oneInThreeSlow_limitStillGrows() {
        Random random = new Random(7);
        for (int i = 0; i < 3; i++) {
            alone(1);
        }
        for (int i = 0; i < 100; i++) {
            long start = now;
            List<Long> tokens = new ArrayList<>();
            for (long token = gate.tryAcquire(now); token >= 0; token = gate.tryAcquire(now)) {
                tokens.add(token);
            }
            now += 2 * TARGET;
            tokens.forEach(token -> gate.success(token, start, random.nextInt(3) == 0 ? now : start + 1));
        }
        assertThat(bulkhead.limit()).isGreaterThan(32);
    }

    @Test
    void success_slowEvenAlone_barDoubles_andTheLimitGrows() {
        for (int i = 0; i < 3; i++) {
            alone(3 * TARGET / 2);
        }
        for (int i = 0; i < 5; i++) {
            round(3 * TARGET / 2);
        }
        assertThat(bulkhead.limit()).isGreaterThan(40);
    }

    @Test
    void success_fastAgain_barHalves_andSlowCallsShrinkTheLimit() {
        for (int i = 0; i < 3; i++) {
            alone(3 * TARGET / 2);
        }
        for (int i = 0; i < 70; i++) {
            alone(TARGET / 2);
        }
        int before = bulkhead.limit();
        crowd(3 * TARGET / 2);
        assertThat(bulkhead.limit()).isLessThan(before);
    }

    @Test
    void success_mostOfTheLimitUnused_shrinksNothing() {
        for (int i = 0; i < 100; i++) {
            alone(10 * TARGET);
        }
        assertThat(bulkhead.limit()).isEqualTo(32);
    }

    @Test
    void failure_fast_changesNothing_slowOrTimeout_shrinks() {
        List<Long> tokens = new ArrayList<>();
        for (long token = gate.tryAcquire(0); token >= 0; token = gate.tryAcquire(0)) {
            tokens.add(token);
        }
        for (int i = 16; i < 24; i++) {
            gate.failure(tokens.get(i), 0, 1, new IllegalStateException());
        }
        assertThat(bulkhead.limit()).isEqualTo(32);
        for (int i = 24; i < 32; i++) {
            boolean timeout = i % 2 == 0;
            gate.failure(
                    tokens.get(i),
                    0,
                    timeout ? 1 : TARGET + 1,
                    timeout ? new CallTimeoutException("p", 1, false, 1, null) : new IllegalStateException());
        }
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
                .contains("Bulkhead[s, limit=adaptive 4..1000, target=PT0.5S] > attempt timeout PT1.5S");
    }
}
