// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Arrays;
import java.util.List;

/**
 * Consistent hashing on a ring of points.
 *
 * <p>A hash belongs to the first point at or after it, and after the last point to the first. Each node has its virtual
 * nodes times its weight of points, made from its id and their number alone.
 *
 * <p><b>Memory.</b> A point is one long: 40 bits of place, 24 bits of owner. Points of the same place are ordered by
 * their owners and all kept, so that a collision neither loses a node nor depends on the order in which nodes came.
 *
 * <p><b>Look-up.</b> The upper bits of the hash number a bucket; the index says where its points begin. As the points are
 * random there are at most two buckets per point and a step or two suffice, at any size. The same buckets sort the points
 * when the ring is built: count, place, and order the few points of each bucket.
 *
 * <p>Source: D. Karger et al., "Consistent hashing and random trees", STOC 1997, doi:10.1145/258533.258660.
 */
final class RingPlacement extends NodeTable {
    static final int DEFAULT_VIRTUAL_NODES = 160;
    private static final int MAX_VIRTUAL_NODES = 1 << 16;
    private static final int MAX_POINTS = 1 << 24;
    private static final int OWNER_BITS = 24;
    private static final long OWNER = (1L << OWNER_BITS) - 1;
    private static final long[] NO_POINTS = {};

    private final int virtualNodes;

    /** Which bits of a place are used; all but in tests of collisions. */
    private final long mask;

    /** Unsigned order, kept as signed by flipping the highest bit. */
    private final long[] points;

    /** Where the points of each bucket begin. */
    private final int[] starts;

    private final int shift;
    private final Zones zones;

    private RingPlacement(int virtualNodes, long mask, Node[] nodes) {
        super("ring/" + virtualNodes, nodes);
        this.virtualNodes = virtualNodes;
        this.mask = mask;
        this.zones = new Zones(nodes);
        int count = count(nodes, virtualNodes);
        // At least two buckets, as a shift by 64 would be none.
        int bits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(0, count - 1)));
        this.shift = Long.SIZE - bits;
        this.starts = new int[1 << bits];
        this.points = count == 0 ? NO_POINTS : sorted(count);
    }

    static RingPlacement choice(int virtualNodes) {
        return choice(virtualNodes, -1L << OWNER_BITS);
    }

    /** A ring whose points collide more often. */
    static RingPlacement choice(int virtualNodes, long mask) {
        if (virtualNodes < 1 || virtualNodes > MAX_VIRTUAL_NODES) {
            throw new IllegalArgumentException(
                    "virtualNodes must be in range: virtualNodes=" + virtualNodes + " (expected: 1 to 65,536)");
        }
        return new RingPlacement(virtualNodes, mask, NO_NODES);
    }

    private static int count(Node[] nodes, int virtualNodes) {
        long count = 0;
        for (Node node : nodes) {
            count += (long) node.weight() * virtualNodes;
        }
        if (count > MAX_POINTS) {
            throw new IllegalArgumentException("points must not be too many: points=" + count
                    + " (expected: at most 16,777,216; virtual nodes times the sum of the weights)");
        }
        return (int) count;
    }

    private long[] sorted(int count) {
        for (Node node : nodes) {
            long seed = RapidHash.hashUtf8(node.id());
            for (int i = node.weight() * virtualNodes; i > 0; i--) {
                starts[(int) (place(seed, i) >>> shift)]++;
            }
        }
        int sum = 0;
        for (int bucket = 0; bucket < starts.length; bucket++) {
            sum += starts[bucket];
            starts[bucket] = sum;
        }
        long[] sorted = new long[count];
        for (int owner = 0; owner < nodes.length; owner++) {
            long seed = RapidHash.hashUtf8(nodes[owner].id());
            for (int i = nodes[owner].weight() * virtualNodes; i > 0; i--) {
                long place = place(seed, i);
                sorted[--starts[(int) (place >>> shift)]] = (place | owner) ^ Long.MIN_VALUE;
            }
        }
        for (int bucket = 0; bucket < starts.length; bucket++) {
            int end = bucket + 1 < starts.length ? starts[bucket + 1] : count;
            if (end - starts[bucket] > 1) {
                Arrays.sort(sorted, starts[bucket], end);
            }
        }
        return sorted;
    }

    private long place(long seed, int number) {
        return Rendezvous.mix(seed + number * Rendezvous.GOLDEN) & mask;
    }

    /** The index of the first point at or after the hash; the number of points if there is none. */
    private int position(long hash) {
        long wanted = (hash & ~OWNER) ^ Long.MIN_VALUE;
        int at = starts[(int) (hash >>> shift)];
        while (at < points.length && points[at] < wanted) {
            at++;
        }
        return at;
    }

    @Override
    public Placement over(List<Node> newNodes) {
        return new RingPlacement(virtualNodes, mask, Node.sorted(newNodes));
    }

    @Override
    public int locate(long hash) {
        long[] all = points;
        if (all.length == 0) {
            throw bare();
        }
        int at = position(hash);
        return (int) (all[at < all.length ? at : 0] & OWNER);
    }

    @Override
    public int replicas(long hash, int[] into) {
        int count = countFor(into);
        int at = position(hash);
        for (int i = 0; i < count; ) {
            at = at < points.length ? at : 0;
            int owner = (int) (points[at++] & OWNER);
            if (zones.allows(owner, into, i)) {
                into[i++] = owner;
            }
        }
        return count;
    }

    @Override
    public Properties properties() {
        return new Properties(
                true, true, true, true, true, "O(1) expected: a few neighbouring reads; 12 to 16 bytes per point");
    }

    @Override
    public long rangeEnd(long hash) {
        if (points.length == 0) {
            throw bare();
        }
        int at = position(hash);
        return at < points.length ? (points[at] ^ Long.MIN_VALUE) | OWNER : -1;
    }
}
