// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * A monotonic clock that a thread moves on, for {@link CacheBuilder#ticker}. To read the system's clock is half of a hit
 * in the local level on many virtual machines; to read this one costs a load.
 *
 * <p>It is never ahead of {@link System#nanoTime} and behind it by the tick, and by as long as its thread does not get
 * to run: while the machine is overloaded or the process stands still, and for a moment after that. So TTLs, and
 * with a remote level the bound {@link CacheBuilder#maxUnverified} as well, are exceeded by as much. Use it where TTLs
 * are estimates anyway, which is usual without a remote level; not where the bound is a promise.
 *
 * <p>Thread-safe; one serves many caches. It has one daemon thread, which wakes up once per tick. Once closed, it reads
 * the system's clock.
 *
 * <pre>{@code
 * CoarseTicker ticker = CoarseTicker.every(Duration.ofMillis(5));
 * TieredCache<Long, User> users = TieredCache.<Long, User>builder("users").ticker(ticker).build();
 * }</pre>
 */
public final class CoarseTicker implements LongSupplier, AutoCloseable {
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofSeconds(1);
    private static final long STOPPED = Long.MIN_VALUE;

    private final long tickNanos;
    private final Thread thread;
    private volatile long now = System.nanoTime();
    private volatile boolean closed;

    private CoarseTicker(Duration tick) {
        this.tickNanos = tick.toNanos();
        this.thread = new Thread(this::run, "pentalith-cache-ticker");
        thread.setDaemon(true);
    }

    /**
     * Starts a clock.
     *
     * @param tick how often it moves on, 1 ms to 1 s
     * @return the clock
     * @throws IllegalArgumentException if the tick is out of range
     */
    public static CoarseTicker every(Duration tick) {
        if (tick.compareTo(SHORTEST) < 0 || tick.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("tick must be in range: tick=" + tick + " (expected: 1 ms to 1 s)");
        }
        CoarseTicker ticker = new CoarseTicker(tick);
        ticker.thread.start();
        return ticker;
    }

    private void run() {
        try {
            while (!closed) {
                now = System.nanoTime();
                LockSupport.parkNanos(this, tickNanos);
            }
        } finally {
            now = STOPPED;
        }
    }

    /**
     * Returns the time.
     *
     * @return nanoseconds, comparable with those of {@link System#nanoTime}
     */
    @Override
    public long getAsLong() {
        long last = now;
        return last != STOPPED ? last : System.nanoTime();
    }

    /** Ends the thread. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    @Override
    public String toString() {
        return "CoarseTicker[tick=" + Duration.ofNanos(tickNanos) + ", closed=" + closed + "]";
    }
}
