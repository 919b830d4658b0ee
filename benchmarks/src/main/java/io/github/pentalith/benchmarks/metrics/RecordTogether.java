// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.metrics;

import io.github.pentalith.benchmarks.Question;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Two threads that record side by side without a pause: 100,000 latencies each into one histogram, from the moment when
 * both run to the moment when both have ended. In the bursts of {@link RecordHistogram} every thread stops to look at
 * the clock again and again, and a histogram that lets its writers wait for each other gets away lightly.
 */
@State(Scope.Benchmark)
@Question(
        library = "metrics",
        id = "record-together",
        title = "Two threads recording 100,000 latencies each, without a pause",
        floor = "long-adder",
        threads = 1,
        waits = true)
public class RecordTogether {
    private static final int SAMPLES = 100_000;

    @Param({
        "pentalith",
        "long-adder",
        "hdr-recorder",
        "hdr-recorder-auto",
        "micrometer-percentiles",
        "prometheus-classic",
        "prometheus-native",
        "otel-exponential",
        "ddsketch-locked"
    })
    public String subject;

    private final long[] latencies = RecordHistogram.latencies();
    private final CyclicBarrier barrier = new CyclicBarrier(2);
    private final AtomicInteger awake = new AtomicInteger();
    private LongConsumer histogram;
    private Thread companion;

    @Setup
    public void setUp() {
        histogram = RecordHistogram.of(subject);
        companion = new Thread(
                () -> {
                    try {
                        while (true) {
                            work(latencies.length / 2);
                        }
                    } catch (InterruptedException | BrokenBarrierException e) {
                        // the end
                    }
                },
                "companion");
        companion.setDaemon(true);
        companion.start();
    }

    @TearDown
    public void tearDown() throws InterruptedException {
        companion.interrupt();
        companion.join();
    }

    private void work(int from) throws InterruptedException, BrokenBarrierException {
        barrier.await();
        awake.incrementAndGet();
        while (awake.get() % 2 != 0) { // both are awake, not only called
            Thread.onSpinWait();
        }
        for (int i = 0; i < SAMPLES; i++) {
            histogram.accept(latencies[(from + i) & (latencies.length - 1)]);
        }
        barrier.await();
    }

    @Benchmark
    public void record() throws InterruptedException, BrokenBarrierException {
        work(0);
    }
}
