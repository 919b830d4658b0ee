// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.sun.management.ThreadMXBean;
import io.github.pentalith.metrics.export.Exposition;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jol.info.GraphLayout;

/** Bytes that histograms keep, and bytes that readings leave behind. */
class HistogramMemoryTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static {
        System.setProperty("jol.magicFieldOffset", "true"); // else no layouts of records and lambdas
    }

    private static Family<Timer> timers(double error) {
        return MetricRegistry.of("").timer("work", "Work.").relativeError(error).labels("op");
    }

    private static Timer filled(Family<Timer> family, String label) {
        Random random = new Random(42);
        Timer timer = family.with(label);
        for (int i = 0; i < 100_000; i++) {
            timer.recordNanos((long) (2e6 * Math.exp(random.nextGaussian())));
        }
        return timer;
    }

    /** What one more histogram takes: all that it reaches and shares with no other. */
    @ParameterizedTest
    @CsvSource({"5, 4750", "6, 8750"})
    void footprint_afterManyLognormalSamples_staysWithinItsBound(int scale, long most) throws Exception {
        ExponentialLayout layout = ExponentialLayout.ofScale(scale);
        StripeChoice choice = new StripeChoice();
        StripedCells cells = new StripedCells(layout, true, choice);
        Thread writer = new Thread(() -> {
            Random random = new Random(42);
            for (int i = 0; i < 100_000; i++) {
                cells.record((long) (2e6 * Math.exp(random.nextGaussian())));
            }
        });
        writer.start();
        writer.join();
        cells.read(new Buckets(layout));
        assertThat(cells.owner(0)).as("a dead owner is not kept").isNull();
        assertThat(cells.stripeCount()).isEqualTo(1);
        long bytes = GraphLayout.parseInstance(cells, layout, choice).totalSize()
                - GraphLayout.parseInstance(layout, choice).totalSize();
        System.out.println("footprint at scale " + scale + ": " + bytes + " B");
        assertThat(bytes).isBetween(most / 2, most);
    }

    @Test
    void snapshot_intoABuffer_leavesNoGarbage() {
        Timer timer = filled(timers(0.0055), "a");
        SnapshotBuffer buffer = new SnapshotBuffer();
        double sum = 0;
        for (int i = 0; i < 100; i++) {
            sum += timer.snapshot(buffer).quantile(0.99);
        }
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 1_000; i++) {
            sum += timer.snapshot(buffer).quantile(0.99);
        }
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(1_000);
        assertThat(sum / 1_100).isCloseTo(timer.snapshot().quantile(0.99), withinPercentage(1e-6));
    }

    @Test
    void scrape_ofManySeries_leavesNoGarbagePerSeries() throws Exception {
        MetricRegistry registry = MetricRegistry.of("");
        Family<Counter> counters = registry.counter("requests", "Requests.").labels("route");
        Family<Timer> timers = registry.timer("work", "Work.").labels("op");
        for (int i = 0; i < 500; i++) {
            counters.with("/route/" + i).add(i * 1_000L);
            timers.with("op" + i).recordNanos(i * 1_000L);
        }
        for (int i = 0; i < 50; i++) {
            Exposition.openMetrics().write(registry, OutputStream.nullOutputStream());
        }
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10; i++) {
            Exposition.openMetrics().write(registry, OutputStream.nullOutputStream());
        }
        assertThat((THREADS.getCurrentThreadAllocatedBytes() - before) / 10).isLessThan(4_096);
    }
}
