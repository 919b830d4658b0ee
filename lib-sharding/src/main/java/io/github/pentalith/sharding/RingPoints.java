// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The sorted points of a ring, in one array that is its own index.
 *
 * <p><b>Layout.</b> A point is one long: 40 bits of place, 24 bits for the number of its owner, the highest bit flipped so
 * that signed order is unsigned order. A point has a home, the part of the array that its place is of the whole ring, and
 * lies there, or as near behind it as the points before it leave room. Entries between points hold a copy of the next
 * one. This is linear probing kept in order (O. Amble, D. Knuth, "Ordered hash tables", The Computer Journal 17(2), 1974,
 * doi:10.1093/comjnl/17.2.135), and depends on the set of points and the number of homes alone. There are 13 entries for 8
 * points, so a point takes 13 bytes, and less than 16 after any change.
 *
 * <p><b>Look-up.</b> From the home of the hash a step or two lead to the first entry that is not below it: mostly a single
 * access to memory, where a separate index would be a second one. (Comparing several entries at once without a branch was
 * measured, and is slower.) The last entry is a copy of the first point at the greatest place, so that the ring closes
 * without a test.
 *
 * <p><b>Building</b> deals the points out to coarse ranges first, so that putting each in its place stays within the
 * caches. <b>A change of one node</b> copies the array as it is and puts that node's points in or takes them out; other
 * nodes keep their numbers.
 */
final class RingPoints {
    static final int OWNER_BITS = 24;
    static final long OWNER = (1L << OWNER_BITS) - 1;

    /** The greatest place there is; no point lies there, but the copy of the first. */
    private static final long CLOSING = Long.MAX_VALUE & ~OWNER;

    /** An entry that has no point yet: above all others, so that the least of an entry and the next fills it. */
    private static final long EMPTY = Long.MAX_VALUE;

    private static final int MAX_COARSE_BITS = 11;

    final long[] points;
    final int homes;

    /** The nodes by their numbers; null where one has gone. */
    final @Nullable Node[] owners;

    private RingPoints(long[] points, int homes, @Nullable Node[] owners) {
        this.points = points;
        this.homes = homes;
        this.owners = owners;
    }

    private static int homes(int count) {
        return count + count / 2 + count / 8 + 1;
    }

    /** {@return whether so many points are neither too crowded here nor take too much memory} */
    private boolean fits(int count) {
        return count <= homes * 0.7 && points.length <= count * 1.95;
    }

    /** {@return where a node's point of this number lies, as it is stored} */
    private static long place(long seed, int number, long mask) {
        return Math.min(
                (Rendezvous.mix(seed + number * Rendezvous.GOLDEN) & mask) ^ Long.MIN_VALUE,
                CLOSING - (1L << OWNER_BITS));
    }

    /** {@return where to look for a hash, or for a point with the highest bit flipped back} */
    private static int home(long hash, long homes) {
        return (int) (((hash >>> Integer.SIZE) * homes) >>> Integer.SIZE);
    }

    /** {@return the index of the first entry at or after the hash; it may be the last, which stands for the first point} */
    static int position(long[] points, long homes, long hash) {
        long wanted = (hash & ~OWNER) ^ Long.MIN_VALUE;
        int at = home(hash, homes);
        while (points[at] < wanted) {
            at++;
        }
        return at;
    }

    /** {@return the number of the owner of the hash} */
    static int owner(long[] points, long homes, long hash) {
        long wanted = (hash & ~OWNER) ^ Long.MIN_VALUE;
        int at = home(hash, homes);
        long point = points[at];
        while (point < wanted) {
            point = points[++at];
        }
        return (int) (point & OWNER);
    }

    /** {@return the ring of these nodes, numbered as they are given; {@code counts} says how many points each has} */
    static RingPoints build(Node[] nodes, int[] counts, int count, long mask) {
        long[] dealt = dealt(nodes, counts, count, mask);
        // Points at the end of the ring spill over the last home. Room for all is rarely needed, but then it must do.
        int homes = homes(count);
        long[] points = new long[homes + 4 + count / 32];
        if (!putAll(dealt, points, homes)) {
            points = new long[homes + count + 1];
            putAll(dealt, points, homes);
        }
        int last = points.length - 1;
        long next = CLOSING;
        points[last] = next;
        for (int i = last - 1; i >= 0; i--) {
            next = Math.min(next, points[i]);
            points[i] = next;
        }
        RingPoints ring = new RingPoints(points, homes, nodes.clone());
        ring.close();
        return ring;
    }

    /** All points, those of coarse ranges of places together. */
    private static long[] dealt(Node[] nodes, int[] counts, int count, long mask) {
        int coarseBits = Math.min(MAX_COARSE_BITS, Integer.SIZE - 1 - Integer.numberOfLeadingZeros(count));
        int coarseShift = Long.SIZE - 1 - coarseBits;
        long[] seeds = new long[nodes.length];
        int[] ends = new int[1 << coarseBits];
        for (int owner = 0; owner < nodes.length; owner++) {
            long seed = RapidHash.hashUtf8(nodes[owner].id());
            seeds[owner] = seed;
            for (int number = 1; number <= counts[owner]; number++) {
                ends[coarse(place(seed, number, mask), coarseShift)]++;
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
                dealt[ends[coarse(place, coarseShift)]++] = place | owner;
            }
        }
        return dealt;
    }

    /** In two shifts, as Java takes one by 64 as one by 0. */
    private static int coarse(long place, int shift) {
        return (int) ((place ^ Long.MIN_VALUE) >>> 1 >>> shift);
    }

    /** {@return whether there was room for all} */
    private static boolean putAll(long[] dealt, long[] points, int homes) {
        Arrays.fill(points, EMPTY);
        int last = points.length - 1;
        for (long point : dealt) {
            int at = home(point ^ Long.MIN_VALUE, homes);
            while (points[at] < point) {
                at++;
            }
            // A node that has the same point twice has it once.
            long carried = points[at] == point ? EMPTY : point;
            while (carried != EMPTY) {
                if (at == last) {
                    return false;
                }
                long next = points[at];
                points[at++] = carried;
                carried = next;
            }
        }
        return true;
    }

    /** Makes the entries behind the last point copies of the first point at the greatest place. */
    private void close() {
        long closing = CLOSING | (points[0] & OWNER);
        for (int i = points.length - 1; points[i] >= CLOSING && points[i] != closing; i--) {
            points[i] = closing;
        }
    }

    /** {@return the least number that no node has} */
    int freeNumber() {
        int number = 0;
        while (number < owners.length && owners[number] != null) {
            number++;
        }
        return number;
    }

    /**
     * {@return this ring with one node less, more, or instead of another; null if it must be built anew}
     *
     * @param number the number of the node that goes, or that the new one is to have
     * @param next the node that has the number from now on; null for none
     * @param had how many points the number had
     * @param has how many it is to have
     * @param count how many points there are to be in all
     */
    @Nullable
    RingPoints changed(int number, @Nullable Node next, int had, int has, int count, long mask) {
        @Nullable Node[] nextOwners = Arrays.copyOf(owners, Math.max(owners.length, number + 1));
        Node before = nextOwners[number];
        nextOwners[number] = next;
        boolean stays = before != null && next != null && before.id().equals(next.id());
        if (stays && had == has) {
            return new RingPoints(points, homes, nextOwners);
        }
        if (!fits(count)) {
            return null;
        }
        RingPoints ring = new RingPoints(points.clone(), homes, nextOwners);
        if (before != null) {
            long seed = RapidHash.hashUtf8(before.id());
            for (int i = stays ? has + 1 : 1; i <= had; i++) {
                ring.remove(place(seed, i, mask) | number);
            }
        }
        if (next != null) {
            long seed = RapidHash.hashUtf8(next.id());
            for (int i = 1; i <= has; i++) {
                if (!ring.insert(place(seed, i, mask) | number, next.id())) {
                    return null;
                }
            }
        }
        ring.close();
        return ring;
    }

    /** {@return false if there is no room} */
    private boolean insert(long point, String id) {
        int at = position(points, homes, point ^ Long.MIN_VALUE);
        for (; isSamePlace(points[at], point); at++) {
            if (points[at] == point) {
                return true;
            }
            Node other = Objects.requireNonNull(owners[(int) (points[at] & OWNER)]);
            if (other.id().compareTo(id) > 0) {
                break;
            }
        }
        long after = points[at];
        for (int i = at - 1; i >= 0 && points[i] == after; i--) {
            points[i] = point;
        }
        long carried = point;
        boolean occupied = true;
        while (occupied) {
            if (at == points.length - 1) {
                return false;
            }
            long next = points[at];
            occupied = next != points[at + 1];
            points[at++] = carried;
            carried = next;
        }
        return true;
    }

    private void remove(long point) {
        int at = position(points, homes, point ^ Long.MIN_VALUE);
        while (points[at] != point) {
            if (!isSamePlace(points[at], point)) {
                return; // the node had it twice
            }
            at++;
        }
        int last = points.length - 1;
        int gap = at;
        while (gap + 1 < last
                && points[gap + 1] != points[gap + 2]
                && home(points[gap + 1] ^ Long.MIN_VALUE, homes) <= gap) {
            points[gap] = points[gap + 1];
            gap++;
        }
        points[gap] = points[gap + 1];
        for (int i = at - 1; i >= 0 && points[i] == point; i--) {
            points[i] = points[at];
        }
    }

    private static boolean isSamePlace(long a, long b) {
        return ((a ^ b) & ~OWNER) == 0;
    }
}
