// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.health;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One registered check: its latest verdict and the run in progress, of which there is at most one. A run has exactly
 * one outcome: its answer, or, once a report has waited in vain, a failure; an answer that comes later only frees the
 * place for the next run.
 */
final class CheckState {
    final HealthCheck check;
    private final LongSupplier ticker;
    private final ReentrantLock lock = new ReentrantLock(); // never held while user code runs
    private @Nullable Run running;
    private @Nullable Health shown;
    private @Nullable Health latestFailure;
    private long shownAt;
    private long durationNanos;
    private int failures; // in a row
    private int successes; // in a row

    private static final class Run {
        final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        final long startedAt;
        boolean overdue;
        long overdueSince;

        Run(long startedAt) {
            this.startedAt = startedAt;
        }
    }

    CheckState(HealthCheck check, LongSupplier ticker) {
        this.check = check;
        this.ticker = ticker;
    }

    /** Begins a run unless one is in progress or the last answer is fresh enough. */
    void start(Executor executor) {
        Run run;
        lock.lock();
        try {
            long now = ticker.getAsLong();
            boolean fresh = shown != null && now - shownAt < check.cacheFor.toNanos();
            if (running != null || fresh) {
                return;
            }
            run = new Run(now);
            running = run;
        } finally {
            lock.unlock();
        }
        try {
            executor.execute(() -> perform(run));
        } catch (RejectedExecutionException e) {
            finish(run, Health.unknown("not asked: the executor refused"));
        }
    }

    @SuppressWarnings("CatchingUnchecked") // whatever a probe throws is an answer
    private void perform(Run run) {
        try {
            Health health = check.probe.check();
            finish(run, health == null ? Health.down("the check returned null") : health);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            finish(run, Health.down(e));
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            finish(run, Health.down(e));
        } finally {
            finish(run, Health.down("the check died")); // no effect after another finish
        }
    }

    private void finish(Run run, Health health) {
        lock.lock();
        try {
            if (running == run) {
                running = null;
                if (!run.overdue) {
                    long now = ticker.getAsLong();
                    durationNanos = now - run.startedAt;
                    accept(health, now);
                }
            }
        } finally {
            lock.unlock();
        }
        run.done.complete(null);
    }

    /** What a report may wait for, and for how long; null if there is nothing to wait for. */
    @Nullable
    Pending pending() {
        lock.lock();
        try {
            Run run = running;
            if (run == null) {
                return null;
            }
            long left = check.timeout.toNanos() - (ticker.getAsLong() - run.startedAt);
            return left <= 0 ? null : new Pending(run.done, left);
        } finally {
            lock.unlock();
        }
    }

    record Pending(CompletableFuture<@Nullable Void> done, long nanos) {}

    /** The verdict now; a run that has outlived its timeout counts as a failure, again after each further timeout. */
    HealthReport.Check show() {
        lock.lock();
        try {
            long now = ticker.getAsLong();
            Run run = running;
            if (run != null) {
                long since = run.overdue ? run.overdueSince : run.startedAt;
                if (now - since >= check.timeout.toNanos()) {
                    run.overdue = true;
                    run.overdueSince = now;
                    durationNanos = now - run.startedAt;
                    accept(Health.down("no answer within " + check.timeout.toMillis() + " ms"), now);
                }
            }
            Health health = shown;
            if (health == null) {
                return new HealthReport.Check(
                        check.name, check.group, check.critical, Health.unknown("not asked yet"), 0, 0);
            }
            if (latestFailure != null && failures > 0 && health.status() != Health.Status.DOWN) {
                health = health.with("failures", failures + " of " + check.failureThreshold)
                        .with("latestFailure", latestFailure.details().getOrDefault("reason", "down"));
            }
            return new HealthReport.Check(
                    check.name, check.group, check.critical, health, now - shownAt, durationNanos);
        } finally {
            lock.unlock();
        }
    }

    /** Counts an answer and shows it unless the thresholds say to wait. */
    private void accept(Health health, long now) {
        boolean first = shown == null;
        boolean wasDown = shown != null && shown.status() == Health.Status.DOWN;
        if (health.status() == Health.Status.DOWN) {
            failures++;
            successes = 0;
            latestFailure = health;
            if (first || wasDown || failures >= check.failureThreshold) {
                shown = health;
            }
        } else {
            successes++;
            failures = 0;
            if (!wasDown || successes >= check.successThreshold) {
                shown = health;
            }
        }
        shownAt = now;
    }
}
