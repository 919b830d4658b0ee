// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HistogramTest {
    private final VirtualTime time = VirtualTime.create();
    private final MetricRegistry registry =
            MetricRegistry.builder("").time(TimeSource.of(time)).build();

    @Test
    void record_ofWhatIsNoSample_countsAsRejected() {
        Histogram histogram = registry.histogram("size", "Sizes.").register();
        Timer timer = registry.timer("work", "Work.").register();
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -1, -1e-300}) {
            histogram.record(bad);
        }
        histogram.record(-1L);
        timer.recordNanos(-1);
        timer.record(Duration.ofNanos(-1));
        timer.record(Duration.ofSeconds(Long.MIN_VALUE));
        assertThat(registry.stats().rejectedSamples()).isEqualTo(9);
        assertThat(histogram.snapshot().count()).isZero();
        assertThat(timer.snapshot().count()).isZero();
    }

    @Test
    void record_ofZeros_countsThem() {
        Histogram histogram = registry.histogram("size", "Sizes.").register();
        histogram.record(0.0);
        histogram.record(-0.0);
        histogram.record(Double.MIN_VALUE);
        HistogramSnapshot snapshot = histogram.snapshot();
        assertThat(snapshot.count()).isEqualTo(3);
        assertThat(snapshot.min()).isEqualTo(0.0);
        assertThat(snapshot.quantile(0.5)).isEqualTo(0.0);
        assertThat(snapshot.quantileInterpolated(0.1)).isEqualTo(0.0);
        assertThat(snapshot.minus(snapshot).count()).isZero();
        assertThat(snapshot.countAtMost(-1)).isZero();
        assertThat(snapshot.countAtMost(1)).isEqualTo(3);
        assertThat(snapshot.snap(0)).isEqualTo(Double.MIN_NORMAL);
    }

    @Test
    void quantile_ofDecimalShares_takesTheRankThatIsMeant() {
        Histogram histogram =
                registry.histogram("size", "Sizes.").relativeError(0.00136).register();
        for (int i = 1; i <= 100; i++) {
            histogram.record(i);
        }
        for (int percent = 1; percent <= 100; percent++) { // 0.07 * 100 is 7.000000000000001
            assertThat(Math.round(histogram.snapshot().quantile(percent / 100.0)))
                    .isEqualTo(percent);
        }
    }

    @Test
    void quantile_outsideOfZeroToOne_isRefused() {
        HistogramSnapshot snapshot =
                registry.histogram("size", "Sizes.").register().snapshot();
        assertThatThrownBy(() -> snapshot.quantile(99)).hasMessageContaining("q=99.0 (expected: 0 to 1, such as 0.99)");
        assertThatThrownBy(() -> snapshot.quantileInterpolated(Double.NaN)).hasMessageContaining("q=NaN");
        assertThatThrownBy(() -> snapshot.snap(-1)).hasMessageContaining("value=-1.0");
    }

    @Test
    void sum_ofHugeSamples_saturates() {
        Histogram histogram = registry.histogram("size", "Sizes.").register();
        histogram.record(Double.MAX_VALUE);
        histogram.record(Double.MAX_VALUE);
        Timer timer = registry.timer("work", "Work.").register();
        timer.recordNanos(Long.MAX_VALUE);
        timer.record(Duration.ofSeconds(Long.MAX_VALUE));
        assertThat(histogram.snapshot().sum()).isEqualTo(Double.MAX_VALUE);
        assertThat(timer.snapshot().sum()).isEqualTo(0x1p63);
        assertThat(timer.snapshot().max()).isEqualTo(0x1p63);
    }

    @Test
    void time_ofWork_isRecordedWhetherItReturnsOrThrows() throws Exception {
        Timer timer = registry.timer("work", "Work.").register();
        String result = timer.time(() -> {
            time.advance(Duration.ofMillis(5));
            return "done";
        });
        assertThatThrownBy(() -> timer.time(() -> {
                    time.advance(Duration.ofMillis(6));
                    throw new IOException("no");
                }))
                .isInstanceOf(IOException.class);
        timer.time((Runnable) () -> time.advance(Duration.ofMillis(7)));
        long start = timer.start();
        time.advance(Duration.ofMillis(8));
        assertThat(timer.stop(start)).isEqualTo(8_000_000);
        assertThat(result).isEqualTo("done");
        assertThat(timer.snapshot().count()).isEqualTo(4);
        assertThat(timer.snapshot().sum()).isEqualTo(26e6);
        assertThat(timer.snapshot().min()).isEqualTo(5e6);
        assertThat(timer.snapshot().max()).isEqualTo(8e6);
    }

    @Test
    void window_afterEightIdleHours_hasEveryNewSampleAtTheFirstRead() {
        Timer timer =
                registry.timer("work", "Work.").window(Duration.ofMinutes(1)).register();
        time.advance(Duration.ofHours(8));
        for (int i = 0; i < 100; i++) {
            timer.recordNanos(1_000_000);
        }
        HistogramSnapshot window = timer.window();
        assertThat(window.count()).isEqualTo(100);
        assertThat(Duration.between(window.from(), window.to()))
                .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(65));
        time.advance(Duration.ofSeconds(59));
        assertThat(timer.window().count()).isEqualTo(100);
        time.advance(Duration.ofSeconds(10));
        assertThat(timer.window().count()).isZero();
        assertThat(timer.snapshot().count()).isEqualTo(100);
    }

    @Test
    void window_notAskedForAtTheStart_beginsWithEverythingAndSaysSo() {
        Histogram histogram = registry.histogram("size", "Sizes.").register();
        histogram.record(1);
        time.advance(Duration.ofHours(1));
        assertThat(time.pendingTasks()).isZero();
        HistogramSnapshot first = histogram.window();
        assertThat(first.count()).isEqualTo(1);
        assertThat(Duration.between(first.from(), first.to())).isEqualTo(Duration.ofHours(1));
        time.advance(Duration.ofMinutes(2));
        assertThat(histogram.window().count()).isZero();
    }

    @Test
    void window_withALateTick_losesNothing() {
        Histogram histogram = registry.histogram("size", "Sizes.")
                .window(Duration.ofSeconds(10))
                .register();
        registry.close(); // no tick ever comes
        histogram.record(1);
        time.advance(Duration.ofHours(1));
        assertThat(histogram.window().count()).isEqualTo(1);
        assertThat(Duration.between(
                        histogram.window().from(), histogram.window().to()))
                .isEqualTo(Duration.ofHours(1));
    }

    @Test
    void reader_amongOthers_seesEachSampleOnce() {
        Histogram histogram = registry.histogram("size", "Sizes.").register();
        histogram.record(1);
        IntervalReader early = histogram.reader();
        histogram.record(2);
        IntervalReader late = histogram.reader();
        histogram.record(3);
        assertThat(early.next().count()).isEqualTo(2);
        assertThat(late.next().count()).isEqualTo(1);
        histogram.record(4);
        HistogramSnapshot last = early.next();
        assertThat(last.count()).isEqualTo(1);
        assertThat(last.quantile(0.5)).isBetween(3.97, 4.03);
        assertThat(early.next().count()).isZero();
    }

    @Test
    void ticker_ofTheRegistrysOwn_isADaemonThatCloseEnds() {
        List<Thread> others = tickers(); // of other tests, perhaps just ending
        MetricRegistry own =
                MetricRegistry.builder("").tick(Duration.ofMillis(1)).build();
        own.timer("work", "Work.").window(Duration.ofSeconds(1)).register();
        List<Thread> ours = tickers();
        ours.removeAll(others);
        assertThat(ours).hasSize(1).allMatch(Thread::isDaemon);
        own.close();
        own.close();
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofMinutes(2))
                .until(() -> ours.stream().noneMatch(Thread::isAlive));
    }

    private static List<Thread> tickers() {
        List<Thread> found = new ArrayList<>(Thread.getAllStackTraces().keySet());
        found.removeIf(thread -> !thread.getName().equals("pentalith-metrics-ticker"));
        return found;
    }

    @Test
    void builder_withBadSettings_saysWhatIsExpected() {
        assertThatThrownBy(() -> registry.histogram("size", "Sizes.").relativeError(0.0001))
                .hasMessageContaining("relativeError=1.0E-4 (expected: 0.00136 to 0.1");
        assertThatThrownBy(() -> registry.histogram("size", "Sizes.").buckets(1, 1))
                .hasMessageContaining("upperBounds[1]=1.0 (expected: more than 1.0)");
        assertThatThrownBy(() -> registry.timer("work", "Work.").buckets(Duration.ZERO))
                .hasMessageContaining("upperBounds[0]=0.0 (expected: more than 0)");
        assertThatThrownBy(() -> registry.timer("work", "Work.").window(Duration.ZERO))
                .hasMessageContaining("length=PT0S");
        assertThatThrownBy(() -> registry.timer("work", "Work.").relativeError(0))
                .hasMessageContaining("relativeError=0.0");
    }
}
