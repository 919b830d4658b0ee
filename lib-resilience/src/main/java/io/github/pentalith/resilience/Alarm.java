// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Something that happens at a time, unless it is stopped before; see {@link TimerWheel}.
 *
 * <p>Its owner sets the time and takes it back; the timer rings once if it finds the time come. Both compete for one word,
 * so an alarm that was stopped never rings afterwards. All accesses are volatile: the protocol with the timer needs that each
 * side sees what the other wrote before it reads (Dekker).
 */
abstract class Alarm {
    /** In place of a time: not set, or not filed. */
    static final long NONE = Long.MIN_VALUE;

    private static final long RINGING = NONE + 1;
    private static final long RUNG = NONE + 2;
    private static final VarHandle AT;
    private static final VarHandle FILED;

    static {
        try {
            AT = MethodHandles.lookup().findVarHandle(Alarm.class, "at", long.class);
            FILED = MethodHandles.lookup().findVarHandle(Alarm.class, "filedAt", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** True if it is set again and again: then the timer keeps it until its time, even if it is stopped. */
    final boolean reusable;

    private volatile long at = NONE;
    /** When the timer will look at it; it may have been set to a later time since. */
    private volatile long filedAt = NONE;

    /** Where a scheduler of the user's takes the place of the wheel. */
    volatile @Nullable Future<?> elsewhere;

    // Of the timer: a link in its lists, and how many came before it in the list of new ones.
    @Nullable
    Alarm next;

    int depth;

    Alarm(boolean reusable) {
        this.reusable = reusable;
    }

    /** Runs on the timer's thread: brief, and nothing of the user's. */
    abstract void ring();

    /** Keeps a time clear of the marks. */
    static long time(long nanos) {
        return nanos <= RUNG ? RUNG + 1 : nanos;
    }

    void set(long time) {
        at = time;
    }

    long at() {
        return at;
    }

    boolean isSet() {
        return isTime(at);
    }

    static boolean isTime(long value) {
        return value > RUNG;
    }

    long filedAt() {
        return filedAt;
    }

    void filedAt(long time) {
        filedAt = time;
    }

    /** True if it was not filed and now is. */
    boolean file(long time) {
        return FILED.compareAndSet(this, NONE, time);
    }

    /** Rings if it is still set to that time. */
    void fire(long time) {
        if (AT.compareAndSet(this, time, RINGING)) {
            try {
                ring();
            } finally {
                at = RUNG;
            }
        }
    }

    /**
     * Takes the time back.
     *
     * @return true if it has rung; then {@link #ring} of a reusable one has returned
     */
    boolean stop() {
        Future<?> scheduled = elsewhere;
        if (scheduled != null) {
            scheduled.cancel(false);
            elsewhere = null;
        }
        long set = at;
        if (set == NONE || (isTime(set) && AT.compareAndSet(this, set, NONE))) {
            return false;
        }
        if (reusable) {
            while (at == RINGING) {
                Thread.onSpinWait(); // the timer is within ring()
            }
            at = NONE;
        }
        return true;
    }
}
