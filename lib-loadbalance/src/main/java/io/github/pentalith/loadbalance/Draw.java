// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Where random numbers come from: the given generator, else each thread's own. */
final class Draw {
    private final @Nullable RandomGenerator random;

    Draw(@Nullable RandomGenerator random) {
        this.random = random;
    }

    long bits() {
        return random == null ? ThreadLocalRandom.current().nextLong() : random.nextLong();
    }

    /** 0 to n-1. The bias of multiplying instead of rejecting is below n / 2^32. */
    int below(int n) {
        return high(bits(), n);
    }

    double share() {
        return share(bits());
    }

    /** 0 to 1, from the upper bits. */
    static double share(long bits) {
        return (bits >>> 11) * 0x1p-53;
    }

    /** Other bits, for a second choice by the same hash that must not go with the first (Stafford's mix 13). */
    static long mixed(long hash) {
        long bits = (hash ^ (hash >>> 30)) * 0xBF58476D1CE4E5B9L;
        bits = (bits ^ (bits >>> 27)) * 0x94D049BB133111EBL;
        return bits ^ (bits >>> 31);
    }

    /** A number below n from the upper half of the bits. */
    static int high(long bits, int n) {
        return (int) (((bits >>> 32) * n) >>> 32);
    }

    /** A number below n from the lower half of the bits. */
    static int low(long bits, int n) {
        return (int) (((bits & 0xFFFF_FFFFL) * n) >>> 32);
    }
}
