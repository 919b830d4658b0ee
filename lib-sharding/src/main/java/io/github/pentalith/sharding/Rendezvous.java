// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import org.jspecify.annotations.Nullable;

/**
 * Weighted rendezvous hashing: every node draws an exponential waiting time with its weight as rate, from the key and
 * its own id alone, and the shortest wins. Whether other nodes come or go does not change a node's draw, so the order of
 * those that stay never changes.
 *
 * <p>The logarithm is computed here, by additions, multiplications and divisions, which Java rounds the same way
 * everywhere; {@code Math.log} may differ in the last bit from one processor to the next, and {@code StrictMath.log} is a
 * call out of Java on 17. With equal weights the greatest number wins as it is, which is the same without a logarithm.
 *
 * <p>Sources: D. Thaler, C. Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM Transactions on
 * Networking 6(1), 1998, doi:10.1109/90.663936; C. Schindelhauer, G. Schomaker, "Weighted distributed hash tables", SPAA
 * 2005, doi:10.1145/1073970.1074008.
 */
final class Rendezvous {
    static final long GOLDEN = 0x9e3779b97f4a7c15L;
    private static final double LN_2 = 0.6931471805599453;
    private static final int[] NONE = {};
    private static final double SQRT_2 = 1.4142135623730951;

    private final Node[] nodes;
    private final long[] seeds;
    private final double[] weights;
    private final boolean equalWeights;
    private final Zones zones;

    Rendezvous(Node[] nodes) {
        this.nodes = nodes;
        seeds = new long[nodes.length];
        weights = new double[nodes.length];
        boolean equal = true;
        for (int i = 0; i < nodes.length; i++) {
            seeds[i] = RapidHash.hashUtf8(nodes[i].id());
            weights[i] = nodes[i].weight();
            equal &= nodes[i].weight() == nodes[0].weight();
        }
        equalWeights = equal;
        zones = new Zones(nodes);
    }

    /** {@return a key made of a number that need not be mixed, such as that of a slot} */
    static long keyOf(int number) {
        return mix(number * GOLDEN);
    }

    int best(long key) {
        if (!equalWeights) {
            return next(key, NONE, null, 0);
        }
        int best = 0;
        long greatest = -1;
        for (int i = 0; i < seeds.length; i++) {
            long drawn = mix(key ^ seeds[i]) >>> 12;
            if (drawn > greatest) {
                greatest = drawn;
                best = i;
            }
        }
        return best;
    }

    /**
     * Fills the array with distinct nodes after those that are in it already: each time the best among the nodes that
     * the zones allow. Takes time in proportion to the nodes for each, and no memory.
     */
    void fill(long key, int[] into, int from, int to) {
        for (int i = from; i < to; i++) {
            into[i] = next(key, into, null, i);
        }
    }

    /** Does the same in nodes instead of their indices, so that neither form needs a second array. */
    void fill(long key, Node[] into, int from, int to) {
        for (int i = from; i < to; i++) {
            into[i] = nodes[next(key, NONE, into, i)];
        }
    }

    private int next(long key, int[] indices, Node @Nullable [] chosen, int count) {
        int best = -1;
        double shortest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < seeds.length; i++) {
            double drawn = exponential(mix(key ^ seeds[i])) / weights[i];
            if (drawn < shortest && (chosen == null ? zones.allow(i, indices, count) : zones.allow(i, chosen, count))) {
                shortest = drawn;
                best = i;
            }
        }
        return best;
    }

    /** {@return minus the logarithm of the bits as a number between 0 and 1, both excluded} */
    static double exponential(long bits) {
        double u = ((bits >>> 12) + 0.5) * 0x1p-52;
        int exponent = Math.getExponent(u);
        double mantissa = u * powerOfTwo(-exponent);
        if (mantissa > SQRT_2) {
            mantissa *= 0.5;
            exponent++;
        }
        // ln m = 2 artanh((m - 1) / (m + 1)), |(m - 1) / (m + 1)| < 0.172
        double s = (mantissa - 1) / (mantissa + 1);
        double q = s * s;
        double series = 1.0 / 19;
        for (int k = 17; k >= 1; k -= 2) {
            series = series * q + 1.0 / k;
        }
        return -(exponent * LN_2 + 2 * s * series);
    }

    private static double powerOfTwo(int exponent) {
        return Double.longBitsToDouble((long) (exponent + 1023) << 52);
    }

    /** The finalizer of SplitMix64 (variant 13 of D. Stafford). */
    static long mix(long x) {
        long y = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
        y = (y ^ (y >>> 27)) * 0x94d049bb133111ebL;
        return y ^ (y >>> 31);
    }
}
