// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

/**
 * A gate that a call must pass: {@link CircuitBreaker}, {@link Bulkhead} and {@link RateLimiter} as the engine of
 * {@link Pipeline} sees them, and the interface for gates of your own. It speaks in primitives, so that nothing is
 * allocated on the way.
 *
 * <p>Every token that {@link #tryAcquire} grants comes back exactly once: through {@link #success}, {@link #failure} or
 * {@link #release}. Implementations must be thread-safe and should not block; a gate that waits for its turn in
 * {@code tryAcquire} says so in its documentation. What a gate throws from {@code tryAcquire} ends the call; what it
 * throws from a verdict is logged once and contained.
 *
 * <p>A gate that admits every tenth call while a flag is set:
 *
 * <pre>{@code
 * public long tryAcquire(long nowNanos) {
 *     return !flag || counter.getAndIncrement() % 10 == 0 ? 0 : Admission.UNKNOWN_WAIT;
 * }
 * }</pre>
 */
public interface Admission {
    /** In place of a time: the clock was not read. No clock of the engine ever shows this value. */
    long UNTIMED = Long.MIN_VALUE;

    /** A refusal by {@link #tryAcquire} that cannot say when asking again may succeed. */
    long UNKNOWN_WAIT = Long.MIN_VALUE;

    /** {@return the name of the gate, for exceptions and logs} */
    String name();

    /** {@return the reason that a refusal of this gate carries} */
    RejectedCallException.Reason reason();

    /**
     * Asks for leave to make one call.
     *
     * @param nowNanos the monotonic time; {@link #UNTIMED} if no gate of the pipeline is {@link #timed}, and then a
     *     refusal is not final: the gate is asked once more with the time
     * @return a token of 0 or more, or, if the call may not be made, minus the nanoseconds after which asking again
     *     may succeed, or {@link #UNKNOWN_WAIT}
     */
    long tryAcquire(long nowNanos);

    /**
     * Takes back the token of a call that succeeded.
     *
     * @param token what {@code tryAcquire} returned
     * @param startNanos when the attempt began, or {@link #UNTIMED} if no gate of the pipeline is timed
     * @param endNanos when it ended, or {@code UNTIMED} likewise
     */
    void success(long token, long startNanos, long endNanos);

    /**
     * Takes back the token of a call that failed.
     *
     * @param token what {@code tryAcquire} returned
     * @param startNanos when the attempt began, or {@link #UNTIMED} if no gate of the pipeline is timed
     * @param endNanos when it ended; always a time
     * @param error what it threw, or a stand-in for a result that {@link Retry#onResult} calls bad
     */
    void failure(long token, long startNanos, long endNanos, Throwable error);

    /**
     * Takes back the token of a call that was not made or was cancelled: neither success nor failure.
     *
     * @param token what {@code tryAcquire} returned
     */
    void release(long token);

    /**
     * Says whether the gate needs the time of every call. Gates that do not save clock reads, which cost more than
     * all the rest.
     *
     * @return true if {@code tryAcquire} and {@code success} need the time
     */
    default boolean timed() {
        return true;
    }
}
