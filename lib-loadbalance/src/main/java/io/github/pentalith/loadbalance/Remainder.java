// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

/**
 * The remainder by a divisor that stays the same, by two multiplications (D. Lemire, O. Kaser, N. Kurz, "Faster remainder by
 * direct computation", 2019, doi:10.1002/spe.2689).
 */
final class Remainder {
    private static final long BITS_32 = 0xFFFF_FFFFL;

    private final int divisor;
    private final long inverse; // 2^64 / divisor, rounded up

    Remainder(int divisor) {
        this.divisor = divisor;
        this.inverse = Long.divideUnsigned(-1L, divisor) + 1;
    }

    /** The remainder of a number that is not negative. */
    int of(long number) {
        if (number > BITS_32) {
            return (int) (number % divisor);
        }
        long fraction = inverse * number;
        // The upper half of the unsigned product: multiplyHigh is signed.
        return (int) (Math.multiplyHigh(fraction, divisor) + ((fraction >> 63) & divisor));
    }
}
