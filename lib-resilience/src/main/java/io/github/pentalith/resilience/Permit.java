// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Leave to make one call, for those who cannot pass a lambda: report one verdict, and {@link #close} in any case. Made
 * by {@link Gate#acquire}.
 *
 * <pre>{@code
 * try (Permit permit = breaker.acquire()) {
 *     send(request);
 *     permit.success();
 * } // an exception on the way: neither success nor failure; say permit.failure(e) where it is one
 * }</pre>
 *
 * <p>Thread-safe; the first verdict counts, later ones do nothing, so nothing is ever given back twice. Costs one
 * object of 40 bytes; {@link Admission} is the twin without.
 */
public final class Permit implements AutoCloseable {
    private static final VarHandle DONE;

    static {
        try {
            DONE = MethodHandles.lookup().findVarHandle(Permit.class, "done", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Admission gate;
    private final LongSupplier ticker;
    private final long token;
    private final long startNanos;

    @SuppressWarnings("unused") // through DONE
    private volatile boolean done;

    Permit(Admission gate, LongSupplier ticker, long token, long startNanos) {
        this.gate = gate;
        this.ticker = ticker;
        this.token = token;
        this.startNanos = startNanos;
    }

    /** Says that the call succeeded. */
    public void success() {
        if (DONE.compareAndSet(this, false, true)) {
            gate.success(token, startNanos, gate.timed() ? Gate.tick(ticker) : Admission.UNTIMED);
        }
    }

    /**
     * Says that the call failed. An interruption, a cancellation or a
     * {@link java.util.concurrent.RejectedExecutionException} counts like {@link #close}.
     *
     * @param error what it threw
     */
    public void failure(Throwable error) {
        Objects.requireNonNull(error, "error");
        if (DONE.compareAndSet(this, false, true)) {
            Outcomes.settle(gate, token, startNanos, Gate.tick(ticker), error);
        }
    }

    /** Gives the permit back; without a verdict before, the call counts as not made or cancelled, never as failed. */
    @Override
    public void close() {
        if (DONE.compareAndSet(this, false, true)) {
            gate.release(token);
        }
    }
}
