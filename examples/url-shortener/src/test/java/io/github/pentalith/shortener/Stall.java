// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Notices when this machine stands still, for all that the tests promise of the service holds for one that runs: who
 * is stopped for seconds answers too late.
 */
final class Stall {
    private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** Then nodes have heard of each other again, and breakers and rests of endpoints are over. */
    private static final long AFTERMATH_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static volatile long lastEnd = System.nanoTime() - TimeUnit.HOURS.toNanos(1);
    private static volatile long beat = System.nanoTime();

    static {
        Thread heart = new Thread(Stall::watch, "stall");
        heart.setDaemon(true);
        heart.start();
    }

    private Stall() {}

    private static void watch() {
        while (true) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            long now = System.nanoTime();
            if (now - beat > LONG_NANOS) {
                lastEnd = now; // before the beat, by which it is seen
            }
            beat = now;
        }
    }

    /** Returns the time from which to ask. */
    static long now() {
        return System.nanoTime();
    }

    /** Returns whether this program stood still for half a second or more at some time since, or shortly before. */
    static boolean since(long nanos) {
        boolean isStill = System.nanoTime() - beat > LONG_NANOS;
        return isStill || lastEnd + AFTERMATH_NANOS - nanos > 0;
    }
}
