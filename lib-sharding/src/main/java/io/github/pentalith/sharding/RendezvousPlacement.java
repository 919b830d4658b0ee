// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.List;

/** Asks every node how much it wants the hash; see {@link Rendezvous}. */
final class RendezvousPlacement extends FirstOwnerPlacement {
    RendezvousPlacement(Node[] nodes) {
        super("rendezvous", nodes);
    }

    @Override
    public Placement over(List<Node> newNodes) {
        return new RendezvousPlacement(Node.sorted(newNodes));
    }

    @Override
    public int locate(long hash) {
        if (nodes.length == 0) {
            throw bare();
        }
        return draws().best(hash);
    }

    @Override
    public Properties properties() {
        return new Properties(
                true, true, true, true, false, "O(n): a multiplication or two per node, a logarithm more if weighted");
    }
}
