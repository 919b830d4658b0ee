// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.click;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts clicks off the path of the request: a click adds one to a number in memory, and once a second the sums go to
 * the databases. Many clicks on one link become one write.
 *
 * <p>Memory is bounded by the number of different codes that may wait; clicks on further codes are dropped and
 * counted. What could not be written waits for the next time. {@link #close} writes what is left, so a clean stop
 * loses nothing; a crash loses at most the last second.
 *
 * <p>Thread-safe. No click can fall between two writes: it is added to, and taken from, the map by atomic operations
 * on its own entry.
 */
public final class ClickCounter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClickCounter.class);

    /** Where the sums go. */
    @FunctionalInterface
    public interface Sink {
        /** Adds these numbers to the links' clicks and {@return those that could not be written and shall wait} */
        Map<String, Long> add(Map<String, Long> clicksByCode);
    }

    /**
     * What it counted since it was made.
     *
     * @param counted clicks taken in
     * @param written clicks handed on
     * @param dropped clicks lost for lack of room, or because they could not be written at the end
     * @param waiting different codes with clicks not yet written
     */
    public record Stats(long counted, long written, long dropped, long waiting) {}

    private final ConcurrentHashMap<String, Long> waiting = new ConcurrentHashMap<>();
    private final int maximumCodes;
    private final Sink sink;
    private final ScheduledFuture<?> timer;
    private final ReentrantLock flushing = new ReentrantLock(); // the timer's flush and the last one must not cross
    private final LongAdder counted = new LongAdder();
    private final LongAdder written = new LongAdder();
    private final LongAdder dropped = new LongAdder();

    private ClickCounter(int maximumCodes, Duration period, ScheduledExecutorService scheduler, Sink sink) {
        this.maximumCodes = maximumCodes;
        this.sink = sink;
        long nanos = period.toNanos();
        this.timer = scheduler.scheduleWithFixedDelay(this::flushOrLog, nanos, nanos, TimeUnit.NANOSECONDS);
    }

    /**
     * Starts a counter.
     *
     * @param maximumCodes how many different codes may wait, about 100 bytes each
     * @param period from one write to the next
     * @param scheduler runs the writes; it stays open
     */
    public static ClickCounter start(int maximumCodes, Duration period, ScheduledExecutorService scheduler, Sink sink) {
        return new ClickCounter(maximumCodes, period, scheduler, sink);
    }

    /** Counts one click. Never waits for a database. */
    public void click(String code) {
        counted.increment();
        add(code, 1);
    }

    private void add(String code, long clicks) {
        // Threads that come here at once may overshoot the limit by their number.
        if (waiting.size() >= maximumCodes && !waiting.containsKey(code)) {
            dropped.add(clicks);
        } else {
            waiting.merge(code, clicks, Long::sum);
        }
    }

    private void flushOrLog() {
        try {
            flush();
        } catch (RuntimeException e) {
            LOG.warn("Clicks could not be written; they wait for the next time", e);
        }
    }

    /** Writes what waits, now. */
    public void flush() {
        flushing.lock();
        try {
            Map<String, Long> batch = take();
            if (!batch.isEmpty()) {
                write(batch);
            }
        } finally {
            flushing.unlock();
        }
    }

    private void write(Map<String, Long> batch) {
        Map<String, Long> left = batch;
        try {
            left = sink.add(batch);
        } finally {
            left.forEach(this::add);
            written.add(sum(batch) - sum(left));
        }
    }

    private Map<String, Long> take() {
        Map<String, Long> batch = new HashMap<>();
        for (String code : waiting.keySet()) {
            Long clicks = waiting.remove(code);
            if (clicks != null) {
                batch.put(code, clicks);
            }
        }
        return batch;
    }

    private static long sum(Map<String, Long> clicks) {
        return clicks.values().stream().mapToLong(Long::longValue).sum();
    }

    /** {@return what it counted} */
    public Stats stats() {
        return new Stats(counted.sum(), written.sum(), dropped.sum(), waiting.size());
    }

    /** Writes what is left, then ends; to be called when no click comes any more. */
    @Override
    public void close() {
        timer.cancel(false);
        flushOrLog();
        long lost = sum(take());
        if (lost > 0) {
            dropped.add(lost);
            LOG.warn("{} clicks could not be written before the end", lost);
        }
    }

    /** Ends without writing, as when the process dies. */
    public void abandon() {
        timer.cancel(false);
        dropped.add(sum(take()));
    }
}
