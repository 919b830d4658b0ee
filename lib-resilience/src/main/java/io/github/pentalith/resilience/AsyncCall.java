// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One asynchronous call: the walk of {@link Engine}, with waits on the scheduler and the end of the work in a stage.
 *
 * <p>Each attempt is settled once, by whichever comes first: its stage, its timeout, or the cancellation of the result.
 * Attempts follow one another, so the fields that only they use need no guard: executor and scheduler hand them over.
 */
final class AsyncCall<T> {
    private final Engine engine;
    private final Supplier<? extends CompletionStage<? extends T>> work;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final long start;
    private final int limit;
    private final @Nullable LongSupplier deadlineTicker;
    private final long deadlineEnd;
    private final long allowedNanos;
    /** Claimed by who counts the end of the call, before the result shows it. */
    private final AtomicBoolean ended = new AtomicBoolean();

    private int number;
    private Engine.@Nullable Run earlier;
    private volatile @Nullable Attempt current;
    private volatile @Nullable Pause pause;

    /** Called with the frame of the calling thread, which the deadline has already narrowed. */
    AsyncCall(
            Engine engine, Supplier<? extends CompletionStage<? extends T>> work, long start, Frame frame, int limit) {
        this.engine = engine;
        this.work = work;
        this.start = start;
        this.limit = limit;
        this.deadlineTicker = frame.ticker;
        this.deadlineEnd = frame.endNanos;
        this.allowedNanos = remaining();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the follower has no result
    CompletableFuture<T> begin() {
        result.whenComplete((value, error) -> {
            if (ended.compareAndSet(false, true)) { // not by us
                cancelled();
            }
        });
        attempt(start);
        return result;
    }

    private long remaining() {
        LongSupplier ticker = deadlineTicker;
        return ticker == null ? Arguments.MAX_NANOS : deadlineEnd - ticker.getAsLong();
    }

    private void attempt(long began) {
        if (result.isDone()) {
            return;
        }
        number++;
        Attempt attempt = new Attempt(began);
        current = attempt;
        attempt.run();
        if (result.isDone()) {
            attempt.cancel(); // came between the check and the assignment
        }
    }

    private void cancelled() {
        cancelPause();
        Attempt attempt = current;
        if (attempt != null) {
            attempt.cancel();
        }
        engine.tally.ended(new CancellationException(), number, start);
    }

    private void succeeded(T value) {
        if (ended.compareAndSet(false, true)) {
            engine.tally.returned(number, start);
            result.complete(value);
        }
    }

    private void failed(Throwable error) {
        Engine.Run before = earlier;
        if (before != null) {
            before.suppressIn(error);
        }
        if (ended.compareAndSet(false, true)) {
            engine.tally.ended(error, number, start);
            result.completeExceptionally(error);
        }
    }

    /** True if another attempt is on its way. */
    private boolean retried(Throwable error) {
        if (number >= limit || result.isDone()) {
            return false;
        }
        long delay = engine.planned(error, number, remaining());
        if (delay < 0) {
            return false;
        }
        if (!Outcomes.isBadResult(error)) {
            Engine.Run before = earlier == null ? new Engine.Run() : earlier;
            before.add(error);
            earlier = before;
        }
        try {
            if (delay == 0) {
                engine.executor().execute(this::next);
            } else {
                Pause waiting = new Pause(error);
                pause = waiting;
                engine.waits.start(waiting, delay);
                if (result.isDone()) {
                    cancelPause();
                }
            }
            return true;
        } catch (RejectedExecutionException e) {
            return false; // shut down: the call ends with its failure
        }
    }

    private void cancelPause() {
        Pause waiting = pause;
        if (waiting != null) {
            waiting.stop();
        }
    }

    private void handOver(Throwable error) {
        try {
            engine.executor().execute(this::next);
        } catch (RejectedExecutionException e) {
            failed(Outcomes.isBadResult(error) ? e : error);
        }
    }

    private void next() {
        attempt(engine.startOfAttempt());
    }

    /** The wait between two attempts. */
    private final class Pause extends Alarm {
        private final Throwable error;

        Pause(Throwable error) {
            super(false);
            this.error = error;
        }

        @Override
        void ring() {
            handOver(error);
        }
    }

    private enum State {
        /** The thread that runs the attempt owns its tokens; who cancels leaves them to it. */
        ENTERING,
        /** Whoever ends the attempt gives its tokens back. */
        ENTERED,
        ENDED
    }

    /** One attempt: its tokens, its stage, and itself as its alarm. */
    private final class Attempt extends Alarm {
        private final long began;
        private final AtomicReference<State> state = new AtomicReference<>(State.ENTERING);
        private long b = Gates.NONE;
        private long k = Gates.NONE;
        private long a = Gates.NONE;
        private long r = Gates.NONE;
        private volatile @Nullable CompletableFuture<?> source;
        private boolean overall;

        Attempt(long began) {
            super(false);
            this.began = began;
        }

        void run() {
            CompletionStage<? extends T> stage;
            Frame frame = Frame.current();
            LongSupplier outerTicker = frame.ticker;
            long outerEnd = frame.endNanos;
            boolean outerRetrying = frame.retrying;
            frame.ticker = deadlineTicker;
            frame.endNanos = deadlineEnd;
            frame.retrying = outerRetrying || limit > 1;
            try {
                if (!entered()) {
                    return;
                }
                engine.narrowToAttempt(frame, began);
                stage = Objects.requireNonNull(work.get(), "the work returned no stage");
            } catch (Throwable e) {
                end(null, e);
                return;
            } finally {
                frame.ticker = outerTicker;
                frame.endNanos = outerEnd;
                frame.retrying = outerRetrying;
            }
            arm();
            source = engine.futureOf(stage);
            stage.whenComplete(this::end);
            if (hasEnded()) {
                cancelSource(); // cancelled or timed out before the source was known
            }
        }

        /** True if all gates let the attempt in and it was not cancelled meanwhile; else it is over. */
        private boolean entered() {
            Throwable refusal = null;
            try {
                b = engine.gates.breaker(began);
                k = engine.gates.bulkhead(began);
                a = engine.gates.admission(began);
                r = engine.gates.rate(began);
            } catch (Throwable e) {
                refusal = Outcomes.unwrapped(e);
            }
            if (refusal == null && state.compareAndSet(State.ENTERING, State.ENTERED)) {
                return true;
            }
            engine.gates.giveBack(b, k, a, r, began, refusal == null ? new CancellationException() : refusal);
            if (refusal != null && state.compareAndSet(State.ENTERING, State.ENDED) && !retried(refusal)) {
                failed(refusal);
            }
            return false;
        }

        private boolean hasEnded() {
            return state.get() == State.ENDED;
        }

        /** True for the one who ends an attempt that has tokens, which it then gives back. */
        private boolean ends() {
            return state.compareAndSet(State.ENTERED, State.ENDED);
        }

        private void arm() {
            long left = remaining();
            long timeout = engine.attemptTimeoutNanos > 0 ? engine.attemptTimeoutNanos : Arguments.MAX_NANOS;
            long nanos = Math.min(left, timeout);
            if (nanos == Arguments.MAX_NANOS || hasEnded()) {
                return;
            }
            overall = left <= timeout;
            try {
                engine.waits.start(this, Math.max(0, nanos));
            } catch (RejectedExecutionException e) {
                engine.observer.failed(e); // the scheduler was shut down: the call has no timeout
            }
            if (hasEnded()) {
                stop();
            }
        }

        @Override
        void ring() {
            if (hasEnded()) {
                return;
            }
            try {
                engine.executor().execute(this::timedOut);
            } catch (RejectedExecutionException e) {
                timedOut();
            }
        }

        private void timedOut() {
            Throwable last = earlier == null ? null : earlier.last();
            Throwable timeout = new CallTimeoutException(
                    engine.name, overall ? allowedNanos : engine.attemptTimeoutNanos, overall, number, last);
            if (ends()) {
                engine.gates.giveBack(b, k, a, r, began, timeout);
                cancelSource();
                if (overall || !retried(timeout)) {
                    failed(timeout);
                }
            }
        }

        void cancel() {
            if (!state.compareAndSet(State.ENTERING, State.ENDED) && ends()) {
                stop();
                engine.gates.giveBack(b, k, a, r, began, new CancellationException());
                cancelSource();
            }
        }

        private void cancelSource() {
            CompletableFuture<?> running = source;
            if (running != null) {
                running.cancel(true);
            }
        }

        private void end(@Nullable T value, @Nullable Throwable thrown) {
            if (!ends()) {
                return;
            }
            stop();
            if (thrown != null) {
                Throwable error = Outcomes.unwrapped(thrown);
                engine.gates.giveBack(b, k, a, r, began, error);
                if (!retried(error)) {
                    failed(error);
                }
            } else if (engine.isBad(value)) {
                engine.gates.giveBack(b, k, a, r, began, Outcomes.BAD_RESULT);
                if (!retried(Outcomes.BAD_RESULT)) {
                    succeed(value);
                }
            } else {
                engine.gates.takeBack(b, k, a, r, began);
                succeed(value);
            }
        }

        @SuppressWarnings({"NullAway", "DataFlowIssue"}) // T may be a nullable type
        private void succeed(@Nullable T value) {
            succeeded(value);
        }
    }
}
