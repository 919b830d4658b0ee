// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.metrics;

import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.benchmarks.Question;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Recording 1,000 latencies while another thread records into the same histogram, without a pause on either side. In
 * the short bursts of {@link RecordHistogram} every thread stops to look at the clock again and again, and a histogram
 * that lets its writers wait for each other gets away lightly.
 */
@State(Scope.Benchmark)
@Question(
        library = "metrics",
        id = "record-together",
        title = "Recording 1,000 latencies while another thread never stops recording",
        floor = "long-adder",
        threads = 1,
        waits = true)
public class RecordTogether {
    private static final int SAMPLES = 1_000;
    private static final long PATIENCE_NANOS = 2_000_000; // without a round of the other side

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
    private LongConsumer histogram;
    private Thread companion;
    private volatile long rounds;
    private volatile boolean resting;
    private volatile boolean done;

    @Setup
    public void setUp() {
        histogram = RecordHistogram.of(subject);
        companion = new Thread(this::accompany, "companion");
        companion.setDaemon(true);
        companion.start();
    }

    @TearDown
    public void tearDown() throws InterruptedException {
        done = true;
        LockSupport.unpark(companion);
        companion.join();
    }

    /** Records as long as the other side does; rests between its bursts, as other subjects have the machine then. */
    private void accompany() {
        Cursor cursor = new Cursor();
        while (!done) {
            long seen = rounds;
            long began = System.nanoTime();
            do {
                work(cursor);
            } while (rounds == seen && System.nanoTime() - began < PATIENCE_NANOS);
            if (rounds == seen) {
                resting = true;
                while (rounds == seen && !done) {
                    LockSupport.park(this);
                }
                resting = false;
            }
        }
    }

    private void work(Cursor cursor) {
        for (int i = 0; i < SAMPLES; i++) {
            histogram.accept(latencies[cursor.next(latencies.length)]);
        }
    }

    @Benchmark
    @SuppressWarnings("NonAtomicVolatileUpdate") // by one thread
    public void record(Cursor cursor) {
        rounds++;
        if (resting) {
            LockSupport.unpark(companion);
        }
        work(cursor);
    }
}
