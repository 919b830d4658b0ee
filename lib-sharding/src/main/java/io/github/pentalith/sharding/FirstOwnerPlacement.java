// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import org.jspecify.annotations.Nullable;

/**
 * A placement whose rule decides about the first owner only; the further ones are drawn by rendezvous hashing, by a key
 * that all hashes of one range have in common, or by the hash itself where there are no ranges.
 */
abstract sealed class FirstOwnerPlacement extends NodeTable
        permits SlotPlacement, RendezvousPlacement, JumpBackPlacement, MaglevPlacement, ModuloPlacement {
    /** Made when the first further owner is asked for; lost races only cost making it twice. */
    private volatile @Nullable Rendezvous draws;

    FirstOwnerPlacement(String id, Node[] nodes) {
        super(id, nodes);
    }

    final Rendezvous draws() {
        Rendezvous made = draws;
        if (made == null) {
            made = new Rendezvous(nodes);
            draws = made;
        }
        return made;
    }

    /** {@return what the further owners are drawn by} */
    long drawKey(long hash) {
        return hash;
    }

    @Override
    public int replicas(long hash, int[] into) {
        int count = countFor(into.length);
        if (count > 0) {
            into[0] = locate(hash);
            draws().fill(drawKey(hash), into, 1, count);
        }
        return count;
    }

    @Override
    int replicas(long hash, Node[] into) {
        int count = countFor(into.length);
        if (count > 0) {
            into[0] = nodes[locate(hash)];
            draws().fill(drawKey(hash), into, 1, count);
        }
        return count;
    }

    @Override
    public long rangeEnd(long hash) {
        return hash;
    }
}
