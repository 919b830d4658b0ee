// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What {@link CircuitBreaker}, {@link Bulkhead} and {@link RateLimiter} have in common: calls go through them one by one,
 * without a {@link Pipeline}. Each is an {@link Admission} with a name and a clock, and everything here is done through
 * that.
 *
 * <p>Thread-safe. A synchronous call allocates nothing on success; a refusal is a {@link RejectedCallException}. Whatever
 * the work throws, an {@link Error} included, comes out unchanged, and the token is given back exactly once.
 *
 * <pre>{@code
 * Stock stock = breaker.call(() -> client.stock(id));
 * CompletableFuture<Stock> later = breaker.callAsync(() -> client.stockAsync(id));
 * try (Permit permit = breaker.acquire()) { ... }
 * }</pre>
 */
public abstract sealed class Gate permits CircuitBreaker, Bulkhead, RateLimiter {
    private final Admission admission;
    private final LongSupplier ticker;
    private final AtomicReference<@Nullable Pipeline> alone = new AtomicReference<>();

    Gate(Admission admission, LongSupplier ticker) {
        this.admission = admission;
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
        throw refusal(gate, answer);
    }

    /** What says that a gate has refused a call with this answer. */
    static RejectedCallException refusal(Admission gate, long answer) {
        return new RejectedCallException(gate.name(), gate.reason(), answer == Admission.UNKNOWN_WAIT ? -1 : -answer);
    }

    /** {@return the name} */
    public final String name() {
        return admission.name();
    }

    /** {@return what a {@link Pipeline} sees of it, for use without garbage} */
    public final Admission admission() {
        return admission;
    }

    /**
     * Makes a call if the gate lets it through.
     *
     * @param work the call
     * @param <T> the type of its result
     * @param <X> what it throws
     * @return its result
     * @throws X if the work throws it
     * @throws RejectedCallException if the call was not made
     */
    public final <T extends @Nullable Object, X extends Exception> T call(
            CheckedSupplier<? extends T, ? extends X> work) throws X {
        boolean timed = admission.timed();
        long start = timed ? tick(ticker) : Admission.UNTIMED;
        long token = enter(start);
        T result;
        try {
            result = work.get();
        } catch (Throwable e) {
            failed(token, start, e);
            throw e;
        }
        admission.success(token, start, timed ? tick(ticker) : Admission.UNTIMED);
        return result;
    }

    /**
     * Makes a call without result if the gate lets it through.
     *
     * @param work the call
     * @param <X> what it throws
     * @throws X if the work throws it
     * @throws RejectedCallException if the call was not made
     */
    @SuppressWarnings("NullAway") // the null of Void; known in JSpecify mode
    public final <X extends Exception> void run(CheckedRunnable<? extends X> work) throws X {
        this.<@Nullable Void, X>call(() -> {
            work.run();
            return null;
        });
    }

    /**
     * Makes an asynchronous call if the gate lets it through. The work is started on the calling thread; its token comes
     * back when its stage completes. Cancelling the result cancels the stage. A refusal, and what the work throws, come
     * through the result.
     *
     * @param work starts the call
     * @param <T> the type of its result
     * @return the result
     */
    public final <T> CompletableFuture<T> callAsync(Supplier<? extends CompletionStage<? extends T>> work) {
        Pipeline known = alone.get();
        if (known == null) {
            Pipeline made =
                    Pipeline.builder(name()).admission(admission).ticker(ticker).build();
            alone.compareAndSet(null, made); // one without state is as good as another
            known = made;
        }
        return known.callAsync(work);
    }

    /**
     * Takes a permit by hand.
     *
     * @return the permit, to be closed
     * @throws RejectedCallException if the gate gives none
     */
    public final Permit acquire() {
        long start = admission.timed() ? tick(ticker) : Admission.UNTIMED;
        return new Permit(admission, ticker, enter(start), start);
    }

    private long enter(long start) {
        long token = admission.tryAcquire(start);
        return token < 0 ? insist(admission, token, start, ticker) : token;
    }

    private void failed(long token, long start, Throwable error) {
        Outcomes.settle(admission, token, start, tick(ticker), error);
        if (error instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return admission.toString();
    }
}
