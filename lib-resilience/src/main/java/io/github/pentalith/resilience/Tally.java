// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import io.github.pentalith.resilience.Pipeline.Observer;
import io.github.pentalith.resilience.Pipeline.Stats;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/** Counts how the calls of a {@link Pipeline} end, and tells its observer. */
final class Tally {
    private final String name;
    private final LongSupplier ticker;
    private final Contained<Observer> observer;
    private final LongAdder successes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder timeouts = new LongAdder();
    private final LongAdder rejections = new LongAdder();
    private final LongAdder cancellations = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder denied = new LongAdder();

    Tally(String name, LongSupplier ticker, Contained<Observer> observer) {
        this.name = name;
        this.ticker = ticker;
        this.observer = observer;
    }

    /** A call has returned its result. */
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

    /** A call has ended without a result. */
    void ended(Throwable error, int attempts, long start) {
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

    /** There is to be another attempt after a wait. */
    void retried(int attempt, long delayNanos) {
        retries.increment();
        Observer listener = observer.target();
        if (listener != null) {
            try {
                listener.onRetry(name, attempt, delayNanos);
            } catch (Throwable e) {
                observer.failed(e);
            }
        }
    }

    /** The budget has refused another attempt. */
    void denied() {
        denied.increment();
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
}
