// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** What the end of an attempt means for the gates it passed. */
final class Outcomes {
    /** Stands for a result that {@link Retry#onResult} calls bad, where gates expect a throwable. */
    @SuppressWarnings("StaticAssignmentOfThrowable") // without stack trace and never thrown
    static final Throwable BAD_RESULT = new BadResult();

    private Outcomes() {}

    static boolean isBadResult(Throwable error) {
        return error instanceof BadResult;
    }

    /**
     * Says whether a call that ended like this says nothing about the dependency: it was interrupted, cancelled or not
     * made at all.
     */
    static boolean neutral(Throwable error) {
        return error instanceof InterruptedException
                || error instanceof CancellationException
                || error instanceof RejectedExecutionException;
    }

    /** Takes the wrapping off that {@link java.util.concurrent.CompletableFuture} puts around failures. */
    static Throwable unwrapped(Throwable error) {
        @Nullable Throwable cause = error instanceof CompletionException ? error.getCause() : null;
        return cause == null ? error : cause;
    }

    /** Gives a token back as the error says. */
    static void settle(Admission gate, long token, long start, long end, Throwable error) {
        if (neutral(error)) {
            gate.release(token);
        } else {
            gate.failure(token, start, end, error);
        }
    }

    private static final class BadResult extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BadResult() {
            super("the result was bad", null, false, false);
        }
    }
}
