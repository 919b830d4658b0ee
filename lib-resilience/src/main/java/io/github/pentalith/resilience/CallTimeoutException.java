// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Says that an attempt exceeded its timeout, or the whole call its deadline. The dependency may or may not have done
 * the work.
 *
 * <p>Immutable, without stack trace; its cause is the last failure before the deadline, if there was one.
 */
public final class CallTimeoutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final long timeoutNanos;
    private final boolean overall;
    private final int attempts;

    CallTimeoutException(String name, long timeoutNanos, boolean overall, int attempts, @Nullable Throwable cause) {
        super(null, cause, true, false);
        this.name = name;
        this.timeoutNanos = timeoutNanos;
        this.overall = overall;
        this.attempts = attempts;
    }

    /** {@return the name of the pipeline} */
    public String name() {
        return name;
    }

    /** {@return the time that was allowed} */
    public Duration timeout() {
        return Duration.ofNanos(timeoutNanos);
    }

    /** {@return true if the deadline of the whole call has passed, false if one attempt timed out} */
    public boolean overall() {
        return overall;
    }

    /** {@return how many attempts had begun, 1 or more} */
    public int attempts() {
        return attempts;
    }

    @Override
    public String getMessage() {
        return (overall ? "deadline exceeded" : "attempt timed out") + ": name=" + name + ", timeout=" + timeout()
                + ", attempts=" + attempts;
    }
}
