// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import org.jspecify.annotations.Nullable;

/**
 * The cheaper of two nodes drawn without replacement, where cost = (calls in flight / weight + 1) x latency, and latency is
 * a moving average that follows a rise at once and a fall slowly (Finagle's and Linkerd's Peak EWMA).
 *
 * <p>Latencies that differ by less than a factor of 2 count as equal: then the less busy one is taken, as {@link
 * LeastRequest} does. The peaks of equal servers differ that much by chance, and following them crowds calls on whoever
 * was lucky; in the simulator that costs 15 % at the 99th percentile among equal servers, and makes pausing ones worse than
 * round robin, as the one whose last pause is longest ago looks best and is the next to pause.
 *
 * <p>A node nobody has heard of yet costs nothing while it is idle, so that it is tried, and more than any other once it
 * has a call, so that it gets just one before its first answer.
 *
 * <p><b>How costs are compared.</b> By their logarithms, of which the bits of a float are one: read as an integer they are
 * 2^23 x log2 of the number and a constant, 0.09 x 2^23 off at most and in the right order. So costs are multiplied by
 * adding integers, and decay is subtraction. It needs no clock: from now on both averages decay alike, so who is the cheaper
 * does not change with time, and what counts is how much later one of them was learnt. Nor has it a branch that depends on
 * the costs; who is drawn is random, so nobody could predict it.
 */
final class PeakEwma extends Picker {
    private static final int OCTAVE = 1 << 23; // in bits of a float
    private static final int TELLING = OCTAVE; // a factor of 2
    private static final int FRACTION = 8; // bits of perUnit

    private final Draw draw;
    private final long perUnit; // of a node's time, what its latency loses
    private final float @Nullable [] weights; // 1 on average
    private final @Nullable AliasTable byWeight;

    PeakEwma(Node<?>[] nodes, int[] weights, Draw draw, long tau) {
        super(nodes);
        this.draw = draw;
        double decay = (1 << NodeLatency.UNIT) / (double) tau / Math.log(2); // octaves per unit
        this.perUnit = (long) (Math.min(1, decay) * ((long) OCTAVE << FRACTION)); // so that no difference overflows
        boolean equal = equal(weights);
        this.weights = equal ? null : relative(weights);
        this.byWeight = equal ? null : new AliasTable(weights);
    }

    private static float[] relative(int[] weights) {
        double sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        float[] relative = new float[weights.length];
        for (int i = 0; i < relative.length; i++) {
            relative[i] = (float) (weights[i] * weights.length / sum);
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
        return a ^ ((a ^ b) & (int) (difference(b, a) >> 63)); // b if that is negative
    }

    /** Negative if the cost of a is less than that of b. */
    private long difference(int a, int b) {
        long seenA = nodes[a].latency();
        long seenB = nodes[b].latency();
        long valueA = seenA >> 32;
        long valueB = seenB >> 32;
        if (valueA == 0 || valueB == 0) {
            return unknown(a, valueA, b, valueB);
        }
        long apart = valueA - valueB + (((long) ((int) seenA - (int) seenB) * perUnit) >> FRACTION);
        apart &= (TELLING - 1 - Math.abs(apart)) >> 63; // 0 if it tells nothing
        return apart + busy(a) - busy(b);
    }

    private long unknown(int a, long valueA, int b, long valueB) {
        if (valueA == valueB) {
            return (long) busy(a) - busy(b);
        }
        boolean idle = nodes[valueA == 0 ? a : b].inFlight() == 0;
        return idle == (valueA == 0) ? -1 : 1;
    }

    /** An idle fleet is used as it is drawn, that is, by weight; a busy one is filled by weight. */
    private int busy(int at) {
        float inFlight = nodes[at].inFlight();
        return Float.floatToRawIntBits(1 + (weights == null ? inFlight : inFlight / weights[at]));
    }
}
