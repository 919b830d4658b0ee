// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

/** The limiter's word and the keyed table, whose places change hands between two keys. */
public class GcraLincheckTest {
    private final RateLimiter limiter = RateLimiter.of("r", Rate.perSecond(1).burst(3), () -> 0);
    private final KeyedRateLimiter<Integer> keyed =
            KeyedRateLimiter.of("k", Rate.perSecond(1).burst(2), 1, () -> 0);

    @Operation
    public long take() {
        return limiter.tryAcquireNanos(1);
    }

    @Operation
    public long takeTwo() {
        return limiter.tryAcquireNanos(2);
    }

    @Operation
    public long later() {
        return limiter.gate().tryAcquire(1_500_000_000L);
    }

    @Operation
    public void slowDown() {
        limiter.rate(Rate.perMinute(30).burst(2));
    }

    @Operation
    public long takeOneKey() {
        return keyed.tryAcquireNanos(1, 1);
    }

    @Operation
    public long takeAnotherKey() {
        return keyed.tryAcquireNanos(2, 1);
    }

    @Operation
    public void slowDownKeys() {
        keyed.rate(Rate.perMinute(30).burst(1));
    }

    @Test
    void words_underAllInterleavings_areLinearizable() {
        LincheckDepth.options().check(GcraLincheckTest.class);
    }
}
