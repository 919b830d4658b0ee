// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.slo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** A window of any length is exact for the time it says it covers, and begins at most a 64th of itself too early. */
class HistoryProperties {
    private static final long SECOND = 1_000_000_000;
    private static final long HORIZON = 3 * 86_400 * SECOND;

    private record Mark(long time, long total, long errors) {}

    @Property(tries = 50)
    void windows_ofAnyLength_matchTheWholeRecord(@ForAll @LongRange(max = 1_000_000) long seed) {
        Random random = new Random(seed);
        History history = new History(HORIZON);
        List<Mark> marks = new ArrayList<>();
        long time = random.nextLong() / 4;
        long total = 0;
        long errors = 0;
        long slowest = 0;
        int n = 20 + random.nextInt(4_000);
        for (int i = 0; i < n; i++) {
            history.add(time, total, errors);
            marks.add(new Mark(time, total, errors));
            if (i < n - 1) {
                // ticks that are late, missing and jump
                long step =
                        random.nextInt(100) == 0 ? random.nextInt(7_200) * SECOND : (1 + random.nextInt(120)) * SECOND;
                slowest = Math.max(slowest, step);
                time += step;
                int bad = random.nextInt(3);
                total += bad + random.nextInt(1_000);
                errors += bad;
            }
        }
        assertThat(history.size()).isLessThan(64 * 12);
        for (int i = 0; i < 30; i++) {
            long length = 1 + (long) (Math.exp(random.nextDouble() * Math.log(HORIZON / 1e9)) * 1e9);
            int from = history.at(length);
            long covered = history.nanosBetween(from, history.newest());
            long begin = time - covered;
            Mark first = marks.stream()
                    .filter(mark -> mark.time == begin)
                    .findFirst()
                    .orElseThrow();
            assertThat(history.totalBetween(from, history.newest())).isEqualTo(total - first.total);
            assertThat(history.errorsBetween(from, history.newest())).isEqualTo(errors - first.errors);
            if (time - marks.get(0).time >= length) {
                assertThat(covered).isBetween(length, length + Math.max(length / 32, 2 * slowest));
            } else {
                assertThat(begin).isEqualTo(marks.get(0).time);
            }
        }
    }

    @Property(tries = 100)
    void totals_thatRestart_countOn(@ForAll @LongRange(max = 1_000_000) long seed) {
        Random random = new Random(seed);
        History history = new History(HORIZON);
        long raw = 1_000;
        long expected = 0;
        history.add(0, raw, raw);
        for (int i = 1; i < 50; i++) {
            long more = random.nextInt(10);
            if (random.nextInt(5) == 0) {
                raw = 0; // the source restarts, then counts what comes
            }
            raw += more;
            expected += more;
            history.add(i * SECOND, raw, raw);
        }
        // What a restart counts before it is seen to be one (more than before) cannot be told apart; here it never is.
        if (raw < 1_000) {
            assertThat(history.totalBetween(0, history.newest())).isLessThanOrEqualTo(expected);
        } else {
            assertThat(history.totalBetween(0, history.newest())).isEqualTo(expected);
        }
    }
}
