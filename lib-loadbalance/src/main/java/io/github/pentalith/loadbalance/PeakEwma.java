// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The cheaper of two nodes drawn without replacement, where cost = (calls in flight / weight + 1) x latency, and latency is
 * a moving average that follows a rise at once and a fall slowly (Finagle's and Linkerd's Peak EWMA).
 *
 * <p>A node nobody has heard of yet costs nothing while it is idle, so that it is tried, and much once it has a call, so
 * that it gets just one before its first answer.
 */
final class PeakEwma extends Picker {
    private static final double UNKNOWN_BUT_BUSY = 1e15;

    private final Draw draw;
    private final LongSupplier ticker;
    private final double tau;
    private final double @Nullable [] weights; // 1 on average
    private final @Nullable AliasTable byWeight;

    PeakEwma(Node<?>[] nodes, int[] weights, Draw draw, LongSupplier ticker, long tau) {
        super(nodes);
        this.draw = draw;
        this.ticker = ticker;
        this.tau = (double) tau;
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
            b += b >= a ? 1 : 0;
        } else {
            a = byWeight.draw(bits);
            b = byWeight.draw(draw.bits());
            b = b == a ? (a + 1 + draw.below(n - 1)) % n : b;
        }
        long now = ticker.getAsLong();
        return cost(b, now) < cost(a, now) ? b : a;
    }

    private double cost(int at, long now) {
        Node<?> node = nodes[at];
        double latency = node.latency.at(now, tau);
        // An idle fleet is used as it is drawn, that is, by weight; a busy one is filled by weight.
        double busy = weights == null ? node.inFlight() : node.inFlight() / weights[at];
        return latency > 0 ? latency * (busy + 1) : busy * UNKNOWN_BUT_BUSY;
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

        double at(long now, double tau) {
            long seen = (long) WORD.getOpaque(this);
            return value(seen) * remaining(seen, now, tau);
        }

        private static float value(long word) {
            return Float.intBitsToFloat((int) (word >>> 32));
        }

        /** 1 / (1 + x + x^2 / 2): within 3 % of exp(-x) of the whole for all x, and without a call to exp. */
        private static double remaining(long word, long now, double tau) {
            int units = (int) (now >>> UNIT) - (int) word;
            double x =
                    Math.max(0, units) * (double) (1 << UNIT) / tau; // a clock that steps back does not raise anything
            return 1 / (1 + x + x * x / 2);
        }

        /** A sample that is only a lower bound, as of a call that was given up, never lowers the average. */
        void sample(long now, double nanos, boolean lowerBound, double tau) {
            double sample = Math.max(1, nanos);
            while (true) {
                long seen = (long) WORD.getAcquire(this);
                double old = value(seen);
                double kept = remaining(seen, now, tau);
                double decayed = old * kept;
                if (lowerBound && sample <= decayed) {
                    return;
                }
                double next = sample >= decayed ? sample : old * kept + sample * (1 - kept);
                long word = ((long) Float.floatToRawIntBits((float) next) << 32) | ((now >>> UNIT) & 0xFFFF_FFFFL);
                if (WORD.compareAndSet(this, seen, word)) {
                    return;
                }
            }
        }
    }
}
