// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Time that passes only when a test says so: a monotonic clock ({@link LongSupplier}, nanoseconds), a wall clock
 * ({@link InstantSource}) and a scheduler ({@link ScheduledExecutorService}) that always agree.
 *
 * <p>It has no thread of its own. Whoever moves time, by {@link #advance}, {@link #runAll} or by waiting for one of
 * its futures, runs the tasks that fall due, on its own thread, in the order of their times and, at one time, in the
 * order in which they were submitted. While a task runs, the clocks show the time for which it was planned.
 * {@code get()} on a future of this scheduler drives time forward until that future is done, so that code which waits
 * by {@code scheduler.schedule(() -> {}, delay).get()} sleeps for hours in microseconds.
 *
 * <p>Thread-safe. Several threads may wait or advance at once; then time is driven by whichever comes first, and each
 * task still runs exactly once. Scheduling costs O(log n) for n pending tasks.
 *
 * <p>A future that can never complete, because nothing is pending that could complete it, is reported by an
 * {@link IllegalStateException} from {@code get()} instead of a hanging test.
 *
 * <pre>{@code
 * VirtualTime time = VirtualTime.create();
 * List<String> heard = new ArrayList<>();
 * time.schedule(() -> heard.add("bell"), 1, TimeUnit.HOURS);
 * time.advance(Duration.ofMinutes(59));   // heard is empty
 * time.advance(Duration.ofMinutes(1));    // heard is ["bell"]
 * }</pre>
 */
public final class VirtualTime extends AbstractExecutorService
        implements LongSupplier, InstantSource, ScheduledExecutorService {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final PriorityQueue<Task<?>> pending = new PriorityQueue<>();
    private final Instant epoch;
    private final long origin;
    private long elapsed; // nanoseconds since origin; like all mutable state, guarded by lock
    private long sequence;
    private final Map<Thread, Integer> running = new HashMap<>();
    private boolean shutdown;

    private VirtualTime(Instant epoch, long origin) {
        this.epoch = epoch;
        this.origin = origin;
    }

    /**
     * Returns a time that stands at 2026-01-01T00:00:00Z and at 0 ns.
     *
     * @return a new time
     */
    public static VirtualTime create() {
        return startingAt(Instant.parse("2026-01-01T00:00:00Z"), 0);
    }

    /**
     * Returns a time that stands at a given point. A start near {@link Long#MAX_VALUE} finds code that compares
     * nanosecond readings with {@code <} instead of by their difference.
     *
     * @param wall what the wall clock shows
     * @param nanos what the monotonic clock shows; any value, as the origin of {@link System#nanoTime} is arbitrary
     * @return a new time
     */
    public static VirtualTime startingAt(Instant wall, long nanos) {
        return new VirtualTime(Objects.requireNonNull(wall, "wall"), nanos);
    }

    /** The monotonic clock, in nanoseconds. */
    @Override
    public long getAsLong() {
        lock.lock();
        try {
            return origin + elapsed;
        } finally {
            lock.unlock();
        }
    }

    /** The wall clock. */
    @Override
    public Instant instant() {
        return epoch.plusNanos(elapsedNanos());
    }

    /**
     * Returns how much time has passed since this object was made.
     *
     * @return the time passed, never negative
     */
    public Duration elapsed() {
        return Duration.ofNanos(elapsedNanos());
    }

    private long elapsedNanos() {
        lock.lock();
        try {
            return elapsed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Moves time forward, running every task that falls due on the way, those that such tasks schedule included.
     *
     * @param by how far; {@link Duration#ZERO} runs what is due now
     * @throws IllegalArgumentException if {@code by} is negative
     */
    public void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("by must not be negative: by=" + by + " (expected: zero or more)");
        }
        long target = saturatedAdd(elapsedNanos(), saturatedNanos(by));
        while (runNext(target)) {
            // Each turn runs one task.
        }
        lock.lock();
        try {
            elapsed = Math.max(elapsed, target);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs the pending tasks in the order of their times, moving time forward to each, until none is left or the
     * limit is reached. The limit keeps periodic tasks from running for ever.
     *
     * @param limit the largest number of task runs, 1 or more
     * @return the number of task runs
     * @throws IllegalArgumentException if {@code limit} is less than 1
     */
    public int runAll(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be positive: limit=" + limit + " (expected: 1 or more)");
        }
        int runs = 0;
        while (runs < limit && runNext(Long.MAX_VALUE)) {
            runs++;
        }
        return runs;
    }

    /**
     * Returns the number of tasks that wait for their time; a periodic task counts once.
     *
     * @return the number of pending tasks
     */
    public int pendingTasks() {
        lock.lock();
        try {
            return pending.size();
        } finally {
            lock.unlock();
        }
    }

    /** Runs the earliest task that is due at or before {@code until}; false if there is none. */
    private boolean runNext(long until) {
        Task<?> next;
        lock.lock();
        try {
            next = pending.peek();
            if (next == null || next.due > until) {
                return false;
            }
            pending.poll();
            elapsed = Math.max(elapsed, next.due);
            running.merge(Thread.currentThread(), 1, Integer::sum);
        } finally {
            lock.unlock();
        }
        try {
            next.fire();
        } finally {
            lock.lock();
            try {
                running.computeIfPresent(Thread.currentThread(), (thread, depth) -> depth == 1 ? null : depth - 1);
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
        return true;
    }

    @Override
    public void execute(Runnable command) {
        Task<?> unused = enqueue(new Task<>(Executors.callable(command), 0, 0));
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        return enqueue(new Task<>(Executors.callable(command), unit.toNanos(delay), 0));
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        return enqueue(new Task<>(callable, unit.toNanos(delay), 0));
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long initialDelay, long period, TimeUnit unit) {
        return enqueue(new Task<>(Executors.callable(command), unit.toNanos(initialDelay), periodNanos(period, unit)));
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initialDelay, long delay, TimeUnit unit) {
        return enqueue(new Task<>(Executors.callable(command), unit.toNanos(initialDelay), -periodNanos(delay, unit)));
    }

    private static long periodNanos(long period, TimeUnit unit) {
        if (period <= 0) {
            throw new IllegalArgumentException(
                    "period must be positive: period=" + period + " " + unit + " (expected: more than 0)");
        }
        return unit.toNanos(period);
    }

    private <T extends Task<?>> T enqueue(T task) {
        lock.lock();
        try {
            if (shutdown) {
                throw new RejectedExecutionException("this VirtualTime is shut down");
            }
            task.due = saturatedAdd(elapsed, Math.max(0, task.due));
            task.order = sequence++;
            pending.add(task);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        return task;
    }

    @Override
    protected <T> RunnableFuture<T> newTaskFor(Runnable runnable, T value) {
        return new Task<>(Executors.callable(runnable, value), 0, 0);
    }

    @Override
    protected <T> RunnableFuture<T> newTaskFor(Callable<T> callable) {
        return new Task<>(callable, 0, 0);
    }

    /** Refuses new tasks; periodic tasks end, one-shot tasks still run when time comes to them. */
    @Override
    public void shutdown() {
        lock.lock();
        try {
            shutdown = true;
            pending.removeIf(task -> task.period != 0);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Runnable> shutdownNow() {
        lock.lock();
        try {
            shutdown = true;
            List<Runnable> never = new ArrayList<>(pending);
            pending.clear();
            changed.signalAll();
            return never;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isShutdown() {
        lock.lock();
        try {
            return shutdown;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean isTerminated() {
        lock.lock();
        try {
            return shutdown && pending.isEmpty() && running.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Drives time forward, at most by {@code timeout}, until this scheduler is shut down and empty. */
    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        long until = saturatedAdd(elapsedNanos(), unit.toNanos(timeout));
        while (!isTerminated() && runNext(until)) {
            // Each turn runs one task.
        }
        return isTerminated();
    }

    @Override
    public String toString() {
        return "VirtualTime[" + instant() + ", elapsed=" + elapsed() + ", pending=" + pendingTasks() + "]";
    }

    private static long saturatedNanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    private static long saturatedAdd(long a, long b) {
        long sum = a + b;
        return b > 0 && sum < a ? Long.MAX_VALUE : sum;
    }

    /** A pending task; {@code period} as in the JDK's scheduler: 0 once, positive fixed rate, negative fixed delay. */
    private final class Task<V> extends FutureTask<V> implements RunnableScheduledFuture<V> {
        final long period;
        long due; // a delay until enqueued, then a point on the scale of elapsed
        long order;

        Task(Callable<V> callable, long delay, long period) {
            super(callable);
            this.due = delay;
            this.period = period;
        }

        /** What an executor does with a task; from {@code submit} the task arrives here through {@code execute}. */
        void fire() {
            if (period == 0) {
                super.run();
            } else if (super.runAndReset()) {
                lock.lock();
                try {
                    if (!shutdown) {
                        due = period > 0 ? saturatedAdd(due, period) : saturatedAdd(elapsed, -period);
                        order = sequence++;
                        pending.add(this);
                    }
                } finally {
                    lock.unlock();
                }
            }
        }

        @Override
        protected void done() {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            lock.lock();
            try {
                pending.remove(this);
            } finally {
                lock.unlock();
            }
            return cancelled;
        }

        @Override
        public V get() throws InterruptedException, ExecutionException {
            drive(Long.MAX_VALUE);
            return super.get();
        }

        @Override
        public V get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
            long until = saturatedAdd(elapsedNanos(), unit.toNanos(timeout));
            if (!drive(until)) {
                throw new TimeoutException("not done after " + timeout + " " + unit + " of virtual time");
            }
            return super.get();
        }

        /** Runs tasks until this future is done (true) or time has come to {@code until} (false). */
        private boolean drive(long until) throws InterruptedException {
            while (!isDone()) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (!runNext(until) && !awaitOthers(until)) {
                    return isDone();
                }
            }
            return true;
        }

        /** Nothing is due: true after another thread did something, false when time has come to {@code until}. */
        @SuppressWarnings("WaitNotInLoop") // the loop is in drive
        private boolean awaitOthers(long until) throws InterruptedException {
            lock.lock();
            try {
                Task<?> next = pending.peek();
                if (isDone() || (next != null && next.due <= until)) {
                    return true;
                }
                if (othersRun()) {
                    changed.await();
                    return true;
                }
                if (until == Long.MAX_VALUE) {
                    throw new IllegalStateException(
                            "this future can never complete: nothing is pending that could complete it");
                }
                elapsed = Math.max(elapsed, until);
                return false;
            } finally {
                lock.unlock();
            }
        }

        private boolean othersRun() {
            return running.size() > (running.containsKey(Thread.currentThread()) ? 1 : 0);
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(due - elapsedNanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public boolean isPeriodic() {
            return period != 0;
        }

        @Override
        public int compareTo(Delayed other) {
            Task<?> that = (Task<?>) other;
            int byTime = Long.compare(due, that.due);
            return byTime != 0 ? byTime : Long.compare(order, that.order);
        }
    }
}
