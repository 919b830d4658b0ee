// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

/**
 * Which stripe a thread writes to: a hint per thread id, shared by all histograms of a registry. Threads that got in
 * each other's way move; so two running threads share a stripe only until they notice. Lost updates of the hint
 * change speed, never results, hence plain reads and writes.
 */
final class StripeChoice {
    private static final int SLOTS = 256;
    final int[] hints = new int[SLOTS];

    StripeChoice() {
        for (int i = 0; i < SLOTS; i++) {
            hints[i] = i; // ids of a pool's threads follow each other, so neighbours start apart
        }
    }

    static int current(int[] hints) {
        return hints[slot() & (hints.length - 1)];
    }

    void move() {
        int slot = slot() & (SLOTS - 1);
        int x = hints[slot] * 31 + slot + 1;
        x ^= x << 13;
        x ^= x >>> 17;
        hints[slot] = x ^ (x << 5);
    }

    private static int slot() {
        return (int) Thread.currentThread().getId();
    }
}
