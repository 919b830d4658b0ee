// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.health;

import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The health of this process: checks by group, asked in parallel, each with its own timeout.
 *
 * <p>Thread-safe. A report asks what is not fresh any more, all at once, and goes out when all have answered or the
 * longest of their timeouts is over, whichever comes first; a check that hangs never hangs a report, occupies one
 * thread and is not started again before it returns. Concurrent reports share answers. There are never more threads
 * than checks; they are daemons called {@code pentalith-metrics-health} and end when idle.
 *
 * <pre>{@code
 * HealthRegistry health = HealthRegistry.of("shop");
 * health.register(HealthCheck.liveness("deadlock", threads::check));
 * health.register(HealthCheck.readiness("cache", cache::check).critical(false));
 * HealthReport report = health.report(HealthCheck.Group.READINESS);   // report.httpStatus(), report.toJson()
 * }</pre>
 */
public final class HealthRegistry implements AutoCloseable {
    private final String name;
    private final Executor executor;
    private final @Nullable ThreadPoolExecutor own;
    private final TimeSource time;
    private final ReentrantLock lock = new ReentrantLock(); // for registrations
    private final CopyOnWriteArrayList<CheckState> states = new CopyOnWriteArrayList<>();

    private HealthRegistry(Builder settings) {
        this.name = settings.name;
        this.own = settings.executor == null ? pool() : null;
        this.executor = settings.executor == null ? Objects.requireNonNull(own) : settings.executor;
        this.time = settings.time;
    }

    private static ThreadPoolExecutor pool() {
        return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
            Thread thread = new Thread(task, "pentalith-metrics-health");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Makes a registry with default settings.
     *
     * @param name its name in logs and {@code toString()}
     * @return a new registry
     */
    public static HealthRegistry of(String name) {
        return builder(name).build();
    }

    /**
     * Begins a registry with other settings.
     *
     * @param name its name in logs and {@code toString()}
     * @return a builder
     */
    public static Builder builder(String name) {
        return new Builder(Objects.requireNonNull(name, "name"));
    }

    /**
     * Adds a check.
     *
     * @param check the check
     * @return what removes it
     * @throws IllegalArgumentException if a check of this name is registered
     */
    public Registration register(HealthCheck check) {
        CheckState state = new CheckState(check, time.ticker());
        lock.lock();
        try {
            for (CheckState present : states) {
                if (present.check.name().equals(check.name())) {
                    throw new IllegalArgumentException("name must be free: name=" + check.name()
                            + " (expected: another name than that of " + present.check + ")");
                }
            }
            states.add(state);
        } finally {
            lock.unlock();
        }
        return () -> states.remove(state);
    }

    /**
     * Asks all checks.
     *
     * @return their state, at the latest when the longest timeout is over
     */
    public HealthReport report() {
        return report(check -> true);
    }

    /**
     * Asks the checks of one group.
     *
     * @param group which
     * @return their state, at the latest when the longest of their timeouts is over; up if there are none
     */
    public HealthReport report(HealthCheck.Group group) {
        Objects.requireNonNull(group, "group");
        return report(check -> check.group() == group);
    }

    private HealthReport report(Predicate<HealthCheck> wanted) {
        List<CheckState> asked = new ArrayList<>();
        for (CheckState state : states) {
            if (wanted.test(state.check)) {
                asked.add(state);
                state.start(executor);
            }
        }
        for (CheckState state : asked) {
            CheckState.Pending pending = state.pending();
            if (pending != null && !await(pending)) {
                break; // interrupted: answer with what is known
            }
        }
        List<HealthReport.Check> checks = new ArrayList<>();
        for (CheckState state : asked) {
            checks.add(state.show());
        }
        return HealthReport.of(checks, time.clock().instant());
    }

    /** Waits for the end of a run or of its time; false if the thread was interrupted. */
    private boolean await(CheckState.Pending pending) {
        CompletableFuture<@Nullable Void> done = pending.done();
        ScheduledExecutorService scheduler = time.scheduler();
        try {
            if (scheduler == null) {
                done.get(pending.nanos(), TimeUnit.NANOSECONDS);
            } else {
                ScheduledFuture<?> wait = scheduler.schedule(() -> {}, pending.nanos(), TimeUnit.NANOSECONDS);
                CompletableFuture<Void> unused = done.thenRun(() -> wait.cancel(false));
                wait.get();
            }
            return true;
        } catch (TimeoutException | CancellationException e) {
            return true;
        } catch (ExecutionException | RejectedExecutionException e) {
            throw new IllegalStateException("the scheduler of health registry " + name + " does not work", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Interrupts running checks and ends this registry's threads; later reports say "unknown" of what is not fresh. */
    @Override
    public void close() {
        if (own != null) {
            own.shutdownNow();
        }
    }

    @Override
    public String toString() {
        return "HealthRegistry[" + name + ", "
                + states.stream().map(state -> state.check.toString()).toList() + "]";
    }

    /** Settings of a registry. Not thread-safe. */
    public static final class Builder {
        private final String name;
        private @Nullable Executor executor;
        private TimeSource time = TimeSource.system();

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Sets what runs the probes, instead of threads of the registry's own. It needs a thread per check that hangs.
         *
         * @param executor runs each probe; never shut down here
         * @return this builder
         */
        public Builder executor(Executor executor) {
            this.executor = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Sets the clocks for timeouts, ages and reports. Reports wait with the scheduler, if there is one; otherwise
         * the calling thread just waits.
         *
         * @param time the system's by default
         * @return this builder
         */
        public Builder time(TimeSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /** {@return a new registry} */
        public HealthRegistry build() {
            return new HealthRegistry(this);
        }
    }
}
