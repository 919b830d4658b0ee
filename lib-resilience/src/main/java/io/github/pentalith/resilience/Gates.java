// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import io.github.pentalith.resilience.Pipeline.Observer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The gates of a {@link Pipeline}. An attempt asks them from the outside in, {@link #breaker}, {@link #bulkhead}, {@link
 * #admission}, {@link #rate}, and settles all tokens at once.
 *
 * <p>Tokens live where the attempt lives: in local variables of a synchronous one, in fields of an asynchronous one. Each kind
 * of gate has its own field of its own type, so that the compiler sees through every call.
 */
final class Gates {
    /** In place of a token that was not granted. */
    static final long NONE = -1;

    private final @Nullable BreakerGate breaker;
    private final @Nullable BulkheadGate bulkhead;
    private final @Nullable Admission admission;
    private final @Nullable RateGate rate;
    private final LongSupplier ticker;
    private final Contained<Observer> observer;
    /** The bulkhead may make a call wait: then the start of the attempt is too old a time for a grant. */
    private final boolean mayWait;
    /** The times of an attempt are read. */
    private final boolean timed;

    Gates(Pipeline.Builder from, Contained<Observer> observer) {
        breaker = from.breaker == null ? null : from.breaker.gate();
        bulkhead = from.bulkhead == null ? null : from.bulkhead.gate();
        admission = from.admission;
        rate = from.rateLimiter == null ? null : from.rateLimiter.gate();
        ticker = from.ticker;
        this.observer = observer;
        mayWait = bulkhead != null && bulkhead.maxWaitNanos() > 0;
        timed = (breaker != null && breaker.timed())
                || (admission != null && admission.timed())
                || (bulkhead != null && bulkhead.timed());
    }

    boolean timed() {
        return timed;
    }

    /** Asks the breaker; its token, or {@link #NONE} if there is no breaker. A refusal is thrown, as by the next three. */
    long breaker(long start) {
        BreakerGate gate = breaker;
        if (gate == null) {
            return NONE;
        }
        long token = gate.tryAcquire(start);
        return token < 0 ? Gate.insist(gate, token, start, ticker) : token;
    }

    long bulkhead(long start) {
        BulkheadGate gate = bulkhead;
        if (gate == null) {
            return NONE;
        }
        long token = gate.tryAcquire(start);
        return token < 0 ? Gate.insist(gate, token, start, ticker) : token;
    }

    long admission(long start) {
        Admission gate = admission;
        if (gate == null) {
            return NONE;
        }
        long token = gate.tryAcquire(start);
        return token < 0 ? Gate.insist(gate, token, start, ticker) : token;
    }

    long rate(long start) {
        RateGate gate = rate;
        if (gate == null) {
            return NONE;
        }
        long token = gate.tryAcquire(mayWait ? Admission.UNTIMED : start, ticker);
        if (token < 0) {
            throw Gate.refusal(gate, token);
        }
        return token;
    }

    /** Settles all tokens after a success, from the inside out. */
    void takeBack(long b, long k, long a, long r, long start) {
        long end = timed ? Gate.tick(ticker) : Admission.UNTIMED;
        if (rate != null) {
            rate.success(r, start, end);
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

    /** Settles the tokens that were granted after a failure or a refusal. */
    void giveBack(long b, long k, long a, long r, long start, Throwable error) {
        long end = Gate.tick(ticker);
        if (rate != null && r >= 0) {
            Outcomes.settle(rate, r, start, end, error);
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

    /** What they say of themselves, in their order. */
    List<String> described() {
        List<String> parts = new ArrayList<>();
        for (@Nullable Object gate : new @Nullable Object[] {breaker, bulkhead, admission, rate}) {
            if (gate != null) {
                parts.add(gate.toString());
            }
        }
        return parts;
    }
}
