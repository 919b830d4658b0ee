// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import io.github.pentalith.cache.RemoteStore.Fetched;
import java.time.Duration;
import java.util.Arrays;

/** The bytes that the store puts before each value; see {@link Script}. */
final class Frame {
    static final int LENGTH = 15;
    private static final long[] UNITS = {1, 1_000, 60_000, 3_600_000};
    private static final int MOST = (1 << 14) - 1;

    private Frame() {}

    /** Two bytes, rounded up. */
    static byte[] staleTime(Duration staleFor) {
        long millis = millis(staleFor);
        for (int unit = 0; unit < UNITS.length; unit++) {
            long count = (millis + UNITS[unit] - 1) / UNITS[unit];
            if (count <= MOST || unit == UNITS.length - 1) {
                long bits = ((long) unit << 14) | Math.min(count, MOST);
                return new byte[] {(byte) (bits >> 8), (byte) bits};
            }
        }
        throw new AssertionError("unreachable");
    }

    /** How long {@link #staleTime} says, rounded as it is. */
    static long roundedMillis(byte[] staleTime) {
        return rounded((int) number(staleTime, 0, 2));
    }

    private static long rounded(int bits) {
        return (bits & MOST) * UNITS[bits >> 14];
    }

    /** What is stored, by a server whose clock says now; foreign bytes are as old as can be. */
    static Fetched fetched(byte[] stored, long nowMillis, long lease) {
        if (stored.length < LENGTH) {
            return new Fetched(stored, 0, Duration.ZERO, Duration.ZERO, lease, false);
        }
        long fresh = number(stored, 7, 6) - nowMillis;
        long stale = rounded((int) number(stored, 13, 2)) + Math.min(0, fresh);
        return new Fetched(
                Arrays.copyOfRange(stored, LENGTH, stored.length),
                number(stored, 0, 7),
                Duration.ofMillis(Math.max(0, fresh)),
                stale <= 0 ? Duration.ZERO : Duration.ofMillis(stale),
                lease,
                false);
    }

    private static long number(byte[] bytes, int from, int count) {
        long number = 0;
        for (int i = from; i < from + count; i++) {
            number = (number << 8) | (bytes[i] & 0xFF);
        }
        return number;
    }

    /** Rounded up, so that no positive time becomes none. */
    static long millis(Duration duration) {
        long millis = duration.toMillis();
        return duration.compareTo(Duration.ofMillis(millis)) > 0 ? millis + 1 : millis;
    }
}
