// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.time.Duration;

/** The bytes that the store puts before each value; see {@link Script}. */
final class Frame {
    static final int LENGTH = 9;
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

    static long staleMillis(byte[] stored) {
        int bits = ((stored[7] & 0xFF) << 8) | (stored[8] & 0xFF);
        return (bits & MOST) * UNITS[bits >> 14];
    }

    static long version(byte[] stored) {
        long version = 0;
        for (int i = 0; i < 7; i++) {
            version = (version << 8) | (stored[i] & 0xFF);
        }
        return version;
    }

    /** Rounded up, so that no positive time becomes none. */
    static long millis(Duration duration) {
        long millis = duration.toMillis();
        return duration.compareTo(Duration.ofMillis(millis)) > 0 ? millis + 1 : millis;
    }
}
