// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.demo;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Draws ranks as people ask for things: the k-th most wanted is asked for 1 / k<sup>s</sup> times as often as the first.
 * Immutable; a draw is a binary search.
 */
final class Zipf {
    private final double[] upTo; // the share of all draws that go to this rank or one before it

    /** Ranks 0 to {@code size - 1} with exponent {@code s}. */
    Zipf(int size, double s) {
        upTo = new double[size];
        double sum = 0;
        for (int rank = 0; rank < size; rank++) {
            sum += Math.pow(rank + 1.0, -s);
            upTo[rank] = sum;
        }
        for (int rank = 0; rank < size; rank++) {
            upTo[rank] /= sum;
        }
    }

    int draw(RandomGenerator random) {
        int found = Arrays.binarySearch(upTo, random.nextDouble());
        return Math.min(found < 0 ? -found - 1 : found, upTo.length - 1);
    }
}
