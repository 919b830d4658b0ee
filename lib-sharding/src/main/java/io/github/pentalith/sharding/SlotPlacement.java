// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A table from the upper bits of the hash to the index of a node.
 *
 * <p>A canonical table gives each node one run of slots, in the order of the nodes. A change frees the last slots of
 * each node that has too many and hands them, first to last, to the nodes that have too few, so that moves are few long
 * ranges and snapshots stay small.
 */
final class SlotPlacement extends FirstOwnerPlacement {
    static final int DEFAULT_SLOTS = 1 << 16;
    private static final int MIN_SLOTS = 1 << 4;
    private static final int MAX_SLOTS = 1 << 24;
    private static final int[] NO_TABLE = {};

    /** Replicas remembered per slot at least, so that asking for two and then three does not sort twice. */
    private static final int REMEMBERED = 3;

    private final int slots;
    private final int shift;
    private final int[] table;

    /** The node that keeps a copy of each slot, by {@link SlotPlanner#kept}; empty if there is none. */
    private final int[] kept;

    /** Owners per slot, filled on demand; lost races only cost a second computation of the same answer. */
    private volatile @Nullable AtomicReferenceArray<int[]> owners;

    private SlotPlacement(int slots, Node[] nodes, int[] table, int[] kept) {
        super("slots/" + slots, nodes);
        this.slots = slots;
        this.shift = Long.SIZE - Integer.numberOfTrailingZeros(slots);
        this.table = table;
        this.kept = kept;
    }

    static SlotPlacement choice(int slots) {
        if (slots < MIN_SLOTS || slots > MAX_SLOTS || Integer.bitCount(slots) != 1) {
            throw new IllegalArgumentException(
                    "slots must be a power of two: slots=" + slots + " (expected: 16 to 16,777,216)");
        }
        return new SlotPlacement(slots, NO_NODES, NO_TABLE, NO_TABLE);
    }

    /**
     * A table that came from elsewhere.
     *
     * @param sorted the nodes, sorted
     * @param restoredTable the owner of each slot
     * @param restoredKept the node that keeps a copy of each slot, or nothing
     */
    SlotPlacement restored(Node[] sorted, int[] restoredTable, int[] restoredKept) {
        if (restoredKept.length > 0
                && !Arrays.equals(
                        SlotPlanner.kept(sorted, restoredTable, restoredKept, sorted, restoredTable), restoredKept)) {
            throw new IllegalArgumentException(
                    "copies must be kept in zones other than the owner's, that others share");
        }
        return new SlotPlacement(slots, sorted, restoredTable, restoredKept);
    }

    int[] kept() {
        return kept;
    }

    int[] table() {
        return table;
    }

    /** {@return the node that owns each slot, in a new array} */
    Node[] ownersOfSlots() {
        Node[] owned = new Node[table.length];
        for (int slot = 0; slot < owned.length; slot++) {
            owned[slot] = nodes[table[slot]];
        }
        return owned;
    }

    int shift() {
        return shift;
    }

    int slots() {
        return slots;
    }

    @Override
    public Placement over(List<Node> newNodes) {
        Node[] sorted = Node.sorted(newNodes);
        if (sorted.length > slots) {
            throw new IllegalArgumentException("nodes must not outnumber the slots: nodes=" + sorted.length
                    + " (expected: 1 to " + slots + ", or more slots)");
        }
        int[] planned = SlotPlanner.plan(nodes, table, sorted, slots);
        return new SlotPlacement(slots, sorted, planned, SlotPlanner.kept(nodes, table, kept, sorted, planned));
    }

    @Override
    public int locate(long hash) {
        if (table.length == 0) {
            throw bare();
        }
        return table[(int) (hash >>> shift)];
    }

    @Override
    public int replicas(long hash, int[] into) {
        int count = countFor(into.length);
        System.arraycopy(owners(hash, count), 0, into, 0, count);
        return count;
    }

    @Override
    int replicas(long hash, Node[] into) {
        int count = countFor(into.length);
        int[] found = owners(hash, count);
        for (int i = 0; i < count; i++) {
            into[i] = nodes[found[i]];
        }
        return count;
    }

    /** {@return at least so many owners of the hash, as far as there are nodes; not to be written to} */
    private int[] owners(long hash, int count) {
        AtomicReferenceArray<int[]> remembered = owners;
        if (remembered == null) {
            remembered = new AtomicReferenceArray<>(slots);
            owners = remembered;
        }
        int slot = (int) (hash >>> shift);
        int[] found = remembered.getAcquire(slot);
        if (found == null || found.length < count) {
            found = new int[Math.min(nodes.length, Math.max(count, REMEMBERED))];
            found[0] = table[slot];
            int from = 1;
            if (kept.length > 0 && kept[slot] != SlotPlanner.FREE && found.length > 1) {
                found[from++] = kept[slot];
            }
            draws().fill(drawKey(hash), found, from, found.length);
            remembered.setRelease(slot, found);
        }
        return found;
    }

    @Override
    long drawKey(long hash) {
        return Rendezvous.keyOf((int) (hash >>> shift));
    }

    @Override
    public Properties properties() {
        return new Properties(
                true, true, true, false, true, "O(1): one read of a table; 8 bytes per slot, " + 8L * slots + " bytes");
    }

    @Override
    public long rangeEnd(long hash) {
        if (table.length == 0) {
            throw bare();
        }
        return hash | (-1L >>> (Long.SIZE - shift));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return super.equals(other)
                && other instanceof SlotPlacement that
                && Arrays.equals(table, that.table)
                && Arrays.equals(kept, that.kept);
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + Arrays.hashCode(table);
    }
}
