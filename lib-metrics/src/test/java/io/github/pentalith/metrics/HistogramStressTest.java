// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** No sample lost or doubled, whatever writers, readers and growth do at the same time. */
class HistogramStressTest {
    private static final boolean LONG = "long".equals(System.getProperty("pentalith.tests"));
    private static final int WRITERS = 4;
    private static final int SAMPLES = LONG ? 25_000_000 : 1_000_000;

    @Test
    void snapshots_whileManyWrite_holdWhatWasDoneAndNothingMore() throws Exception {
        MetricRegistry registry =
                MetricRegistry.builder("").tick(Duration.ofMillis(2)).build();
        Histogram histogram = registry.histogram("size", "Sizes.")
                .relativeError(0.011)
                .window(Duration.ofMillis(50))
                .register();
        IntervalReader reader = histogram.reader();
        AtomicLongArray started = new AtomicLongArray(WRITERS * 16);
        AtomicLongArray completed = new AtomicLongArray(WRITERS * 16);
        ExecutorService pool = Executors.newFixedThreadPool(WRITERS);
        List<Future<?>> writers = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            int slot = w * 16;
            writers.add(pool.submit(() -> {
                for (int i = 1; i <= SAMPLES; i++) {
                    started.setRelease(slot, i);
                    histogram.record((double) ((i * 7919L + slot) % 100_003));
                    completed.setRelease(slot, i);
                }
            }));
        }
        long read = 0;
        long snapshots = 0;
        Map<Double, Long> previous = new HashMap<>();
        boolean running = true;
        while (running) {
            running = !writers.stream().allMatch(Future::isDone);
            long before = total(completed);
            HistogramSnapshot snapshot = histogram.snapshot();
            long after = total(started);
            assertThat(snapshot.count()).isBetween(before, after);
            if (snapshot.count() > 0) {
                assertThat(snapshot.quantile(0.5)).isBetween(snapshot.min(), snapshot.max());
            }
            snapshot.forEachBucket((lower, upper, count) -> {
                Long last = previous.put(upper, count);
                assertThat(count).isGreaterThanOrEqualTo(last == null ? 0 : last);
            });
            HistogramSnapshot interval = reader.next();
            read += interval.count();
            HistogramSnapshot window = histogram.window(); // moved by the registry's own thread meanwhile
            assertThat(window.count()).isLessThanOrEqualTo(total(started));
            assertThat(window.to()).isAfterOrEqualTo(interval.to());
            snapshots++;
        }
        for (Future<?> writer : writers) {
            writer.get();
        }
        pool.shutdown();
        read += reader.next().count();
        assertThat(read).isEqualTo((long) WRITERS * SAMPLES);
        assertThat(histogram.snapshot().count()).isEqualTo((long) WRITERS * SAMPLES);
        double sum = 0;
        for (int w = 0; w < WRITERS; w++) {
            for (int i = 1; i <= SAMPLES; i++) {
                sum += (double) ((i * 7919L + w * 16L) % 100_003);
            }
        }
        assertThat(histogram.snapshot().sum()).isEqualTo(sum); // whole numbers below 2^53 add up exactly
        assertThat(snapshots).isPositive();
        registry.close();
        System.out.println(WRITERS + " writers, " + (long) WRITERS * SAMPLES + " samples, " + snapshots
                + " rounds of a snapshot, an interval and a window: none lost or doubled");
    }

    private static long total(AtomicLongArray counters) {
        long total = 0;
        for (int w = 0; w < WRITERS; w++) {
            total += counters.getAcquire(w * 16);
        }
        return total;
    }

    /** Every thread is the first in every octave: tables are replaced under each other all the time. */
    @RepeatedTest(50)
    void growth_byManyAtOnce_losesNoPage() throws Exception {
        Histogram histogram = MetricRegistry.of("").histogram("size", "Sizes.").register();
        ExecutorService pool = Executors.newFixedThreadPool(WRITERS);
        java.util.concurrent.CyclicBarrier start = new java.util.concurrent.CyclicBarrier(WRITERS);
        List<Future<?>> writers = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            boolean up = w % 2 == 0;
            writers.add(pool.submit(() -> {
                start.await();
                for (int octave = 0; octave < 200; octave++) {
                    histogram.record(Math.scalb(1.5, (up ? octave : 199 - octave) - 100));
                }
                return null;
            }));
        }
        for (Future<?> writer : writers) {
            writer.get();
        }
        pool.shutdown();
        HistogramSnapshot snapshot = histogram.snapshot();
        assertThat(snapshot.count()).isEqualTo(200L * WRITERS);
        snapshot.forEachBucket((lower, upper, count) -> assertThat(count).isEqualTo(WRITERS));
        assertThat(snapshot.min()).isEqualTo(Math.scalb(1.5, -100));
        assertThat(snapshot.max()).isEqualTo(Math.scalb(1.5, 99));
    }

    @Test
    void stripes_ofOneThread_stayOne_andNeverExceedTheProcessors() throws Exception {
        Timer timer = MetricRegistry.of("").timer("work", "Work.").register();
        for (int i = 0; i < 100_000; i++) {
            timer.recordNanos(i);
        }
        assertThat(timer.distribution().stripeCount()).isEqualTo(1);
        ExecutorService pool = Executors.newFixedThreadPool(16);
        for (int w = 0; w < 16; w++) {
            pool.submit(() -> {
                for (int i = 0; i < 100_000; i++) {
                    timer.recordNanos(i);
                }
            });
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(10, TimeUnit.MINUTES)).isTrue();
        assertThat(timer.snapshot().count()).isEqualTo(1_700_000);
        assertThat(timer.snapshot().sum()).isEqualTo(17 * 100_000.0 * 99_999 / 2);
        assertThat(timer.distribution().stripeCount()).isLessThanOrEqualTo(StripedCells.MOST_STRIPES);
    }

    /**
     * Threads come and go, and take over what the dead have left while others write and read: the next owner starts
     * from the last one's counts, without anything that orders the two but the death of the one.
     */
    @Test
    void stripes_ofThreadsThatDie_changeHandsWithoutLoss() throws Exception {
        StripedCells cells = new StripedCells(ExponentialLayout.ofScale(5), true, new StripeChoice());
        int generations = LONG ? 5_000 : 300;
        int samples = 10_000; // of three buckets, so that a thread soon asks for a stripe of its own
        Set<Thread> owners = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Thread> running = new ArrayDeque<>();
        long started = 0;
        long seen = 0;
        Buckets buckets = new Buckets(cells.layout);
        while (started < generations || !running.isEmpty()) {
            if (started < generations && running.size() < WRITERS) {
                Thread writer = new Thread(() -> {
                    for (int i = 0; i < samples; i++) {
                        cells.record(1_000L << (i % 3));
                    }
                });
                running.add(writer);
                writer.start();
                started++;
            } else {
                Thread oldest = running.remove();
                if (started % 2 == 0) {
                    oldest.join();
                } else { // whoever asks next finds it dead, running, or just in between
                    running.add(oldest);
                    Thread next = running.remove();
                    next.join();
                }
            }
            if (started % 8 == 0) { // a reading lets go of the dead; without one they are taken over directly
                cells.read(buckets);
                assertThat(buckets.count).isBetween(seen, started * samples);
                seen = buckets.count;
            }
            for (int number = 0; number < 2; number++) {
                Thread owner = cells.owner(number);
                if (owner != null) {
                    owners.add(owner);
                }
            }
        }
        cells.read(buckets);
        assertThat(buckets.count).isEqualTo((long) generations * samples);
        long perThree = 1_000 + 2_000 + 4_000;
        assertThat(buckets.sum).isEqualTo((double) generations * (samples / 3 * perThree + 1_000));
        assertThat(owners).as("owners seen").hasSizeGreaterThan(2);
        assertThat(cells.stripeCount()).isLessThanOrEqualTo(StripedCells.MOST_STRIPES);
        System.out.println(generations + " threads came and went, " + owners.size() + " of them seen as owners");
    }
}
