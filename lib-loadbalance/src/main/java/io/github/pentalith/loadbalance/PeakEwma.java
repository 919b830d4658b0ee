// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The cheaper of two nodes drawn without replacement, where cost = (calls in flight / weight + 1) x latency, and latency is
 * a moving average that follows a rise at once and a fall slowly (Finagle's and Linkerd's Peak EWMA).
 *
 * <p>Latencies that differ by less than a factor of {@link #TELLING} count as equal: then the less busy one is taken, as {@link
 * LeastRequest} does. The peaks of equal servers differ that much by chance, and following them crowds calls on whoever
 * was lucky; in the simulator that costs 15 % at the 99th percentile among equal servers, and makes pausing ones worse than
 * round robin, as the one whose last pause is longest ago looks best and is the next to pause.
 *
 * <p>A node nobody has heard of yet costs nothing while it is idle, so that it is tried, and much once it has a call, so
 * that it gets just one before its first answer.
 */
final class PeakEwma extends Picker {
    private static final double UNKNOWN_BUT_BUSY = 1e15;
    private static final double TELLING = 2;

    private final Draw draw;
    private final double perUnit; // of a node's time, in times of decay
    private final double @Nullable [] weights; // 1 on average
    private final @Nullable AliasTable byWeight;

    PeakEwma(Node<?>[] nodes, int[] weights, Draw draw, long tau) {
        super(nodes);
        this.draw = draw;
        this.perUnit = (1 << Latency.UNIT) / (double) tau;
        boolean equal = equal(weights);
        this.weights = equal ? null : relative(weights);
        this.byWeight = equal ? null : new AliasTable(weights);
    }

    private static double[] relative(int[] weights) {
        double sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        double[] relative = new double[weights.length];
        for (int i = 0; i < relative.length; i++) {
            relative[i] = weights[i] * weights.length / sum;
        }
        return relative;
    }

    @Override
    int pick(@Nullable PickContext context) {
        int n = nodes.length;
        if (n == 1) {
            return 0;
        }
        long bits = draw.bits();
        int a;
        int b;
        if (byWeight == null) {
            a = Draw.high(bits, n);
            b = Draw.low(bits, n - 1);
            b += (a - 1 - b) >>> 31; // one more if b >= a, without a branch
        } else {
            a = byWeight.draw(bits);
            b = byWeight.draw(draw.bits());
            b = b == a ? (a + 1 + draw.below(n - 1)) % n : b;
        }
        return cheaper(b, a) ? b : a;
    }

    /**
     * Needs no clock: from now on both averages decay alike, so who is the cheaper does not change with time. It is enough
     * to let the older one decay to the time of the newer; or, which is the same, the newer one grow.
     */
    private boolean cheaper(int a, int b) {
        long seenA = nodes[a].latency.seen();
        long seenB = nodes[b].latency.seen();
        int newer = (int) seenA - (int) seenB;
        // One of them grows by 1: nobody could predict the branch.
        double latencyA = Latency.value(seenA) * Latency.growth(Math.max(0, newer) * perUnit);
        double latencyB = Latency.value(seenB) * Latency.growth(Math.max(0, -newer) * perUnit);
        if (latencyA < TELLING * latencyB && latencyB < TELLING * latencyA) {
            return busy(a) < busy(b);
        }
        return cost(a, latencyA) < cost(b, latencyB);
    }

    private double cost(int at, double latency) {
        return latency > 0 ? latency * (busy(at) + 1) : busy(at) * UNKNOWN_BUT_BUSY;
    }

    /** An idle fleet is used as it is drawn, that is, by weight; a busy one is filled by weight. */
    private double busy(int at) {
        int inFlight = nodes[at].inFlight();
        return weights == null ? inFlight : inFlight / weights[at];
    }

    /**
     * A decaying average and its time in one word, so that one compare-and-set changes both: nanoseconds as a float, and
     * the time in units of 2^16 ns, whose differences are right for 39 hours; by then anything has decayed. Reading never
     * writes, so the value does not depend on how often it is read.
     */
    static final class Latency {
        private static final VarHandle WORD;
        private static final int UNIT = 16;

        static {
            try {
                WORD = MethodHandles.lookup().findVarHandle(Latency.class, "word", long.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        @SuppressWarnings("unused") // through WORD
        private volatile long word;

        long seen() {
            return (long) WORD.getOpaque(this);
        }

        double at(long now, double tau) {
            long seen = seen();
            return value(seen) * remaining(seen, now, tau);
        }

        static float value(long word) {
            return Float.intBitsToFloat((int) (word >>> 32));
        }

        /** 1 + x + x^2 / 2: its inverse is within 3 % of exp(-x) of the whole for all x, and it needs no call to exp. */
        static double growth(double x) {
            return 1 + x + x * x / 2;
        }

        private static double remaining(long word, long now, double tau) {
            int units = (int) (now >>> UNIT) - (int) word;
            double x =
                    Math.max(0, units) * (double) (1 << UNIT) / tau; // a clock that steps back does not raise anything
            return 1 / growth(x);
        }

        /**
         * Learns a sample; one that is only a lower bound, as of a call that was given up, never lowers the average. Returns
         * how long ago the last one was, in nanoseconds.
         */
        long sample(long now, double nanos, boolean lowerBound, double tau) {
            double sample = Math.max(1, nanos);
            while (true) {
                long seen = (long) WORD.getAcquire(this);
                double old = value(seen);
                long sinceLast = old > 0 ? (long) ((int) (now >>> UNIT) - (int) seen) << UNIT : Long.MAX_VALUE;
                double kept = remaining(seen, now, tau);
                double decayed = old * kept;
                if (lowerBound && sample <= decayed) {
                    return sinceLast;
                }
                double next = sample >= decayed ? sample : old * kept + sample * (1 - kept);
                long word = ((long) Float.floatToRawIntBits((float) next) << 32) | ((now >>> UNIT) & 0xFFFF_FFFFL);
                if (WORD.compareAndSet(this, seen, word)) {
                    return sinceLast;
                }
            }
        }
    }
}
