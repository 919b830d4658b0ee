// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Law L7: correction for coordinated omission adds what HdrHistogram's loop adds, without the loop. */
class CorrectionProperties {
    /** 104 days. Longer times are no longer exact as a double, and one at a bucket's bound may count in its neighbour. */
    private static final long LONGEST = 1L << 53;

    @Provide
    Arbitrary<Long> nanos() {
        return Arbitraries.oneOf(
                Arbitraries.longs().between(0, 100),
                Arbitraries.longs().between(0, 10_000_000_000L),
                Arbitraries.longs().between(0, LONGEST),
                Arbitraries.integers().between(1, 52).map(e -> (1L << e) + 1));
    }

    private static Timer timer() {
        return MetricRegistry.of("").timer("work", "Work.").register();
    }

    @Property(tries = 1_000)
    void recordCorrected_ofAnyDuration_addsWhatTheLoopAdds(
            @ForAll("nanos") long nanos,
            @ForAll @IntRange(min = 1, max = 2_000) int calls,
            @ForAll @LongRange(max = 3) long early) {
        long interval = Math.max(1, nanos / calls + early); // at most some thousand turns of the loop
        Timer corrected = timer();
        corrected.recordCorrected(nanos, interval);
        Timer looped = timer();
        looped.recordNanos(nanos);
        for (long missing = nanos - interval; missing >= interval; missing -= interval) {
            looped.recordNanos(missing);
        }
        HistogramSnapshot expected = looped.snapshot();
        HistogramSnapshot actual = corrected.snapshot();
        assertThat(HistogramProperties.buckets(actual)).isEqualTo(HistogramProperties.buckets(expected));
        assertThat(actual.count()).isEqualTo(expected.count());
        assertThat(actual.sum()).isEqualTo(expected.sum());
        assertThat(actual.min()).isEqualTo(expected.min());
        assertThat(actual.max()).isEqualTo(expected.max());
        assertThat(actual.quantile(0.5)).isEqualTo(expected.quantile(0.5));
    }

    @Example
    void recordCorrected_ofAnHour_countsEachMissingCallAtOnce() {
        Timer hour = timer();
        hour.recordCorrected(3_600_000_000_000L, 1_000_000);
        assertThat(hour.snapshot().count()).isEqualTo(3_600_000);
        assertThat(hour.snapshot().mean()).isEqualTo(1_800_000_500_000.0);
        Timer timer = timer();
        timer.recordCorrected(3_600_000_000_000L, 1_000);
        HistogramSnapshot snapshot = timer.snapshot();
        assertThat(snapshot.count()).isEqualTo(3_600_000_000L); // no loop ends that soon
        assertThat(snapshot.quantile(0.5)).isBetween(0.994 * 1.8e12, 1.006 * 1.8e12);
        assertThat(snapshot.min()).isEqualTo(1_000);
    }

    @Example
    void recordCorrected_withoutAnythingToCorrect_isRecordNanos() {
        MetricRegistry registry = MetricRegistry.of("");
        Timer timer = registry.timer("work", "Work.").register();
        timer.recordCorrected(199, 100);
        timer.recordCorrected(500, 0);
        timer.recordCorrected(-1, 10);
        assertThat(timer.snapshot().count()).isEqualTo(2);
        assertThat(registry.stats().rejectedSamples()).isEqualTo(1);
        assertThatThrownBy(() -> timer.recordCorrected(1, -1))
                .hasMessage(
                        "expectedIntervalNanos must not be negative: expectedIntervalNanos=-1 (expected: 0 or more)");
    }
}
