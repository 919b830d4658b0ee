// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Says that a call was <em>not made</em>: a gate refused it or its deadline had passed before it began. It is neither
 * retried in place nor counted as a failure of the dependency.
 *
 * <p>Immutable. Its making costs some nanoseconds and at most 64 bytes: it has no stack trace, and its message is
 * formatted when read.
 */
public final class RejectedCallException extends RejectedExecutionException {
    private static final long serialVersionUID = 1L;

    /** Why a call was not made. */
    public enum Reason {
        /** A {@link CircuitBreaker} is open, or half-open with all its probes under way. */
        BREAKER_OPEN,
        /** A {@link Bulkhead} is full. */
        BULKHEAD_FULL,
        /** A {@link RateLimiter} or {@link KeyedRateLimiter} has no token left. */
        RATE_LIMITED,
        /** The {@link Deadline} had passed before an attempt could begin. */
        DEADLINE,
        /** An {@link Admission} of the user's own refused. */
        OTHER
    }

    private final String name;
    private final Reason reason;
    private final long retryAfterNanos;

    /**
     * Makes a rejection.
     *
     * @param name the name of the component that refused
     * @param reason why it refused
     * @param retryAfter after what time a new call may succeed, or null if unknown
     */
    public RejectedCallException(String name, Reason reason, @Nullable Duration retryAfter) {
        this(name, reason, retryAfter == null ? -1 : Arguments.nanos(retryAfter));
    }

    RejectedCallException(String name, Reason reason, long retryAfterNanos) {
        this.name = Objects.requireNonNull(name, "name");
        this.reason = Objects.requireNonNull(reason, "reason");
        this.retryAfterNanos = retryAfterNanos;
    }

    /** {@return the name of the component that refused} */
    public String name() {
        return name;
    }

    /** {@return why the call was not made} */
    public Reason reason() {
        return reason;
    }

    /** {@return after what time a new call may succeed, or null if unknown} */
    public @Nullable Duration retryAfter() {
        return retryAfterNanos < 0 ? null : Duration.ofNanos(retryAfterNanos);
    }

    @Override
    public String getMessage() {
        String after = retryAfterNanos < 0 ? "" : ", retryAfter=" + Duration.ofNanos(retryAfterNanos);
        return "call was not made: name=" + name + ", reason=" + reason + after;
    }

    /** Does nothing: a rejection has no stack trace. */
    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // nothing to guard
    public Throwable fillInStackTrace() {
        return this;
    }
}
