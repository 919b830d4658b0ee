// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Consistent hashing on a ring of points.
 *
 * <p>A hash belongs to the first point at or after it, and after the last point to the first. Each node has its virtual
 * nodes times its weight of points, made from its id and their number alone. Points of the same place are ordered by
 * their owners and all kept, so that a collision neither loses a node nor depends on the order in which nodes came.
 *
 * <p>How points are stored, found and changed: {@link RingPoints}.
 *
 * <p>Source: D. Karger et al., "Consistent hashing and random trees", STOC 1997, doi:10.1145/258533.258660.
 */
final class RingPlacement extends NodeTable {
    static final int DEFAULT_VIRTUAL_NODES = 160;
    private static final int MAX_VIRTUAL_NODES = 1 << 16;
    private static final int MAX_POINTS = 1 << 24;
    private static final long[] NO_POINTS = {};
    private static final int[] NO_INDICES = {};

    private final int virtualNodes;

    /** Which bits of a place are used; all but in tests of collisions. */
    private final long mask;

    private final @Nullable RingPoints ring;

    // What a look-up reads, without the way through the ring.
    private final long[] points;
    private final long homes;
    private final @Nullable Node[] owners;

    /** The index of each node by its number on the ring, which it keeps while others come and go. */
    private final int[] indices;

    private final Zones zones;

    private RingPlacement(int virtualNodes, long mask, Node[] nodes, @Nullable RingPoints ring, int[] indices) {
        super("ring/" + virtualNodes, nodes);
        this.virtualNodes = virtualNodes;
        this.mask = mask;
        this.ring = ring;
        this.points = ring == null ? NO_POINTS : ring.points;
        this.homes = ring == null ? 0 : ring.homes;
        this.owners = ring == null ? NO_NODES : ring.owners;
        this.indices = indices;
        this.zones = new Zones(nodes);
    }

    static RingPlacement choice(int virtualNodes) {
        return choice(virtualNodes, -1L << RingPoints.OWNER_BITS);
    }

    /** A ring whose points collide more often. */
    static RingPlacement choice(int virtualNodes, long mask) {
        if (virtualNodes < 1 || virtualNodes > MAX_VIRTUAL_NODES) {
            throw new IllegalArgumentException(
                    "virtualNodes must be in range: virtualNodes=" + virtualNodes + " (expected: 1 to 65,536)");
        }
        return new RingPlacement(virtualNodes, mask, NO_NODES, null, NO_INDICES);
    }

    @Override
    public Placement over(List<Node> newNodes) {
        Node[] next = Node.sorted(newNodes);
        int[] counts = new int[next.length];
        int count = count(next, counts);
        RingPlacement changed = ring == null ? null : changedBy(ring, next, count);
        if (changed != null) {
            return changed;
        }
        int[] own = new int[next.length];
        Arrays.setAll(own, i -> i);
        return new RingPlacement(virtualNodes, mask, next, RingPoints.build(next, counts, count, mask), own);
    }

    private int count(Node[] next, int[] counts) {
        long count = 0;
        for (int i = 0; i < next.length; i++) {
            long own = (long) next[i].weight() * virtualNodes;
            counts[i] = (int) Math.min(own, Integer.MAX_VALUE);
            count += own;
        }
        if (count > MAX_POINTS) {
            throw new IllegalArgumentException("points must not be too many: points=" + count
                    + " (expected: at most 16,777,216; virtual nodes times the sum of the weights)");
        }
        return (int) count;
    }

    /** The ring after a change of one node: come, gone, replaced or changed in itself; null after any other. */
    private @Nullable RingPlacement changedBy(RingPoints before, Node[] next, int count) {
        int by = next.length - nodes.length;
        int at = Arrays.mismatch(nodes, next);
        if (at < 0) {
            return this;
        }
        boolean leaves = by <= 0;
        boolean comes = by >= 0;
        if (Math.abs(by) > 1
                || !Arrays.equals(
                        nodes, at + (leaves ? 1 : 0), nodes.length, next, at + (comes ? 1 : 0), next.length)) {
            return null;
        }
        int number = leaves ? numberOf(at) : before.freeNumber();
        int had = leaves ? nodes[at].weight() * virtualNodes : 0;
        int has = comes ? next[at].weight() * virtualNodes : 0;
        RingPoints changed = before.changed(number, comes ? next[at] : null, had, has, count, mask);
        if (changed == null) {
            return null;
        }
        int[] moved = Arrays.copyOf(indices, changed.owners.length);
        for (int i = 0; i < moved.length; i++) {
            moved[i] += moved[i] >= at ? by : 0;
        }
        moved[number] = at;
        return new RingPlacement(virtualNodes, mask, next, changed, moved);
    }

    private int numberOf(int index) {
        int number = 0;
        while (owners[number] == null || indices[number] != index) {
            number++;
        }
        return number;
    }

    private int position(long hash) {
        return RingPoints.position(points, homes, hash);
    }

    private int indexAt(int position) {
        return indices[(int) (points[position] & RingPoints.OWNER)];
    }

    @Nullable
    RingPoints ring() {
        return ring;
    }

    /** The last entry, which stands for the first point. */
    private int last() {
        if (ring == null) {
            throw bare();
        }
        return points.length - 1;
    }

    @Override
    public int locate(long hash) {
        if (points.length == 0) {
            throw bare();
        }
        return indices[RingPoints.owner(points, homes, hash)];
    }

    @Override
    public int replicas(long hash, int[] into) {
        int count = countFor(into.length);
        int last = last();
        int at = position(hash);
        for (int i = 0; i < count; at++) {
            at = at < last ? at : 0;
            int owner = indexAt(at);
            if (zones.allow(owner, into, i)) {
                into[i++] = owner;
            }
        }
        return count;
    }

    @Override
    int replicas(long hash, Node[] into) {
        int count = countFor(into.length);
        int last = last();
        int at = position(hash);
        for (int i = 0; i < count; at++) {
            at = at < last ? at : 0;
            int owner = indexAt(at);
            if (zones.allow(owner, into, i)) {
                into[i++] = nodes[owner];
            }
        }
        return count;
    }

    @Override
    public Properties properties() {
        return new Properties(
                true, true, true, true, true, "O(1) expected: one or two neighbouring reads; 13 to 16 bytes per point");
    }

    @Override
    public long rangeEnd(long hash) {
        int last = last();
        long point = points[position(hash)];
        return point < points[last] ? (point ^ Long.MIN_VALUE) | RingPoints.OWNER : -1;
    }
}
