// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

/**
 * Which shared stripe a thread writes to: a hint per thread id, shared by all histograms of a registry, from which a contended
 * histogram makes a table of its own. Threads that got in each other's way move; so two running threads share a stripe
 * only until they notice. Lost updates change speed, never results, hence plain reads and writes.
 */
final class StripeChoice {
    /** As many stripes as threads can run at the same time, as a power of two. */
    static final int MOST =
            Integer.highestOneBit(Math.max(1, Runtime.getRuntime().availableProcessors() * 2 - 1));

    private static final int SLOTS = 16 * MOST; // so that few of the running threads have one in common
    private final int[] hints = new int[SLOTS];

    StripeChoice() {
        for (int i = 0; i < SLOTS; i++) {
            hints[i] = i; // ids of a pool's threads follow each other, so neighbours start apart
        }
    }

    /** The number of the running thread; its lowest bits are its place in a table. */
    static int slot() {
        return (int) Thread.currentThread().getId();
    }

    /** By slot, the stripe to write to: one load, where hint and stripe would be two that wait for each other. */
    Stripe[] table(Stripe[] stripes) {
        if (stripes.length == 1) {
            return stripes;
        }
        Stripe[] table = new Stripe[SLOTS];
        for (int i = 0; i < SLOTS; i++) {
            table[i] = stripes[hints[i] & (stripes.length - 1)];
        }
        return table;
    }

    /** Sends the running thread elsewhere. */
    void move(Stripe[] stripes, Stripe[] table) {
        int slot = slot() & (SLOTS - 1);
        int x = hints[slot] * 31 + slot + 1;
        x ^= x << 13;
        x ^= x >>> 17;
        hints[slot] = x ^ (x << 5);
        if (table.length > 1) {
            table[slot] = stripes[hints[slot] & (stripes.length - 1)];
        }
    }
}
