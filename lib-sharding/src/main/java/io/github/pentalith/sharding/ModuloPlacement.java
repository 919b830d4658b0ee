// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.List;

/** The remainder of the hash: what most deployments begin with, and what to leave behind. */
final class ModuloPlacement extends FirstOwnerPlacement {
    ModuloPlacement(Node[] nodes) {
        super("modulo", nodes);
    }

    @Override
    public Placement over(List<Node> newNodes) {
        Node[] next = Node.listed(newNodes);
        requireEqualWeights("modulo", next);
        return new ModuloPlacement(next);
    }

    @Override
    public int locate(long hash) {
        if (nodes.length == 0) {
            throw bare();
        }
        return Math.floorMod(hash, nodes.length);
    }

    @Override
    public Properties properties() {
        return new Properties(false, true, false, false, false, "O(1): a division; no table");
    }
}
