// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.migrate;

import io.github.pentalith.sharding.Node;

/**
 * A range of hashes whose keys must be copied from one node to another.
 *
 * <p><b>Thread-safety:</b> immutable.
 *
 * @param first the first hash of the range, in unsigned order
 * @param last the last hash of the range, included
 * @param from a node that has the keys and is not to keep them
 * @param to the node that is to have them
 * @param replica which copy of the keys {@code to} becomes: 0 for the first owner
 */
public record Move(long first, long last, Node from, Node to, int replica) {
    /**
     * {@return whether keys of this hash are in the range}
     *
     * @param hash a hash by the hasher of the maps
     */
    public boolean contains(long hash) {
        return Long.compareUnsigned(first, hash) <= 0 && Long.compareUnsigned(hash, last) <= 0;
    }

    /** {@return the part of all hashes that is in the range, more than 0 and at most 1} */
    public double fraction() {
        return hashes(first, last) * 0x1p-64;
    }

    /** The number of hashes in a range, rounded to a double. */
    static double hashes(long first, long last) {
        long width = last - first;
        return (width >>> 1) * 2.0 + (width & 1) + 1;
    }
}
