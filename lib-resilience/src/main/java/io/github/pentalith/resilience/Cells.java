// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

/**
 * Small numbers on cache lines of their own, of which a thread uses always the same one, so that threads that do the same
 * thing at the same time do not wait for each other's cache lines.
 *
 * <p>All cells are opened together and sealed together. Nobody writes to a sealed cell, so whoever has sealed all of them
 * knows for good what was in them. A number that is negative and not {@link #SEALED} is one that its owner has left to the sealer.
 */
final class Cells {
    static final long SEALED = -1;

    private static final int MOST = 16;
    private static final int FOR_THIS_MACHINE =
            Math.min(MOST, 2 * powerOfTwo(Runtime.getRuntime().availableProcessors()));
    /** 2^64 divided by the golden ratio: multiples of it, as those by ids of threads made one after the other, lie far apart. */
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

    private final PaddedLong[] cells;
    private final int shift;

    /** Sealed cells, as many as the power of two says. */
    Cells(int count) {
        cells = new PaddedLong[count];
        shift = Long.numberOfLeadingZeros(count) + 1;
        for (int i = 0; i < count; i++) {
            cells[i] = new PaddedLong(SEALED);
        }
    }

    /** How many cells make it unlikely that two running threads share one. */
    static int forThisMachine() {
        return FOR_THIS_MACHINE;
    }

    private static int powerOfTwo(int atLeast) {
        return atLeast <= 1 ? 1 : Integer.highestOneBit(atLeast - 1) << 1;
    }

    int size() {
        return cells.length;
    }

    /** The cell of this thread. */
    PaddedLong mine() {
        // A shift by 64 does nothing, so one cell needs two steps.
        return cells[(int) ((Thread.currentThread().getId() * GOLDEN) >>> 1 >>> (shift - 1))];
    }

    void open(long value) {
        for (PaddedLong cell : cells) {
            cell.set(value);
        }
    }

    /** What an owner who no longer cares for its cell writes to it. */
    static long left(long number) {
        return SEALED - number;
    }

    private static long amount(long number) {
        return number >= 0 ? number : SEALED - number;
    }

    /**
     * Seals the cells; the sum of what was in them.
     *
     * @param most a cell with more than that is being emptied, or will soon be left, by its owner: he is waited for
     */
    long seal(long most) {
        long sum = 0;
        for (PaddedLong cell : cells) {
            long number = cell.get();
            while (number > most || !cell.compareAndSet(number, SEALED)) {
                Thread.onSpinWait();
                number = cell.get();
            }
            sum += amount(number);
        }
        return sum;
    }

    /** The sum while others write. */
    long sum() {
        long sum = 0;
        for (PaddedLong cell : cells) {
            sum += amount(cell.get());
        }
        return sum;
    }
}
