// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Calls through a single gate: what {@link CircuitBreaker} and {@link Bulkhead} do when they stand alone. */
final class Gated {
    private final Admission gate;
    private final LongSupplier ticker;

    Gated(Admission gate, LongSupplier ticker) {
        this.gate = gate;
        this.ticker = ticker;
    }

    /** Reads a clock; the one value that means "not read" is moved by a nanosecond. */
    static long tick(LongSupplier ticker) {
        long now = ticker.getAsLong();
        return now == Admission.UNTIMED ? now + 1 : now;
    }

    /** Asks a gate that has refused once more if it was not told the time; throws if it still refuses. */
    static long insist(Admission gate, long refusal, long now, LongSupplier ticker) {
        long answer = now == Admission.UNTIMED ? gate.tryAcquire(tick(ticker)) : refusal;
        if (answer >= 0) {
            return answer;
        }
        throw new RejectedCallException(gate.name(), gate.reason(), answer == Admission.UNKNOWN_WAIT ? -1 : -answer);
    }

    <T extends @Nullable Object, X extends Exception> T call(CheckedSupplier<? extends T, ? extends X> work) throws X {
        boolean timed = gate.timed();
        long start = timed ? tick(ticker) : Admission.UNTIMED;
        long token = gate.tryAcquire(start);
        if (token < 0) {
            token = insist(gate, token, start, ticker);
        }
        T result;
        try {
            result = work.get();
        } catch (Throwable e) {
            failed(token, start, e);
            throw e;
        }
        gate.success(token, start, timed ? tick(ticker) : Admission.UNTIMED);
        return result;
    }

    <X extends Exception> void run(CheckedRunnable<? extends X> work) throws X {
        boolean timed = gate.timed();
        long start = timed ? tick(ticker) : Admission.UNTIMED;
        long token = gate.tryAcquire(start);
        if (token < 0) {
            token = insist(gate, token, start, ticker);
        }
        try {
            work.run();
        } catch (Throwable e) {
            failed(token, start, e);
            throw e;
        }
        gate.success(token, start, timed ? tick(ticker) : Admission.UNTIMED);
    }

    private void failed(long token, long start, Throwable error) {
        Outcomes.settle(gate, token, start, tick(ticker), error);
        if (error instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
    }

    Permit acquire() {
        long start = gate.timed() ? tick(ticker) : Admission.UNTIMED;
        long token = gate.tryAcquire(start);
        if (token < 0) {
            token = insist(gate, token, start, ticker);
        }
        return new Permit(gate, ticker, token, start);
    }
}
