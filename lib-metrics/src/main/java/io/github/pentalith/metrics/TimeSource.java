// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the registries and alerts of this library have their time from: a monotonic clock for intervals, a wall clock
 * for stamps, and a scheduler for what happens again and again. The system's unless given; tests give virtual time.
 *
 * <p>An immutable value.
 *
 * <pre>{@code
 * MetricRegistry registry = MetricRegistry.builder("shop").time(TimeSource.of(virtualTime)).build();
 * BurnRateAlerts alerts = BurnRateAlerts.builder("shop").time(TimeSource.system().scheduler(shared)).build();
 * }</pre>
 */
public final class TimeSource {
    private static final TimeSource SYSTEM = new TimeSource(System::nanoTime, InstantSource.system(), null);

    private final LongSupplier ticker;
    private final InstantSource clock;
    private final @Nullable ScheduledExecutorService scheduler;

    private TimeSource(LongSupplier ticker, InstantSource clock, @Nullable ScheduledExecutorService scheduler) {
        this.ticker = ticker;
        this.clock = clock;
        this.scheduler = scheduler;
    }

    /** {@return the clocks of the system; who needs a thread makes one} */
    public static TimeSource system() {
        return SYSTEM;
    }

    /**
     * Takes everything from one object, such as the testkit's {@code VirtualTime}.
     *
     * @param time clock, wall time and scheduler; never shut down here
     * @param <T> its type
     * @return the value
     */
    public static <T extends ScheduledExecutorService & LongSupplier & InstantSource> TimeSource of(T time) {
        return new TimeSource(time, time, Objects.requireNonNull(time, "time"));
    }

    /**
     * Returns the same with another clock for intervals.
     *
     * @param nanos monotonic nanoseconds
     * @return the value
     */
    public TimeSource ticker(LongSupplier nanos) {
        return new TimeSource(Objects.requireNonNull(nanos, "nanos"), clock, scheduler);
    }

    /**
     * Returns the same with another clock for stamps.
     *
     * @param wall wall time
     * @return the value
     */
    public TimeSource clock(InstantSource wall) {
        return new TimeSource(ticker, Objects.requireNonNull(wall, "wall"), scheduler);
    }

    /**
     * Returns the same with a scheduler, which spares who needs one a thread of its own.
     *
     * @param executor runs short tasks; never shut down here
     * @return the value
     */
    public TimeSource scheduler(ScheduledExecutorService executor) {
        return new TimeSource(ticker, clock, Objects.requireNonNull(executor, "executor"));
    }

    /** {@return monotonic nanoseconds} */
    public LongSupplier ticker() {
        return ticker;
    }

    /** {@return wall time} */
    public InstantSource clock() {
        return clock;
    }

    /** {@return the scheduler if one was given} */
    public @Nullable ScheduledExecutorService scheduler() {
        return scheduler;
    }

    /**
     * Runs a task again and again, one period from now for the first time: on the scheduler, or on a daemon thread.
     *
     * @param period from begin to begin
     * @param threadName the name of the thread if there has to be one
     * @param task what to run; if it throws, it is not run again
     * @return what ends it, the thread included
     */
    public Registration every(Duration period, String threadName, Runnable task) {
        ScheduledExecutorService given = scheduler;
        ScheduledExecutorService runner = given != null
                ? given
                : Executors.newSingleThreadScheduledExecutor(work -> {
                    Thread thread = new Thread(work, threadName);
                    thread.setDaemon(true);
                    return thread;
                });
        long nanos = period.toNanos();
        Future<?> running = runner.scheduleAtFixedRate(task, nanos, nanos, TimeUnit.NANOSECONDS);
        return () -> {
            running.cancel(false);
            if (given == null) {
                runner.shutdownNow();
            }
        };
    }

    @Override
    public String toString() {
        return this == SYSTEM
                ? "TimeSource[system]"
                : "TimeSource[ticker=" + ticker + ", clock=" + clock + ", scheduler=" + scheduler + "]";
    }
}
