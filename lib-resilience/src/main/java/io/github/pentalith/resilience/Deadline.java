// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The point in monotonic time by which the current call must be done. */
@SuppressWarnings("DoNotCallSuggester")
public final class Deadline {
    private Deadline() {}

    /**
     * A deadline from now.
     *
     * @param timeout the time left
     * @return the deadline
     */
    public static Deadline after(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /** {@return the deadline of the current thread, or null} */
    public static @Nullable Deadline current() {
        throw new UnsupportedOperationException();
    }

    /** {@return the time left, zero if expired} */
    public Duration remaining() {
        throw new UnsupportedOperationException();
    }

    /** {@return true if no time is left} */
    public boolean expired() {
        throw new UnsupportedOperationException();
    }

    /**
     * Works under this deadline.
     *
     * @param work the work
     * @param <T> the type of the result
     * @param <X> what the work throws
     * @return the result
     * @throws X if the work fails
     */
    public <T extends @Nullable Object, X extends Exception> T call(CheckedSupplier<? extends T, ? extends X> work)
            throws X {
        throw new UnsupportedOperationException();
    }

    /**
     * Works under this deadline.
     *
     * @param work the work
     * @param <X> what the work throws
     * @throws X if the work fails
     */
    public <X extends Exception> void run(CheckedRunnable<? extends X> work) throws X {
        throw new UnsupportedOperationException();
    }

    /** {@return the milliseconds left, for another process} */
    public String toHeader() {
        throw new UnsupportedOperationException();
    }

    /**
     * Reads what {@link #toHeader} wrote.
     *
     * @param header the milliseconds left
     * @return the deadline
     */
    public static Deadline fromHeader(String header) {
        throw new UnsupportedOperationException();
    }
}
