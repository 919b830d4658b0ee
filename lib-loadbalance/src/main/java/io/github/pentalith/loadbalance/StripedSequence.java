// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Ascending numbers for many threads. While nobody competes, everybody takes from the first cell and the numbers are one
 * sequence. The first lost compare-and-set spreads the threads over cells on cache lines of their own; each cell is then
 * a sequence of its own, from its own start, so that a rotation over it is a full fair cycle.
 */
final class StripedSequence {
    private static final int STRIDE = 16; // longs: two cache lines, as neighbours are prefetched in pairs
    private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int STRIPES = powerOfTwo(2 * Runtime.getRuntime().availableProcessors());

    private final long[] cells = new long[(STRIPES + 2) * STRIDE];
    private boolean contended; // racy: once true, seen sooner or later

    /** The first cell begins at {@code first}, the others {@code step} apart. */
    StripedSequence(long first, long step) {
        for (int i = 0; i < STRIPES; i++) {
            cells[(i + 1) * STRIDE] = first + i * step;
        }
    }

    /** A power of two, twice the processors or a little more, at most 64. */
    static int stripes() {
        return STRIPES;
    }

    private static int powerOfTwo(int atLeast) {
        return Math.min(64, Integer.highestOneBit(Math.max(2, atLeast) - 1) << 1);
    }

    long next() {
        if (!contended) {
            // Relaxed read, then a full compare-and-set: the number must be taken once, nothing hangs on its order.
            long now = (long) CELLS.getOpaque(cells, STRIDE);
            if (CELLS.compareAndSet(cells, STRIDE, now, now + 1)) {
                return now;
            }
            contended = true;
        }
        return (long) CELLS.getAndAdd(cells, (1 + ((int) Thread.currentThread().getId() & (STRIPES - 1))) * STRIDE, 1L);
    }

    /** The next number modulo {@code n}. A sequence begins small, so that the cheap 32-bit division serves for long. */
    int next(int n) {
        long number = next();
        return number <= Integer.MAX_VALUE ? (int) number % n : (int) (number % n);
    }
}
