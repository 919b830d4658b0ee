// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What Peak EWMA knows of a node: a decaying average and its time in one word, so that one compare-and-set changes both.
 * The upper half is nanoseconds as a float, or 0 as long as nobody has called; the lower one the time in units of 2^16 ns,
 * whose differences are right for 39 hours, and by then anything has decayed. Reading never writes, so the value does not
 * depend on how often it is read.
 */
abstract class NodeLatency extends NodePadding {
    static final int UNIT = 16;
    private static final VarHandle LATENCY;

    static {
        try {
            LATENCY = MethodHandles.lookup().findVarHandle(NodeLatency.class, "latency", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused") // through LATENCY
    private volatile long latency;

    /** The word. */
    final long latency() {
        return (long) LATENCY.getOpaque(this);
    }

    /** The average, in nanoseconds. */
    final double latency(long now, double tau) {
        long seen = latency();
        return value(seen) * remaining(seen, now, tau);
    }

    private static float value(long word) {
        return Float.intBitsToFloat((int) (word >>> 32));
    }

    /** What part of an average is left: 1 / (1 + x + x^2 / 2), within 3 % of exp(-x) of the whole for all x. */
    private static double remaining(long word, long now, double tau) {
        int units = (int) (now >>> UNIT) - (int) word;
        double x = Math.max(0, units) * (double) (1 << UNIT) / tau; // a clock that steps back does not raise anything
        return 1 / (1 + x + x * x / 2);
    }

    /**
     * Learns a sample; one that is only a lower bound, as of a call that was given up, never lowers the average. Returns
     * how long ago the last one was, in nanoseconds.
     */
    final long sample(long now, double nanos, boolean lowerBound, double tau) {
        double sample = Math.max(1, nanos);
        while (true) {
            long seen = (long) LATENCY.getAcquire(this);
            double old = value(seen);
            long sinceLast = old > 0 ? (long) ((int) (now >>> UNIT) - (int) seen) << UNIT : Long.MAX_VALUE;
            double kept = remaining(seen, now, tau);
            double decayed = old * kept;
            if (lowerBound && sample <= decayed) {
                return sinceLast;
            }
            double next = sample >= decayed ? sample : old * kept + sample * (1 - kept);
            long word = ((long) Float.floatToRawIntBits((float) next) << 32) | ((now >>> UNIT) & 0xFFFF_FFFFL);
            if (LATENCY.compareAndSet(this, seen, word)) {
                return sinceLast;
            }
        }
    }
}
