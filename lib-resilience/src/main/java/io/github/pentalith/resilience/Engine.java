// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import io.github.pentalith.resilience.Pipeline.Observer;
import io.github.pentalith.resilience.Pipeline.Stats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a call walks through a {@link Pipeline}.
 *
 * <p>{@link #attempt} passes the gates, does the work and settles the tokens. Tokens live in local variables, and each kind
 * of gate has its own field of its own type, so that the compiler sees through every call. {@link #framed} is the loop
 * around it for pipelines with a deadline, retries or an attempt timeout; its slow path is a {@link Run}, made at the first
 * failure.
 */
final class Engine {
    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    private static final int MAX_SUPPRESSED = 8;
    /** The clock unless another is given; known by identity, as the timer runs on it. */
    static final LongSupplier SYSTEM = System::nanoTime;

    final String name;
    private final long deadlineNanos;
    final long attemptTimeoutNanos;
    private final @Nullable Retry retry;
    private final RetryBudget budget;
    final @Nullable BreakerGate breaker;
    final @Nullable BulkheadGate bulkhead;
    final @Nullable Admission admission;
    final @Nullable RateGate rateLimiter;
    final LongSupplier ticker;
    private final @Nullable ScheduledExecutorService scheduler;
    private final Executor executor;
    private final @Nullable RandomGenerator random;
    final Contained<Observer> observer;
    /** The start of an attempt is read. */
    private final boolean clocked;
    /** The end of an attempt is read. */
    private final boolean timed;
    /** The thread's frame is looked at. */
    private final boolean framed;

    /** The bulkhead may make a call wait: then the start of the attempt is too old a time for a grant. */
    private final boolean mayWait;
    /** Work that exceeds its time is interrupted. */
    private final boolean interrupts;

    private final LongAdder successes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final LongAdder rejections = new LongAdder();
    private final LongAdder cancellations = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder denied = new LongAdder();

    Engine(Pipeline.Builder from) {
        name = from.name;
        deadlineNanos = from.deadlineNanos;
        attemptTimeoutNanos = from.attemptTimeoutNanos;
        retry = from.retry;
        RetryBudget shared = retry == null ? RetryBudget.unlimited() : retry.budget();
        budget = shared == null ? RetryBudget.ratio(0.1) : shared;
        breaker = from.breaker == null ? null : from.breaker.gate();
        bulkhead = from.bulkhead == null ? null : from.bulkhead.gate();
        admission = from.admission;
        rateLimiter = from.rateLimiter == null ? null : from.rateLimiter.gate();
        mayWait = bulkhead != null && bulkhead.maxWaitNanos() > 0;
        interrupts = from.interrupts;
        ticker = from.ticker;
        scheduler = from.scheduler;
        executor = from.executor;
        random = from.random;
        observer = new Contained<>(LOG, name, from.observer);
        timed = (breaker != null && breaker.timed())
                || (admission != null && admission.timed())
                || (bulkhead != null && bulkhead.timed());
        framed = deadlineNanos > 0 || attemptTimeoutNanos > 0 || retry != null;
        clocked = timed || rateLimiter != null || deadlineNanos > 0 || attemptTimeoutNanos > 0 || from.observer != null;
    }

    <T extends @Nullable Object, X extends Exception> T execute(CheckedSupplier<? extends T, ? extends X> work)
            throws X {
        long start = startOfAttempt();
        if (framed) {
            return framed(work, start);
        }
        T result;
        try {
            result = attempt(work, start, null, 1);
        } catch (Throwable e) {
            ended(e, 1, start);
            throw e;
        }
        returned(1, start);
        return result;
    }

    private <T extends @Nullable Object, X extends Exception> T framed(
            CheckedSupplier<? extends T, ? extends X> work, long start) throws X {
        Frame frame = Frame.current();
        LongSupplier outerTicker = frame.ticker;
        long outerEnd = frame.endNanos;
        boolean outerRetrying = frame.retrying;
        int attempts = attemptsAllowed(frame);
        try {
            if (deadlineNanos > 0) {
                narrow(frame, start, deadlineNanos);
                if (frame.endNanos - start <= 0) {
                    RejectedCallException late =
                            new RejectedCallException(name, RejectedCallException.Reason.DEADLINE, -1);
                    ended(late, 1, start);
                    throw late;
                }
            }
            if (attempts > 1) {
                frame.retrying = true;
                budget.deposit();
            }
            return attempts(work, start, frame, attempts);
        } finally {
            frame.ticker = outerTicker;
            frame.endNanos = outerEnd;
            frame.retrying = outerRetrying;
        }
    }

    <T> CompletableFuture<T> executeAsync(Supplier<? extends CompletionStage<? extends T>> work) {
        long start = startOfAttempt();
        Frame frame = Frame.current();
        LongSupplier outerTicker = frame.ticker;
        long outerEnd = frame.endNanos;
        try {
            if (deadlineNanos > 0) {
                narrow(frame, start, deadlineNanos);
                if (frame.endNanos - start <= 0) {
                    RejectedCallException late =
                            new RejectedCallException(name, RejectedCallException.Reason.DEADLINE, -1);
                    told(late, 1, start);
                    return CompletableFuture.failedFuture(late);
                }
            }
            int limit = attemptsAllowed(frame);
            if (limit > 1) {
                budget.deposit();
            }
            return new AsyncCall<T>(this, work, start, frame, limit).begin();
        } finally {
            frame.ticker = outerTicker;
            frame.endNanos = outerEnd;
        }
    }

    private int attemptsAllowed(Frame frame) {
        return retry == null || (frame.retrying && !retry.isNested()) ? 1 : retry.maxAttempts();
    }

    long startOfAttempt() {
        return clocked ? Gate.tick(ticker) : Admission.UNTIMED;
    }

    void narrowToAttempt(Frame frame, long began) {
        if (attemptTimeoutNanos > 0) {
            narrow(frame, began, attemptTimeoutNanos);
        }
    }

    Executor executor() {
        return executor;
    }

    /** The future behind a stage, for cancelling it; null if the stage has none. */
    @Nullable
    CompletableFuture<?> futureOf(CompletionStage<?> stage) {
        try {
            return stage.toCompletableFuture();
        } catch (UnsupportedOperationException e) {
            return null;
        }
    }

    /** Moves the end of the frame forward to {@code now + nanos}, if it is later, and puts it on our clock. */
    private void narrow(Frame frame, long now, long nanos) {
        frame.endNanos = now + Math.min(nanos, frame.remaining(ticker, now));
        frame.ticker = ticker;
    }

    private <T extends @Nullable Object, X extends Exception> T attempts(
            CheckedSupplier<? extends T, ? extends X> work, long start, Frame frame, int limit) throws X {
        LongSupplier callTicker = frame.ticker;
        long callEnd = frame.endNanos;
        long began = start;
        @Nullable Run run = null;
        for (int attempt = 1; ; attempt++) {
            narrowToAttempt(frame, began);
            @Nullable Throwable failure = null;
            try {
                T result = attempt(work, began, frame, attempt);
                if (!frame.badResult) {
                    returned(attempt, start);
                    return result;
                }
                frame.badResult = false;
                frame.ticker = callTicker;
                frame.endNanos = callEnd;
                if (attempt >= limit || !again(frame, Outcomes.BAD_RESULT, attempt)) {
                    returned(attempt, start);
                    return result;
                }
            } catch (Throwable e) {
                frame.badResult = false;
                frame.ticker = callTicker;
                frame.endNanos = callEnd;
                failure = e;
                if (attempt >= limit || !again(frame, e, attempt)) {
                    if (run != null) {
                        run.suppressIn(e);
                    }
                    ended(e, attempt, start);
                    throw e;
                }
            }
            if (failure != null) {
                run = run == null ? new Run() : run;
                run.add(failure);
            }
            began = startOfAttempt();
        }
    }

    /** One attempt: the gates from the outside in, the work, and the tokens back from the inside out. */
    private <T extends @Nullable Object, X extends Exception> T attempt(
            CheckedSupplier<? extends T, ? extends X> work, long start, @Nullable Frame frame, int number) throws X {
        long b = -1;
        long k = -1;
        long a = -1;
        long r = -1;
        T result;
        boolean bad;
        try {
            if (breaker != null && (b = breaker.tryAcquire(start)) < 0) {
                b = Gate.insist(breaker, b, start, ticker);
            }
            if (bulkhead != null && (k = bulkhead.tryAcquire(start)) < 0) {
                k = Gate.insist(bulkhead, k, start, ticker);
            }
            if (admission != null && (a = admission.tryAcquire(start)) < 0) {
                a = Gate.insist(admission, a, start, ticker);
            }
            if (rateLimiter != null && (mayWait || (r = rateLimiter.ask(start)) < 0)) {
                r = grant(rateLimiter);
            }
            result = interrupts && frame != null ? bounded(work, start, frame, number) : work.get();
            bad = retry != null && retry.judgesResults() && isBad(result);
        } catch (Throwable e) {
            giveBack(b, k, a, r, start, e);
            throw e;
        }
        if (bad && frame != null) {
            giveBack(b, k, a, r, start, Outcomes.BAD_RESULT);
            frame.badResult = true;
            return result;
        }
        takeBack(b, k, a, r, start);
        return result;
    }

    /** Asks for a grant at the time of now. */
    long grant(RateGate limiter) {
        long now = Gate.tick(ticker);
        return Gate.insist(limiter, limiter.tryAcquire(now), now, ticker);
    }

    /**
     * Work that is interrupted at the end of its time. What it throws then is the cause of a timeout, save for an
     * {@link Error}; if it returns in spite of it, it has returned.
     */
    private <T extends @Nullable Object, X extends Exception> T bounded(
            CheckedSupplier<? extends T, ? extends X> work, long start, Frame frame, int number) throws X {
        long end = frame.endNanos;
        Interrupt alarm = begin(frame, end);
        T result;
        try {
            result = work.get();
        } catch (Throwable e) {
            if (finish(frame, alarm) && e instanceof Exception) {
                boolean overall = attemptTimeoutNanos == 0 || end - start < attemptTimeoutNanos;
                long allowed = overall && deadlineNanos > 0 ? deadlineNanos : Math.max(0, end - start);
                throw new CallTimeoutException(name, allowed, overall, number, e);
            }
            throw e;
        }
        finish(frame, alarm);
        return result;
    }

    @SuppressWarnings("ReferenceEquality") // the clock of the timer itself; an equal one might show another time
    private Interrupt begin(Frame frame, long end) {
        if (scheduler != null || ticker != SYSTEM) {
            long left = Math.max(0, end - ticker.getAsLong());
            long time = System.nanoTime() + left;
            Interrupt alarm = frame.alarm(time);
            start(alarm, time, left);
            return alarm;
        }
        Interrupt alarm = frame.alarm(end);
        TimerWheel.SHARED.set(alarm, end);
        return alarm;
    }

    /** True if the work was interrupted for its time; then the thread no longer shows it. */
    private static boolean finish(Frame frame, Interrupt alarm) {
        boolean rung = alarm.stop();
        frame.freeAlarm();
        if (rung) {
            boolean unused = Thread.interrupted(); // it was for the work, which is over
        }
        return rung;
    }

    /** Sets an alarm on the user's scheduler or on our timer. */
    void start(Alarm alarm, long nanos) {
        start(alarm, System.nanoTime() + nanos, nanos);
    }

    private void start(Alarm alarm, long time, long nanos) {
        ScheduledExecutorService service = scheduler;
        if (service == null) {
            TimerWheel.SHARED.set(alarm, time);
        } else {
            long at = Alarm.time(time);
            alarm.set(at);
            alarm.elsewhere = service.schedule(() -> alarm.fire(at), nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Settles all tokens after a success. */
    void takeBack(long b, long k, long a, long r, long start) {
        long end = timed ? Gate.tick(ticker) : Admission.UNTIMED;
        if (rateLimiter != null) {
            rateLimiter.success(r, start, end);
        }
        if (admission != null) {
            succeed(admission, a, start, end);
        }
        if (bulkhead != null) {
            bulkhead.success(k, start, end);
        }
        if (breaker != null) {
            breaker.success(b, start, end);
        }
    }

    private void succeed(Admission gate, long token, long start, long end) {
        try {
            gate.success(token, start, end);
        } catch (Throwable e) {
            observer.failed(e);
        }
    }

    /** Settles the tokens that were granted, which are not negative, after a failure or a refusal. */
    void giveBack(long b, long k, long a, long r, long start, Throwable error) {
        long end = Gate.tick(ticker);
        if (rateLimiter != null && r >= 0) {
            Outcomes.settle(rateLimiter, r, start, end, error);
        }
        if (admission != null && a >= 0) {
            try {
                Outcomes.settle(admission, a, start, end, error);
            } catch (Throwable e) {
                observer.failed(e);
            }
        }
        if (bulkhead != null && k >= 0) {
            Outcomes.settle(bulkhead, k, start, end, error);
        }
        if (breaker != null && b >= 0) {
            Outcomes.settle(breaker, b, start, end, error);
        }
    }

    /** True if the retry calls the result bad; what its predicate throws makes it good. */
    boolean isBad(@Nullable Object result) {
        try {
            return retry != null && retry.isBad(result);
        } catch (Throwable e) {
            observer.failed(e);
            return false;
        }
    }

    /** After a failed attempt: true after the wait for another, false if there is to be none. */
    private boolean again(Frame frame, Throwable error, int attempt) {
        long remaining = frame.ticker == null ? Arguments.MAX_NANOS : frame.remaining(ticker, Gate.tick(ticker));
        long delay = planned(error, attempt, remaining);
        return delay >= 0 && pause(delay);
    }

    /** The wait before another attempt, which policy, deadline and budget allow; negative if there is to be none. */
    long planned(Throwable error, int attempt, long remainingNanos) {
        long delay = delayNanos(error, attempt);
        if (delay < 0 || delay >= remainingNanos) {
            return -1;
        }
        if (!budget.withdraw()) {
            denied.increment();
            return -1;
        }
        retries.increment();
        Observer listener = observer.target();
        if (listener != null) {
            try {
                listener.onRetry(name, attempt, delay);
            } catch (Throwable e) {
                observer.failed(e);
            }
        }
        return delay;
    }

    /** The wait before the next attempt, negative if the policy wants none or throws. */
    private long delayNanos(Throwable error, int attempt) {
        Retry policy = retry;
        if (policy == null) {
            return -1;
        }
        try {
            boolean bad = Outcomes.isBadResult(error);
            if (!bad && !policy.isRetryable(error)) {
                return -1;
            }
            long asked = bad ? 0 : policy.askedNanos(error);
            RandomGenerator source = random == null ? ThreadLocalRandom.current() : random;
            return asked < 0 ? -1 : Math.max(asked, policy.backoff().delayNanos(attempt, source));
        } catch (Throwable e) {
            observer.failed(e);
            return -1;
        }
    }

    /** Waits; false with the flag set if interrupted. */
    private boolean pause(long nanos) {
        if (Thread.currentThread().isInterrupted()) {
            return false;
        }
        if (nanos == 0) {
            return true;
        }
        if (scheduler != null) {
            return pause(scheduler, nanos);
        }
        long start = System.nanoTime();
        for (long left = nanos; left > 0; left = nanos - (System.nanoTime() - start)) {
            LockSupport.parkNanos(this, left);
            if (Thread.currentThread().isInterrupted()) {
                return false;
            }
        }
        return true;
    }

    private boolean pause(ScheduledExecutorService timer, long nanos) {
        @Nullable Future<?> alarm = null;
        try {
            alarm = timer.schedule(() -> {}, nanos, TimeUnit.NANOSECONDS);
            alarm.get();
            return true;
        } catch (InterruptedException e) {
            if (alarm != null) {
                alarm.cancel(false);
            }
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | CancellationException | RejectedExecutionException e) {
            observer.failed(e); // the scheduler was shut down: the call ends with its last failure
            return false;
        }
    }

    void returned(int attempts, long start) {
        successes.increment();
        Observer listener = observer.target();
        if (listener != null) {
            try {
                listener.onSuccess(name, attempts, Gate.tick(ticker) - start);
            } catch (Throwable e) {
                observer.failed(e);
            }
        }
    }

    private void ended(Throwable error, int attempts, long start) {
        if (error instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        told(error, attempts, start);
    }

    /** Counts and tells how a call has ended without a result. */
    void told(Throwable error, int attempts, long start) {
        if (error instanceof RejectedExecutionException) {
            rejections.increment();
        } else if (error instanceof CallTimeoutException) {
            timeouts.increment();
        } else if (Outcomes.neutral(error)) {
            cancellations.increment();
        } else {
            failures.increment();
        }
        Observer listener = observer.target();
        if (listener != null) {
            try {
                if (error instanceof RejectedCallException rejected) {
                    listener.onRejected(name, rejected.reason());
                } else {
                    listener.onFailure(name, attempts, Gate.tick(ticker) - start, error);
                }
            } catch (Throwable e) {
                observer.failed(e);
            }
        }
    }

    Stats stats() {
        return new Stats(
                name,
                successes.sum(),
                failures.sum(),
                timeouts.sum(),
                rejections.sum(),
                cancellations.sum(),
                retries.sum(),
                denied.sum());
    }

    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (deadlineNanos > 0) {
            parts.add("deadline " + Duration.ofNanos(deadlineNanos));
        }
        if (retry != null) {
            parts.add("retry (" + retry + ")");
        }
        for (@Nullable Object gate : new @Nullable Object[] {breaker, bulkhead, admission, rateLimiter}) {
            if (gate != null) {
                parts.add(gate.toString());
            }
        }
        if (attemptTimeoutNanos > 0) {
            parts.add("attempt timeout " + Duration.ofNanos(attemptTimeoutNanos));
        }
        parts.add(interrupts ? "work, interrupted" : "work");
        return "Pipeline[" + name + ": " + String.join(" > ", parts) + "]";
    }

    /** The earlier failures of a call that was retried. */
    static final class Run {
        private final List<Throwable> earlier = new ArrayList<>();

        void add(Throwable failure) {
            if (earlier.size() == MAX_SUPPRESSED) {
                earlier.remove(0);
            }
            earlier.add(failure);
        }

        Throwable last() {
            return earlier.get(earlier.size() - 1);
        }

        /** Work that throws the same object again and again must not grow it. */
        @SuppressWarnings("ReferenceEquality") // a throwable may not suppress itself, whatever its equals says
        void suppressIn(Throwable last) {
            int room = MAX_SUPPRESSED - last.getSuppressed().length;
            for (Throwable failure : earlier) {
                if (failure != last && room-- > 0) {
                    last.addSuppressed(failure);
                }
            }
        }
    }
}
