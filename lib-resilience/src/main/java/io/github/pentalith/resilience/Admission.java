// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

/**
 * A gate that a call must pass: {@link CircuitBreaker}, {@link Bulkhead} and {@link RateLimiter} as the engine of
 * {@link Pipeline} sees them, and the interface for gates of your own. It works with primitives, so that nothing is
 * allocated on the way.
 *
 * <p>Every token that {@link #tryAcquire} grants comes back exactly once: through {@link #success}, {@link #failure} or
 * {@link #release}. Implementations must be thread-safe and must not block, except that they may wait for their turn
 * in {@code tryAcquire}.
 */
public interface Admission {
    /** {@return the name of the gate, for exceptions and logs} */
    String name();

    /** {@return the reason that a refusal of this gate carries} */
    RejectedCallException.Reason reason();

    /**
     * Asks for leave to make one call.
     *
     * @param nowNanos the monotonic time; if the gate is not {@link #timed} it may be 0 at the first asking, and a
     *     refusal is then asked again with the time
     * @return a token of 0 or more, or, if the call may not be made, minus the nanoseconds after which asking again
     *     may succeed (at least 1)
     */
    long tryAcquire(long nowNanos);

    /**
     * Takes back a token after the call succeeded.
     *
     * @param token what {@code tryAcquire} returned
     * @param startNanos when the attempt began; 0 if no gate of the pipeline is timed
     * @param endNanos when it ended; 0 if no gate of the pipeline is timed
     */
    void success(long token, long startNanos, long endNanos);

    /**
     * Takes back a token after the call failed.
     *
     * @param token what {@code tryAcquire} returned
     * @param startNanos when the attempt began; 0 if no gate of the pipeline is timed
     * @param endNanos when it ended; 0 if no gate of the pipeline is timed
     * @param error what it threw
     */
    void failure(long token, long startNanos, long endNanos, Throwable error);

    /**
     * Takes back a token of a call that was not made or was cancelled: neither success nor failure.
     *
     * @param token what {@code tryAcquire} returned
     */
    void release(long token);

    /**
     * Says whether the gate needs the time of day of every call.
     *
     * @return true if {@code tryAcquire} and the verdicts need the time; false saves clock reads
     */
    default boolean timed() {
        return true;
    }
}
