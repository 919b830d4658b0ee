// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdGeneratorTest {
    private static final Instant NOW = Instant.parse("2026-11-24T06:30:00.123Z");

    private final AtomicReference<Instant> clock = new AtomicReference<>(NOW);
    private final IdGenerator ids = IdGenerator.of(517, clock::get);

    @Test
    void next_partsOfTheId_areTimeNodeAndSequence() {
        long first = ids.next();
        long second = ids.next();
        assertThat(IdGenerator.instantOf(first)).isEqualTo(NOW);
        assertThat(IdGenerator.nodeOf(first)).isEqualTo(517);
        assertThat(IdGenerator.sequenceOf(first)).isZero();
        assertThat(second).isEqualTo(first + 1);
        clock.set(NOW.plusMillis(1));
        long third = ids.next();
        assertThat(third).isGreaterThan(second);
        assertThat(IdGenerator.instantOf(third)).isEqualTo(NOW.plusMillis(1));
        assertThat(IdGenerator.sequenceOf(third)).isZero();
        assertThat(ids.node()).isEqualTo(517);
        assertThat(ids.toString()).startsWith("IdGenerator[node=517, clock=");
    }

    @Test
    void next_inAFullMillisecond_takesTheNumbersOfTheNextOnes() {
        long last = 0;
        for (int i = 0; i < 10_000; i++) {
            long id = ids.next();
            assertThat(id).isGreaterThan(last);
            last = id;
        }
        assertThat(IdGenerator.instantOf(last)).isEqualTo(NOW.plusMillis(2));
        assertThat(IdGenerator.nodeOf(last)).isEqualTo(517);
        assertThat(IdGenerator.sequenceOf(last)).isEqualTo(10_000 - 2 * 4_096 - 1);
        assertThat(ids.ahead()).isEqualTo(Duration.ofMillis(2));
        clock.set(NOW.plusMillis(5));
        assertThat(IdGenerator.instantOf(ids.next())).isEqualTo(NOW.plusMillis(5));
        assertThat(ids.ahead()).isZero();
    }

    @Test
    void next_afterTheClockStepsBack_goesOnFromTheLast() {
        long before = ids.next();
        clock.set(NOW.minusSeconds(3_600));
        assertThat(ids.next()).isEqualTo(before + 1);
        assertThat(ids.ahead()).isEqualTo(Duration.ofHours(1));
        clock.set(Instant.EPOCH);
        assertThat(ids.next()).isEqualTo(before + 2);
    }

    @Test
    void ahead_beforeTheFirstId_isZero() {
        assertThat(ids.ahead()).isZero();
        assertThat(IdGenerator.of(0, InstantSource.fixed(IdGenerator.EPOCH)).ahead())
                .isZero();
    }

    @Test
    void next_atBothEndsOfTime_isInRange() {
        assertThat(IdGenerator.of(0, InstantSource.fixed(IdGenerator.EPOCH)).next())
                .isZero();
        Instant end = IdGenerator.EPOCH.plusMillis((1L << 41) - 1);
        IdGenerator last = IdGenerator.of(1_023, InstantSource.fixed(end));
        for (int i = 0; i < 4_095; i++) {
            assertThat(last.next()).isPositive();
        }
        assertThat(last.next()).isEqualTo(Long.MAX_VALUE);
        assertThatIllegalStateException()
                .isThrownBy(last::next)
                .withMessage("time of the id must be in range: time=2199023255552 ms after 2026-01-01T00:00:00Z"
                        + " (expected: 0 to 2199023255551)");
    }

    @Test
    void of_aClockOutOfRange_isRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> IdGenerator.of(0, InstantSource.fixed(Instant.parse("2025-12-31T23:59:59.999Z"))))
                .withMessage("clock must be in range: clock=2025-12-31T23:59:59.999Z"
                        + " (expected: 2026-01-01T00:00:00Z to 2095-09-07T15:47:35.551Z)");
        assertThatIllegalStateException()
                .isThrownBy(() -> IdGenerator.of(0, InstantSource.fixed(Instant.parse("2095-09-07T15:47:35.552Z"))));
        assertThatNullPointerException()
                .isThrownBy(() -> IdGenerator.of(0, null))
                .withMessage("clock");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1_024, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void of_aNodeOutOfRange_isRefused(int node) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IdGenerator.of(node))
                .withMessage("node must be in range: node=%d (expected: 0 to 1,023)", node);
    }

    @Test
    void parts_ofANegativeId_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> IdGenerator.instantOf(-1))
                .withMessage("id must not be negative: id=-1 (expected: 0 or more)");
        assertThatIllegalArgumentException().isThrownBy(() -> IdGenerator.nodeOf(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> IdGenerator.sequenceOf(Long.MIN_VALUE));
    }

    @Test
    void next_fromManyThreadsAndNodes_isUniqueAndGrowsInEach() throws Exception {
        int threads = 4;
        int each = 50_000;
        IdGenerator[] nodes = {IdGenerator.of(1), IdGenerator.of(2)};
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        long[] all = new long[threads * each];
        try {
            List<Future<long[]>> parts = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                IdGenerator mine = nodes[thread % 2];
                parts.add(pool.submit(() -> {
                    long[] made = new long[each];
                    for (int i = 0; i < each; i++) {
                        made[i] = mine.next();
                    }
                    return made;
                }));
            }
            for (int thread = 0; thread < threads; thread++) {
                long[] made = parts.get(thread).get();
                for (int i = 1; i < each; i++) {
                    assertThat(made[i] > made[i - 1]).isTrue();
                }
                System.arraycopy(made, 0, all, thread * each, each);
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(Arrays.stream(all).distinct().count()).isEqualTo(all.length);
    }
}
