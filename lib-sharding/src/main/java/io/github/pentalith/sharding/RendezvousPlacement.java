// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.List;

/** Asks every node how much it wants the hash; see {@link Rendezvous}. */
final class RendezvousPlacement extends NodeTable {
    private final Rendezvous draws;

    RendezvousPlacement(Node[] nodes) {
        super("rendezvous", nodes);
        this.draws = new Rendezvous(nodes);
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
        return draws.best(hash);
    }

    @Override
    public int replicas(long hash, int[] into) {
        int count = countFor(into);
        draws.fill(hash, into, 0, count);
        return count;
    }

    @Override
    public Properties properties() {
        return new Properties(
                true, true, true, true, false, "O(n): a multiplication or two per node, a logarithm more if weighted");
    }

    @Override
    public long rangeEnd(long hash) {
        return hash;
    }
}
