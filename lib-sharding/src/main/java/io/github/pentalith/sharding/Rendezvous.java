// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Weighted rendezvous hashing: every node draws an exponential waiting time with its weight as rate, from the key and
 * its own id alone, and the shortest wins. Whether other nodes come or go does not change a node's draw, so the order of
 * those that stay never changes.
 *
 * <p>The logarithm is computed here, by additions, multiplications and divisions, which Java rounds the same way
 * everywhere; {@code Math.log} may differ in the last bit from one processor to the next, and {@code StrictMath.log} is a
 * call out of Java on 17.
 *
 * <p>Sources: D. Thaler, C. Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM Transactions on
 * Networking 6(1), 1998, doi:10.1109/90.663936; C. Schindelhauer, G. Schomaker, "Weighted distributed hash tables", SPAA
 * 2005, doi:10.1145/1073970.1074008.
 */
final class Rendezvous {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;
    private static final double LN_2 = 0.6931471805599453;
    private static final double SQRT_2 = 1.4142135623730951;

    private final long[] seeds;
    private final double[] weights;
    private final int[] zones;
    private final int zoneCount;

    Rendezvous(Node[] nodes) {
        seeds = new long[nodes.length];
        weights = new double[nodes.length];
        zones = new int[nodes.length];
        Map<String, Integer> numbers = new HashMap<>();
        int next = 0;
        for (int i = 0; i < nodes.length; i++) {
            Node node = nodes[i];
            seeds[i] = RapidHash.hashUtf8(node.id());
            weights[i] = node.weight();
            String zone = node.zone();
            Integer known = zone == null ? null : numbers.get(zone);
            zones[i] = known == null ? next++ : known;
            if (zone != null && known == null) {
                numbers.put(zone, zones[i]);
            }
        }
        zoneCount = next;
    }

    /**
     * Fills the array with distinct nodes: the given first one, then each time the best among the nodes whose zones have
     * been used least. A node without a zone is a zone of its own.
     */
    void owners(long key, int first, int[] into) {
        long[] ranked = ranked(key);
        int[] used = new int[zoneCount];
        boolean[] taken = new boolean[seeds.length];
        int count = 0;
        into[count++] = first;
        taken[first] = true;
        used[zones[first]]++;
        for (int round = 0; count < into.length; round++) {
            for (int i = 0; i < ranked.length && count < into.length; i++) {
                int node = (int) ranked[i];
                if (!taken[node] && used[zones[node]] == round) {
                    into[count++] = node;
                    taken[node] = true;
                    used[zones[node]]++;
                }
            }
        }
    }

    /**
     * The nodes from best to worst. Positive doubles compare as their bits do, so that the low 24 bits can make room for
     * the index; it also breaks ties, by the order of the ids.
     */
    private long[] ranked(long key) {
        long[] ranked = new long[seeds.length];
        for (int i = 0; i < ranked.length; i++) {
            ranked[i] = (Double.doubleToRawLongBits(draw(key, i)) & -(1L << 24)) | i;
        }
        Arrays.sort(ranked);
        for (int i = 0; i < ranked.length; i++) {
            ranked[i] &= (1L << 24) - 1;
        }
        return ranked;
    }

    private double draw(long key, int node) {
        long mixed = mix(mix(key * GOLDEN) ^ seeds[node]);
        return exponential(mixed) / weights[node];
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
