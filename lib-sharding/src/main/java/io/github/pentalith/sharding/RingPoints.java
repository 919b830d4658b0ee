// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Arrays;

/**
 * The sorted points of a ring and the index into them.
 *
 * <p><b>Memory.</b> A point is one long: 40 bits of place, 24 bits of owner, the highest bit flipped so that signed order
 * is unsigned order. The index numbers buckets by the upper bits of the place, one to two points each, and says where
 * each begins: 10 to 12 bytes per point in all.
 *
 * <p><b>Look-up.</b> As the points are random, a step or two from the beginning of the bucket decide, at any size.
 * (Comparing several points at once without a branch was measured, and is slower.) Behind the last point stands a copy
 * of the first at the greatest place, so that the ring closes without a test.
 *
 * <p><b>Building</b> takes three passes that each stay within the caches: count the points of coarse buckets, deal the
 * points out to them, then sort each by its index buckets. <b>A change of one node</b> copies what lies between the
 * points that come or go, and renumbers the owners behind that node on the way.
 */
final class RingPoints {
    static final int OWNER_BITS = 24;
    static final long OWNER = (1L << OWNER_BITS) - 1;

    private static final int MAX_COARSE_BITS = 11;
    private static final int FEW = 24;

    final long[] points;
    final int[] starts;
    final int shift;
    final int count;

    private RingPoints(long[] points, int[] starts, int count) {
        this.points = points;
        this.starts = starts;
        this.count = count;
        this.shift = Long.SIZE - Integer.numberOfTrailingZeros(starts.length);
    }

    /** At least two buckets, as a shift by 64 would be none. */
    private static int[] starts(int count) {
        return new int[Math.max(2, Integer.highestOneBit(count))];
    }

    /** {@return where a node's point of this number lies} */
    private static long place(long seed, int number, long mask) {
        return Rendezvous.mix(seed + number * Rendezvous.GOLDEN) & mask;
    }

    private static long point(long place, int owner) {
        return (place | owner) ^ Long.MIN_VALUE;
    }

    /** The bucket of a point as it is stored. */
    private static int bucket(long point, int shift) {
        return (int) ((point ^ Long.MIN_VALUE) >>> shift);
    }

    /** {@return the points of one node, of these numbers, sorted} */
    static long[] of(Node node, int owner, int firstNumber, int lastNumber, long mask) {
        long seed = RapidHash.hashUtf8(node.id());
        long[] points = new long[Math.max(0, lastNumber - firstNumber + 1)];
        for (int i = 0; i < points.length; i++) {
            points[i] = point(place(seed, firstNumber + i, mask), owner);
        }
        Arrays.sort(points);
        return points;
    }

    /** {@return the ring of these nodes; {@code counts} says how many points each has} */
    static RingPoints build(Node[] nodes, int[] counts, int count, long mask) {
        RingPoints ring = new RingPoints(new long[count + 1], starts(count), count);
        int bits = Long.SIZE - ring.shift;
        int coarseBits = Math.max(0, Math.min(MAX_COARSE_BITS, bits - 1));
        int coarseShift = Long.SIZE - coarseBits;
        long[] seeds = new long[nodes.length];
        int[] ends = new int[1 << coarseBits];
        for (int owner = 0; owner < nodes.length; owner++) {
            long seed = RapidHash.hashUtf8(nodes[owner].id());
            seeds[owner] = seed;
            for (int number = 1; number <= counts[owner]; number++) {
                ends[upper(place(seed, number, mask), coarseShift)]++;
            }
        }
        int sum = 0;
        for (int coarse = 0; coarse < ends.length; coarse++) {
            int size = ends[coarse];
            ends[coarse] = sum;
            sum += size;
        }
        long[] dealt = new long[count];
        for (int owner = 0; owner < nodes.length; owner++) {
            long seed = seeds[owner];
            for (int number = 1; number <= counts[owner]; number++) {
                long place = place(seed, number, mask);
                dealt[ends[upper(place, coarseShift)]++] = point(place, owner);
            }
        }
        int from = 0;
        for (int coarse = 0; coarse < ends.length; coarse++) {
            ring.sort(dealt, from, ends[coarse], coarse << (bits - coarseBits), 1 << (bits - coarseBits));
            from = ends[coarse];
        }
        ring.close();
        return ring;
    }

    /** A shift by 64, which Java takes as one by 0, is to give 0. */
    private static int upper(long place, int shift) {
        return shift == Long.SIZE ? 0 : (int) (place >>> shift);
    }

    /** Sorts the points from one array into the same range of the ring, whose buckets these are; fills the index. */
    private void sort(long[] dealt, int from, int to, int firstBucket, int buckets) {
        for (int i = from; i < to; i++) {
            starts[bucket(dealt[i], shift)]++;
        }
        int sum = from;
        for (int bucket = firstBucket; bucket < firstBucket + buckets; bucket++) {
            sum += starts[bucket];
            starts[bucket] = sum;
        }
        for (int i = to - 1; i >= from; i--) {
            points[--starts[bucket(dealt[i], shift)]] = dealt[i];
        }
        int begin = from;
        for (int bucket = firstBucket + 1; bucket <= firstBucket + buckets; bucket++) {
            int end = bucket < firstBucket + buckets ? starts[bucket] : to;
            if (end - begin > FEW) {
                Arrays.sort(points, begin, end);
            } else {
                insertionSort(begin, end);
            }
            begin = end;
        }
    }

    private void insertionSort(int begin, int end) {
        for (int i = begin + 1; i < end; i++) {
            long point = points[i];
            int at = i;
            while (at > begin && points[at - 1] > point) {
                points[at] = points[at - 1];
                at--;
            }
            points[at] = point;
        }
    }

    /** Puts the copy of the first point behind the last. */
    private void close() {
        points[count] = (Long.MAX_VALUE & ~OWNER) | (points[0] & OWNER);
    }

    /**
     * {@return this ring with some points less and some more}
     *
     * @param gone points of this ring, sorted
     * @param fresh points of the new ring, sorted
     * @param renumberedFrom the first owner whose number changes
     * @param by by how much: -1, 0 or 1
     */
    RingPoints changed(long[] gone, long[] fresh, int renumberedFrom, int by) {
        if (gone.length == 0 && fresh.length == 0) {
            return this;
        }
        int nextCount = count + fresh.length - gone.length;
        RingPoints next = new RingPoints(new long[nextCount + 1], starts(nextCount), nextCount);
        int from = 0;
        int to = 0;
        int g = 0;
        int f = 0;
        while (g < gone.length || f < fresh.length) {
            int cut = g < gone.length ? lowerBound(gone[g], from, 0, 0) : count;
            int insert = f < fresh.length ? lowerBound(fresh[f], from, renumberedFrom, by) : count;
            boolean add = f < fresh.length && insert <= cut;
            int end = add ? insert : cut;
            renumber(points, from, end, next.points, to, renumberedFrom, by);
            to += end - from;
            from = end;
            if (add) {
                next.points[to++] = fresh[f++];
            } else {
                from++;
                g++;
            }
        }
        renumber(points, from, count, next.points, to, renumberedFrom, by);
        next.close();
        if (next.shift == shift) {
            next.adjustIndex(starts, gone, fresh);
        } else {
            next.index();
        }
        return next;
    }

    /** The first point from an index on that, renumbered, is not below the given one. */
    private int lowerBound(long point, int from, int renumberedFrom, int by) {
        int at = Math.max(from, starts[bucket(point, shift)]);
        while (at < count && renumbered(points[at], renumberedFrom, by) < point) {
            at++;
        }
        return at;
    }

    /** Arithmetic instead of a branch, and only such as can be done to several points at once. */
    private static long renumbered(long point, long renumberedFrom, long by) {
        return point + (by & -((renumberedFrom - 1 - (point & OWNER)) >>> (Long.SIZE - 1)));
    }

    private static void renumber(long[] source, int from, int end, long[] target, int to, int renumberedFrom, int by) {
        if (by == 0) {
            System.arraycopy(source, from, target, to, end - from);
            return;
        }
        int offset = to - from;
        for (int i = from; i < end; i++) {
            target[i + offset] = renumbered(source[i], renumberedFrom, by);
        }
    }

    private void adjustIndex(int[] old, long[] gone, long[] fresh) {
        int bucket = 0;
        int difference = 0;
        int g = 0;
        int f = 0;
        while (g < gone.length || f < fresh.length) {
            boolean add = g == gone.length || (f < fresh.length && bucket(fresh[f], shift) <= bucket(gone[g], shift));
            int last = bucket(add ? fresh[f++] : gone[g++], shift);
            for (; bucket <= last; bucket++) {
                starts[bucket] = old[bucket] + difference;
            }
            difference += add ? 1 : -1;
        }
        for (; bucket < starts.length; bucket++) {
            starts[bucket] = old[bucket] + difference;
        }
    }

    private void index() {
        int at = 0;
        for (int bucket = 0; bucket < starts.length; bucket++) {
            while (at < count && bucket(points[at], shift) < bucket) {
                at++;
            }
            starts[bucket] = at;
        }
    }

    /** {@return the index of the first point at or after the hash; the number of points if there is none} */
    static int position(long[] points, int[] starts, int shift, long hash) {
        long wanted = (hash & ~OWNER) ^ Long.MIN_VALUE;
        int at = starts[(int) (hash >>> shift)];
        while (points[at] < wanted) {
            at++;
        }
        return at;
    }
}
