// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a thread knows about the calls that enclose the current one: by when it must be done, and whether somebody
 * outside retries. One mutable object per thread, made at the first call that needs it; whoever changes it restores it.
 */
final class Frame {
    private static final ThreadLocal<Frame> CURRENT = ThreadLocal.withInitial(Frame::new);

    /** The clock of {@link #endNanos}, or null if there is no deadline. */
    @Nullable
    LongSupplier ticker;

    long endNanos;
    /** True inside a call that retries, so that nested ones do not multiply the attempts. */
    boolean retrying;
    /** Set by an attempt whose result was bad, read by the loop around it. */
    boolean badResult;

    /** The alarms of this thread's calls, one for each that is nested in another; those from {@code depth} on are free. */
    private Interrupt[] alarms = new Interrupt[0];

    private int depth;

    private Frame() {}

    /** An alarm that the timer will look at in time; to be freed after it was stopped. */
    Interrupt alarm(long time) {
        if (depth == alarms.length) {
            alarms = Arrays.copyOf(alarms, depth + 1);
            alarms[depth] = new Interrupt(Thread.currentThread());
        } else if (TimerWheel.tooLate(alarms[depth], time)) {
            alarms[depth] = new Interrupt(Thread.currentThread()); // the timer forgets the other one when it comes by
        }
        return alarms[depth++];
    }

    void freeAlarm() {
        depth--;
    }

    static Frame current() {
        return CURRENT.get();
    }

    /** Nanoseconds until the deadline as seen on a clock that shows {@code now}; huge if there is no deadline. */
    @SuppressWarnings("ReferenceEquality") // the same clock shows the same time; an equal one might not
    long remaining(LongSupplier clock, long now) {
        LongSupplier own = ticker;
        if (own == null) {
            return Arguments.MAX_NANOS;
        }
        return endNanos - (own == clock ? now : own.getAsLong());
    }
}
