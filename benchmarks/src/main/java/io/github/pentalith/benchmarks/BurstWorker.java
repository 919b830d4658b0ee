// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The program in each of the JVMs among which {@link Bursts} takes turns: it sets up one subject, warms up, then answers
 * each line of its input with one burst and a line of figures.
 */
public final class BurstWorker {
    private static final long WARM_UP_CHUNK_NANOS = 20_000_000;

    private final Crew[] crew;
    private final CyclicBarrier begin;
    private final CyclicBarrier end;
    private final AtomicInteger arrived = new AtomicInteger();
    private volatile long burstNanos;
    private volatile boolean done;

    private BurstWorker(Subject subject, int threads) {
        crew = new Crew[threads];
        begin = new CyclicBarrier(threads + 1, () -> arrived.set(0));
        end = new CyclicBarrier(threads + 1);
        for (int i = 0; i < threads; i++) {
            crew[i] = new Crew(subject.caller());
            Thread thread = new Thread(crew[i], "burst-" + i);
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Arguments: class, subject, threads, milliseconds of warm-up, microseconds of a burst, then name=value pairs. */
    public static void main(String[] args) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err); // what a subject says is not an answer
        Map<String, String> params = new LinkedHashMap<>();
        for (int i = 5; i < args.length; i++) {
            String[] words = args[i].split("=", 2);
            params.put(words[0], words[1]);
        }
        try (Subject subject = Subject.of(Class.forName(args[0]), args[1], params)) {
            BurstWorker worker = new BurstWorker(subject, Integer.parseInt(args[2]));
            BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            answers.println("ready");
            orders.readLine();
            long warm = System.nanoTime() + Long.parseLong(args[3]) * 1_000_000;
            while (System.nanoTime() < warm) {
                worker.burst(WARM_UP_CHUNK_NANOS);
            }
            answers.println("warm");
            while (orders.readLine() != null) {
                answers.println(worker.burst(Long.parseLong(args[4]) * 1_000));
            }
            worker.done = true;
        }
        System.exit(0); // peers have threads that are nobody's to end
    }

    /** Wall and CPU nanoseconds and bytes per operation, and the least share of a CPU that a thread had. */
    private String burst(long nanos) throws Exception {
        burstNanos = nanos;
        begin.await();
        end.await();
        double wall = 0;
        double cpu = 0;
        double bytes = 0;
        double operations = 0;
        double share = 1;
        long firstEnd = Long.MAX_VALUE;
        long lastBegin = Long.MIN_VALUE;
        for (Crew member : crew) {
            if (member.failure != null) {
                throw new IllegalStateException("the benchmark failed", member.failure);
            }
            double own = member.ended - member.began;
            wall += own;
            cpu += member.cpu;
            bytes += member.bytes;
            operations += member.operations;
            share = Math.min(share, member.cpu / own);
            firstEnd = Math.min(firstEnd, member.ended);
            lastBegin = Math.max(lastBegin, member.began);
        }
        double overlap = (firstEnd - lastBegin) / (wall / crew.length);
        return String.format(
                Locale.ROOT,
                "%.4f %.4f %.4f %.4f",
                wall / operations,
                cpu / operations,
                bytes / operations,
                Math.min(share, overlap));
    }

    /** A black hole by command of {@link Bursts#JVM_ARGS}: the compiler has to make the value, and makes no call. */
    private static void consume(Object value) {}

    /** One thread. */
    private final class Crew implements Runnable {
        private static final int LEAST_BATCH = 16;
        private static final int MOST_BATCH = 4_096;
        private static final long BATCH_NANOS = 10_000;

        private final com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        private final Callable<?> caller;
        private int batch = LEAST_BATCH;
        long began;
        long ended;
        long cpu;
        long bytes;
        long operations;

        @Nullable
        Throwable failure;

        Crew(Callable<?> caller) {
            this.caller = caller;
        }

        @Override
        public void run() {
            try {
                while (true) {
                    begin.await();
                    measure();
                    end.await();
                }
            } catch (Exception e) {
                failure = e; // a barrier broke: the program is at its end
            }
        }

        private void measure() {
            // Awake at the same time, or the first would run alone for as long as the last needs to wake up.
            arrived.incrementAndGet();
            while (arrived.get() < crew.length) {
                Thread.onSpinWait();
            }
            long id = Thread.currentThread().getId();
            long bytesBefore = threads.getThreadAllocatedBytes(id);
            long cpuBefore = threads.getCurrentThreadCpuTime();
            began = System.nanoTime();
            long count = 0;
            long now = began;
            try {
                while (now - began < burstNanos) {
                    int size = batch;
                    // The volatile read is JMH's: without it a compiler may do the work once for the whole batch.
                    for (int i = 0; i < size && !done; i++) {
                        consume(caller.call());
                    }
                    count += size;
                    long later = System.nanoTime();
                    if (later - now < BATCH_NANOS / 2 && size < MOST_BATCH) {
                        batch *= 2;
                    } else if (later - now > BATCH_NANOS * 4 && size > LEAST_BATCH) {
                        batch /= 2;
                    }
                    now = later;
                }
            } catch (Throwable e) {
                failure = e;
            }
            ended = now;
            cpu = threads.getCurrentThreadCpuTime() - cpuBefore;
            bytes = threads.getThreadAllocatedBytes(id) - bytesBefore;
            operations = Math.max(1, count);
        }
    }
}
