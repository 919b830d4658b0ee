// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

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

    private Frame() {}

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
