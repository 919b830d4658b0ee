// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/** Clients that follow known links until told to stop, and check every answer. */
final class Load implements AutoCloseable {
    private final Queue<Long> nanos = new ConcurrentLinkedQueue<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopping;

    /** Starts that many clients, each with a pause of some milliseconds between its requests. */
    Load(Client client, Map<String, String> longUrlByCode, int clients) {
        List<Map.Entry<String, String>> links = List.copyOf(longUrlByCode.entrySet());
        for (int i = 0; i < clients; i++) {
            Thread thread = new Thread(() -> run(client, links), "load-" + i);
            threads.add(thread);
            thread.start();
        }
    }

    private void run(Client client, List<Map.Entry<String, String>> links) {
        while (!stopping) {
            Map.Entry<String, String> link =
                    links.get(ThreadLocalRandom.current().nextInt(links.size()));
            long start = System.nanoTime();
            try {
                Client.Answer answer = client.get("/" + link.getKey());
                if (answer.status() != 302 || !link.getValue().equals(answer.header("location"))) {
                    wrong.add(answer.toString());
                }
            } catch (Exception e) {
                wrong.add(e.toString());
            }
            nanos.add(System.nanoTime() - start);
            LockSupport.parkNanos(5_000_000);
        }
    }

    int requests() {
        return nanos.size();
    }

    /** Answers other than the redirect that was expected. */
    Queue<String> wrong() {
        return wrong;
    }

    /** In the long form only, on a machine that has time for it. */
    void assertFast() {
        if ("long".equals(System.getProperty("pentalith.tests"))) {
            assertThat(quantileMillis(0.99)).isLessThan(1_000);
        }
    }

    private double quantileMillis(double q) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(q * sorted.length))] / 1e6;
    }

    @Override
    public void close() {
        stopping = true;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public String toString() {
        return String.format(
                "%d requests, %d wrong, P50 %.1f ms, P99 %.1f ms, max %.1f ms",
                requests(), wrong.size(), quantileMillis(0.5), quantileMillis(0.99), quantileMillis(1));
    }
}
