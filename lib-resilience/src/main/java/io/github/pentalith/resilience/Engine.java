// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import io.github.pentalith.resilience.Pipeline.Observer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a call walks through a {@link Pipeline}.
 *
 * <p>{@link #attempt} passes the {@link Gates}, does the work and settles the tokens. {@link #framed} is the loop around it
 * for pipelines with a deadline, retries or an attempt timeout; its slow path is a {@link Run}, made at the first failure.
 * {@link AsyncCall} is the same walk where the work ends later.
 */
final class Engine {
    private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
    private static final int MAX_SUPPRESSED = 8;
    final String name;
    private final long deadlineNanos;
    final long attemptTimeoutNanos;
    private final @Nullable Retry retry;
    private final RetryBudget budget;
    final Gates gates;
    final Tally tally;
    final Waits waits;
    final Contained<Observer> observer;
    private final LongSupplier ticker;
    private final Executor executor;
    private final @Nullable RandomGenerator random;
    /** The start of an attempt is read. */
    private final boolean clocked;
    /** The thread's frame is looked at. */
    private final boolean framed;
    /** Work that exceeds its time is interrupted. */
    private final boolean interrupts;

    Engine(Pipeline.Builder from) {
        name = from.name;
        deadlineNanos = from.deadlineNanos;
        attemptTimeoutNanos = from.attemptTimeoutNanos;
        retry = from.retry;
        RetryBudget shared = retry == null ? RetryBudget.unlimited() : retry.budget();
        budget = shared == null ? RetryBudget.ratio(0.1) : shared;
        interrupts = from.interrupts;
        ticker = from.ticker;
        executor = from.executor;
        random = from.random;
        observer = new Contained<>(LOG, name, from.observer);
        gates = new Gates(from, observer);
        tally = new Tally(name, ticker, observer);
        waits = new Waits(ticker, from.scheduler, observer);
        framed = deadlineNanos > 0 || attemptTimeoutNanos > 0 || retry != null;
        clocked = gates.timed() || deadlineNanos > 0 || attemptTimeoutNanos > 0 || from.observer != null;
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
        tally.returned(1, start);
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
                    tally.ended(late, 1, start);
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
                    tally.returned(attempt, start);
                    return result;
                }
                frame.badResult = false;
                frame.ticker = callTicker;
                frame.endNanos = callEnd;
                if (attempt >= limit || !again(frame, Outcomes.BAD_RESULT, attempt)) {
                    tally.returned(attempt, start);
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
        long b = Gates.NONE;
        long k = Gates.NONE;
        long a = Gates.NONE;
        long r = Gates.NONE;
        T result;
        boolean bad;
        try {
            b = gates.breaker(start);
            k = gates.bulkhead(start);
            a = gates.admission(start);
            r = gates.rate(start);
            result = interrupts && frame != null ? bounded(work, start, frame, number) : work.get();
            bad = retry != null && retry.judgesResults() && isBad(result);
        } catch (Throwable e) {
            gates.giveBack(b, k, a, r, start, e);
            throw e;
        }
        if (bad && frame != null) {
            gates.giveBack(b, k, a, r, start, Outcomes.BAD_RESULT);
            frame.badResult = true;
            return result;
        }
        gates.takeBack(b, k, a, r, start);
        return result;
    }

    /**
     * Work that is interrupted at the end of its time. What it throws then is the cause of a timeout, save for an
     * {@link Error}; if it returns in spite of it, it has returned.
     */
    private <T extends @Nullable Object, X extends Exception> T bounded(
            CheckedSupplier<? extends T, ? extends X> work, long start, Frame frame, int number) throws X {
        long end = frame.endNanos;
        Interrupt alarm = waits.begin(frame, end);
        T result;
        try {
            result = work.get();
        } catch (Throwable e) {
            if (Waits.finish(frame, alarm) && e instanceof Exception) {
                boolean overall = attemptTimeoutNanos == 0 || end - start < attemptTimeoutNanos;
                long allowed = overall && deadlineNanos > 0 ? deadlineNanos : Math.max(0, end - start);
                throw new CallTimeoutException(name, allowed, overall, number, e);
            }
            throw e;
        }
        Waits.finish(frame, alarm);
        return result;
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
        return delay >= 0 && waits.pause(delay);
    }

    /** The wait before another attempt, which policy, deadline and budget allow; negative if there is to be none. */
    long planned(Throwable error, int attempt, long remainingNanos) {
        long delay = delayNanos(error, attempt);
        if (delay < 0 || delay >= remainingNanos) {
            return -1;
        }
        if (!budget.withdraw()) {
            tally.denied();
            return -1;
        }
        tally.retried(attempt, delay);
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

    private void ended(Throwable error, int attempts, long start) {
        if (error instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        tally.ended(error, attempts, start);
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
        parts.addAll(gates.described());
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
