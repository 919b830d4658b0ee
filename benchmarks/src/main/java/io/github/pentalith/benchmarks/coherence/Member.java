// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * One process of the experiment. It reads all keys, writes those that are its own, and judges each read by the ledger.
 * Obeys lines on its standard input and ends with it.
 */
final class Member {
    private static final PrintStream OUT = System.out;
    private static final int READERS = 3;

    /** Between two writes of a process, on average. */
    private static final long WRITE_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

    /** The longest that the database takes for a read; the shortest is nothing. */
    private static final long DATABASE_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

    private final Ledger ledger;
    private final int index;
    private final int members;
    private final long boundNanos;
    private final Contender cache;

    private final LongAdder reads = new LongAdder();
    private final LongAdder writes = new LongAdder();
    private final LongAdder loads = new LongAdder();
    private final LongAdder late = new LongAdder();
    private final LongAdder failedReads = new LongAdder();
    private final LongAdder refusedWrites = new LongAdder();
    private final LongAccumulator worstNanos = new LongAccumulator(Math::max, 0);
    private volatile boolean writing = true;
    private volatile boolean running = true;

    private Member(Contender.Maker maker, URI redis, Ledger ledger, int index, int members, long boundNanos) {
        this.ledger = ledger;
        this.index = index;
        this.members = members;
        this.boundNanos = boundNanos;
        this.cache = maker.make(redis, this::load);
    }

    public static void main(String[] args) throws Exception {
        Member member = new Member(
                Contender.maker(args[0]),
                URI.create(args[1]),
                Ledger.open(Path.of(args[2]), Integer.parseInt(args[3])),
                Integer.parseInt(args[4]),
                Integer.parseInt(args[5]),
                TimeUnit.MILLISECONDS.toNanos(Long.parseLong(args[6])));
        member.obey();
        Runtime.getRuntime().halt(0); // whatever threads a client library keeps
    }

    private void obey() throws IOException, InterruptedException {
        Thread[] threads = new Thread[READERS + 1];
        for (int i = 0; i < threads.length; i++) {
            int seed = index * threads.length + i;
            threads[i] = new Thread(i < READERS ? () -> readAll(seed) : () -> writeAll(seed), "member-" + i);
            threads[i].setDaemon(true);
            threads[i].setUncaughtExceptionHandler((thread, failure) -> {
                failure.printStackTrace();
                Runtime.getRuntime().halt(1); // the parent misses the answer and shows the log
            });
            threads[i].start();
        }
        answer("ready");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            switch (line) {
                case "quiesce" -> {
                    writing = false;
                    threads[READERS].join();
                    answer("quiet");
                }
                case "rewrite" -> {
                    for (int key = 0; key < ledger.keys(); key++) {
                        write(key);
                    }
                    answer("rewrite");
                }
                case "check" -> answer("stale " + staleKeys());
                case "report" -> answer("report " + report());
                default -> throw new IllegalArgumentException("unknown order: " + line);
            }
        }
        running = false;
    }

    private static void answer(String text) {
        OUT.println(text);
        OUT.flush();
    }

    private long load(long key) {
        loads.increment();
        long version = ledger.committed(key);
        long nanos = (long) (DATABASE_NANOS * Math.random());
        LockSupport.parkNanos(nanos); // the answer is on its way while others write
        return version;
    }

    private void readAll(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        while (running) {
            double place = random.nextDouble();
            long key = (long) (ledger.keys() * place * place); // some keys are hotter than others
            long began = System.nanoTime();
            try {
                long version = cache.read(key);
                long staleness = ledger.staleness(key, version, began);
                reads.increment();
                worstNanos.accumulate(staleness);
                if (staleness > boundNanos) {
                    late.increment();
                }
            } catch (RuntimeException e) {
                failedReads.increment();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            if ((reads.intValue() & 63) == 0) {
                LockSupport.parkNanos(50_000); // leaves the machine to the others
            }
        }
    }

    private void writeAll(int seed) {
        SplittableRandom random = new SplittableRandom(~seed);
        int own = ledger.keys() / members;
        while (writing) {
            double place = random.nextDouble();
            long key = (long) (own * place * place) * members + index;
            write(key);
            LockSupport.parkNanos(random.nextLong(2 * WRITE_PAUSE_NANOS));
        }
    }

    private void write(long key) {
        long version = ledger.commit(key);
        boolean told = false;
        while (!told) { // even when asked to end: what is committed is to be made visible
            try {
                cache.written(key, version);
                told = true;
            } catch (RuntimeException e) {
                refusedWrites.increment();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
        ledger.acknowledge(key, version, System.nanoTime());
        writes.increment();
    }

    /** Reads every key and names those whose value is older than what was acknowledged. */
    private String staleKeys() {
        StringBuilder stale = new StringBuilder();
        for (int key = 0; key < ledger.keys(); key++) {
            long acknowledged = ledger.acknowledged(key);
            if (cache.read(key) < acknowledged) {
                stale.append(key).append(' ');
            }
        }
        return stale.toString();
    }

    private String report() {
        return String.join(
                " ",
                Long.toString(reads.sum()),
                Long.toString(writes.sum()),
                Long.toString(loads.sum()),
                Long.toString(late.sum()),
                Long.toString(worstNanos.get()),
                Long.toString(failedReads.sum()),
                Long.toString(refusedWrites.sum()));
    }
}
