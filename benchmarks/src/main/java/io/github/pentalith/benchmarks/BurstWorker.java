// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The program in each of the JVMs among which {@link Bursts} takes turns: it sets up one subject, warms up, then answers
 * each line of its input with one burst and a line of figures.
 */
public final class BurstWorker {
    private static final long WARM_UP_CHUNK_NANOS = 20_000_000;
    private static final int LONGEST_WARM_UP = 4; // times as long as wanted

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Crew[] crew;
    private final CyclicBarrier begin;
    private final CyclicBarrier end;
    private final AtomicInteger arrived = new AtomicInteger();
    private volatile long burstNanos;

    private BurstWorker(Subject subject, int threads) {
        crew = new Crew[threads];
        begin = new CyclicBarrier(threads + 1, () -> arrived.set(0));
        end = new CyclicBarrier(threads + 1);
        for (int i = 0; i < threads; i++) {
            crew[i] = new Crew(subject.loop());
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
            worker.warmUp(Long.parseLong(args[3]) * 1_000_000);
            answers.println("warm");
            while (orders.readLine() != null) {
                answers.println(worker.burst(Long.parseLong(args[4]) * 1_000));
            }
            Loop.Answers.unwanted = true;
        }
        System.exit(0); // peers have threads that are nobody's to end
    }

    /** Time in which others have the CPUs counts for little: the compiler does not get on then. */
    private void warmUp(long nanos) throws Exception {
        long latest = System.nanoTime() + LONGEST_WARM_UP * nanos;
        double warm = 0;
        while (warm < nanos && System.nanoTime() < latest) {
            warm += WARM_UP_CHUNK_NANOS
                    * (1 - Math.min(1, burst(WARM_UP_CHUNK_NANOS).disturbed()));
        }
    }

    private Burst burst(long nanos) throws Exception {
        burstNanos = nanos;
        // By whatever thread: work that a subject hands to others is its work.
        long[] everybody = THREADS.getAllThreadIds();
        long bytesBefore = allocated(everybody);
        begin.await();
        end.await();
        double bytes = allocated(everybody) - bytesBefore;
        double wall = 0;
        double cpu = 0;
        double operations = 0;
        double disturbed = 0;
        long firstEnd = Long.MAX_VALUE;
        long lastBegin = Long.MIN_VALUE;
        for (Crew member : crew) {
            if (member.failure != null) {
                throw new IllegalStateException("the benchmark failed", member.failure);
            }
            double own = member.ended - member.began;
            wall += own;
            cpu += member.cpu;
            operations += member.operations;
            disturbed = Math.max(disturbed, member.waited / own);
            firstEnd = Math.min(firstEnd, member.ended);
            lastBegin = Math.max(lastBegin, member.began);
        }
        double overlap = (firstEnd - lastBegin) / (wall / crew.length);
        return new Burst(wall / operations, cpu / operations, bytes / operations, Math.max(disturbed, 1 - overlap));
    }

    /** Wall and CPU nanoseconds and bytes per operation, and the greatest share of time that a thread was disturbed. */
    private record Burst(double wall, double cpu, double bytes, double disturbed) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.4f %.4f %.4f %.4f", wall, cpu, bytes, disturbed);
        }
    }

    private static long allocated(long[] threads) {
        long sum = 0;
        for (long bytes : THREADS.getThreadAllocatedBytes(threads)) {
            sum += Math.max(0, bytes); // -1 for one that has ended
        }
        return sum;
    }

    /** One thread. */
    private final class Crew implements Runnable {
        private static final int FIRST_BATCH = 16;
        private static final int MOST_BATCH = 4_096;
        private static final long BATCH_NANOS = 10_000;

        private final Loop loop;
        private int batch = FIRST_BATCH;
        long began;
        long ended;
        long cpu;
        long waited;
        long operations;

        @Nullable
        Throwable failure;

        Crew(Loop loop) {
            this.loop = loop;
        }

        @Override
        public void run() {
            try (RunQueue queue = RunQueue.ofThisThread()) {
                while (true) {
                    begin.await();
                    measure(queue);
                    end.await();
                }
            } catch (Exception e) {
                failure = e; // a barrier broke: the program is at its end
            }
        }

        private void measure(RunQueue queue) throws IOException {
            long waitedBefore = queue.nanos();
            // Awake at the same time, or the first would run alone for as long as the last needs to wake up.
            arrived.incrementAndGet();
            while (arrived.get() < crew.length) {
                Thread.onSpinWait();
            }
            long cpuBefore = THREADS.getCurrentThreadCpuTime();
            began = System.nanoTime();
            long count = 0;
            long now = began;
            try {
                while (now - began < burstNanos) {
                    int size = batch;
                    loop.repeat(size);
                    count += size;
                    long later = System.nanoTime();
                    if (later - now < BATCH_NANOS / 2 && size < MOST_BATCH) {
                        batch *= 2;
                    } else if (later - now > BATCH_NANOS * 4 && size > 1) {
                        batch /= 2;
                    }
                    now = later;
                }
            } catch (Throwable e) {
                failure = e;
            }
            ended = now;
            cpu = THREADS.getCurrentThreadCpuTime() - cpuBefore;
            waited = queue.nanos() - waitedBefore;
            operations = Math.max(1, count);
        }
    }

    /** How long the thread that opened it could have run and was not let, as Linux tells; always 0 elsewhere. */
    private record RunQueue(@Nullable RandomAccessFile file, byte[] buffer) implements AutoCloseable {
        static RunQueue ofThisThread() throws IOException {
            Path path = Path.of("/proc/thread-self/schedstat"); // nanoseconds run, nanoseconds waited, time slices
            return new RunQueue(Files.isReadable(path) ? new RandomAccessFile(path.toFile(), "r") : null, new byte[80]);
        }

        /** Allocates nothing. */
        long nanos() throws IOException {
            if (file == null) {
                return 0;
            }
            file.seek(0);
            int length = file.read(buffer);
            int at = 0;
            while (at < length && buffer[at] != ' ') {
                at++;
            }
            long nanos = 0;
            for (at++; at < length && buffer[at] != ' '; at++) {
                nanos = nanos * 10 + buffer[at] - '0';
            }
            return nanos;
        }

        @Override
        public void close() throws IOException {
            if (file != null) {
                file.close();
            }
        }
    }
}
