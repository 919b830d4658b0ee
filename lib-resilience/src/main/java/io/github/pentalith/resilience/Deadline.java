// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The point in time by which the current work must be done. It travels in the thread: inside a {@link Pipeline} with a
 * deadline or attempt timeout, {@link #current} is the end of this attempt, from which clients take their timeouts. To
 * another process it travels as the milliseconds that are left, so no clocks are compared.
 *
 * <pre>{@code
 * Deadline.fromHeader(request.header("x-deadline-ms")).run(() -> handle(request));
 * ...
 * Deadline deadline = Deadline.current();
 * statement.setQueryTimeout(deadline == null ? 30 : (int) deadline.remaining().toSeconds() + 1);
 * }</pre>
 *
 * <p>A deadline within a deadline can only shorten it. Other threads do not inherit it: pass it and call
 * {@link #run} there. Immutable. On a monotonic clock.
 */
public final class Deadline {
    private final LongSupplier ticker;
    private final long endNanos;

    private Deadline(LongSupplier ticker, long endNanos) {
        this.ticker = ticker;
        this.endNanos = endNanos;
    }

    /**
     * A deadline from now.
     *
     * @param timeout the time left, not negative
     * @return the deadline
     * @throws IllegalArgumentException if the time is negative
     */
    public static Deadline after(Duration timeout) {
        return after(timeout, System::nanoTime);
    }

    /**
     * A deadline from now on a given clock.
     *
     * @param timeout the time left, not negative
     * @param ticker a monotonic clock in nanoseconds
     * @return the deadline
     * @throws IllegalArgumentException if the time is negative
     */
    public static Deadline after(Duration timeout, LongSupplier ticker) {
        Objects.requireNonNull(ticker, "ticker");
        return new Deadline(ticker, ticker.getAsLong() + Arguments.notNegative("timeout", timeout));
    }

    /** {@return the deadline of the current thread, or null if it has none} */
    public static @Nullable Deadline current() {
        Frame frame = Frame.current();
        LongSupplier ticker = frame.ticker;
        return ticker == null ? null : new Deadline(ticker, frame.endNanos);
    }

    /** {@return the time left, zero if there is none} */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, remainingNanos()));
    }

    /** {@return true if no time is left} */
    public boolean expired() {
        return remainingNanos() <= 0;
    }

    private long remainingNanos() {
        return endNanos - ticker.getAsLong();
    }

    /**
     * Works under this deadline, or the thread's own if that is sooner. An expired one does not keep the work from
     * starting; a pipeline in it refuses.
     *
     * @param work the work
     * @param <T> the type of its result
     * @param <X> what it throws
     * @return its result
     * @throws X if the work throws it
     */
    public <T extends @Nullable Object, X extends Exception> T call(CheckedSupplier<? extends T, ? extends X> work)
            throws X {
        Frame frame = Frame.current();
        LongSupplier outerTicker = frame.ticker;
        long outerEnd = frame.endNanos;
        long now = ticker.getAsLong();
        if (endNanos - now < frame.remaining(ticker, now)) {
            frame.ticker = ticker;
            frame.endNanos = endNanos;
        }
        try {
            return work.get();
        } finally {
            frame.ticker = outerTicker;
            frame.endNanos = outerEnd;
        }
    }

    /**
     * Works under this deadline, or the thread's own if that is sooner; see {@link #call}.
     *
     * @param work the work
     * @param <X> what it throws
     * @throws X if the work throws it
     */
    @SuppressWarnings("NullAway") // the null of Void; known in JSpecify mode
    public <X extends Exception> void run(CheckedRunnable<? extends X> work) throws X {
        this.<@Nullable Void, X>call(() -> {
            work.run();
            return null;
        });
    }

    /** {@return the milliseconds left as a decimal number, for {@link #fromHeader} in another process} */
    public String toHeader() {
        return Long.toString(TimeUnit.NANOSECONDS.toMillis(Math.max(0, remainingNanos())));
    }

    /**
     * Reads what {@link #toHeader} wrote. The time on the way is not counted.
     *
     * @param header the milliseconds left, a decimal number that is not negative
     * @return the deadline
     * @throws IllegalArgumentException if it is not such a number
     */
    public static Deadline fromHeader(String header) {
        String digits = header.strip();
        if (digits.isEmpty() || digits.length() > 18 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("header must be milliseconds: header='" + shortened(header)
                    + "' (expected: a number of at most 18 digits)");
        }
        return after(Duration.ofMillis(Long.parseLong(digits)));
    }

    private static String shortened(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }

    @Override
    public String toString() {
        return "Deadline[in " + Duration.ofNanos(remainingNanos()) + "]";
    }
}
