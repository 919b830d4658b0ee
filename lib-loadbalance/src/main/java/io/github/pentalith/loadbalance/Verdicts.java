// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;

/** What the end of a call says about the endpoint. */
final class Verdicts {
    private static final long FAILURE_PENALTY = 1_000_000_000L;
    private static final long OVERLOADED_PENALTY = 5_000_000_000L;
    private static final long LONGEST_PENALTY = 300_000_000_000L;

    private Verdicts() {}

    /** What an exception says, unless the user knows better. */
    static Outcome of(Throwable error) {
        if (error instanceof RejectedExecutionException
                || error instanceof CancellationException
                || error instanceof InterruptedException) {
            return Outcome.CANCELLED;
        }
        if (error instanceof TimeoutException
                || error instanceof SocketTimeoutException
                || error instanceof HttpTimeoutException) {
            return Outcome.TIMEOUT;
        }
        return error instanceof IOException ? Outcome.LOCAL_ERROR : Outcome.SERVER_ERROR;
    }

    /** What went wrong, without what futures wrap around it. */
    static Throwable unwrapped(Throwable error) {
        Throwable cause = error.getCause();
        boolean wrapped = error instanceof CompletionException || error instanceof ExecutionException;
        return wrapped && cause != null ? unwrapped(cause) : error;
    }

    /** What a call that ended like this counts at least, in nanoseconds, so that failing fast does not attract calls. */
    static long penalty(Outcome outcome, long retryAfter) {
        return switch (outcome) {
            case SUCCESS, CANCELLED -> 0;
            case OVERLOADED -> retryAfter < 0 ? OVERLOADED_PENALTY : Math.min(retryAfter, LONGEST_PENALTY);
            default -> FAILURE_PENALTY;
        };
    }
}
