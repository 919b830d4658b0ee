// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A volatile {@code long} on a cache line of its own, so that two hot words never slow each other down. All modes are
 * volatile: each of these words is read and written by many threads and carries decisions.
 */
@SuppressWarnings("unused") // the padding
class PaddedLongLeft {
    long p1, p2, p3, p4, p5, p6, p7;
}

class PaddedLongValue extends PaddedLongLeft {
    static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(PaddedLongValue.class, "value", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    volatile long value;
}

final class PaddedLong extends PaddedLongValue {
    long q1, q2, q3, q4, q5, q6, q7;

    PaddedLong(long initial) {
        value = initial;
    }

    long get() {
        return value;
    }

    void set(long next) {
        value = next;
    }

    boolean compareAndSet(long expected, long next) {
        return VALUE.compareAndSet(this, expected, next);
    }

    long getAndSet(long next) {
        return (long) VALUE.getAndSet(this, next);
    }

    long getAndAdd(long delta) {
        return (long) VALUE.getAndAdd(this, delta);
    }
}
