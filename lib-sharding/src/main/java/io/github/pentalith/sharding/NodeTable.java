// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What all placements share: their nodes, their name, and what to say when there are no nodes yet. */
abstract sealed class NodeTable implements Placement permits FirstOwnerPlacement, RingPlacement {
    static final Node[] NO_NODES = {};

    final Node[] nodes;
    private final List<Node> list;
    private final String id;

    /** The array must not change from now on. */
    NodeTable(String id, Node[] nodes) {
        this.id = id;
        this.nodes = nodes;
        this.list = Collections.unmodifiableList(Arrays.asList(nodes));
    }

    /** The bare choice with this id, or null if this version does not know it. */
    static @Nullable Placement choice(String id) {
        int slash = id.indexOf('/');
        String name = slash < 0 ? id : id.substring(0, slash);
        try {
            int parameter = slash < 0 ? 0 : Integer.parseInt(id.substring(slash + 1));
            Placement choice = switch (name) {
                case "slots" -> Placement.slots(parameter);
                case "ring" -> Placement.ring(parameter);
                case "rendezvous" -> Placement.rendezvous();
                case "jumpBack" -> Placement.jumpBack();
                case "maglev" -> Placement.maglev(parameter);
                case "modulo" -> Placement.modulo();
                default -> null;
            };
            return choice != null && choice.id().equals(id) ? choice : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    @Override
    public final String id() {
        return id;
    }

    @Override
    public final List<Node> nodes() {
        return list;
    }

    final IllegalStateException bare() {
        return new IllegalStateException("placement must have nodes: nodes=[] (expected: the result of over(nodes))");
    }

    /** Does the same as {@link #replicas(long, int[])}, but writes the nodes themselves. */
    abstract int replicas(long hash, Node[] into);

    /** How many of so many places can be filled; refuses a bare choice. */
    final int countFor(int places) {
        if (nodes.length == 0) {
            throw bare();
        }
        return Math.min(places, nodes.length);
    }

    static void requireEqualWeights(String what, Node[] nodes) {
        for (Node node : nodes) {
            if (node.weight() != nodes[0].weight()) {
                throw new IllegalArgumentException("weight must be the same for all nodes of " + what + ": id="
                        + node.id() + ", weight=" + node.weight() + " (expected: " + nodes[0].weight() + ", that of "
                        + nodes[0].id() + ")");
            }
        }
    }

    @Override
    public final String toString() {
        return "Placement[" + id + ", nodes=" + nodes.length + "]";
    }

    /** Tables are equal if they place every hash alike; all but the slots follow from their nodes. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NodeTable that && id.equals(that.id) && Arrays.equals(nodes, that.nodes);
    }

    @Override
    public int hashCode() {
        return 31 * id.hashCode() + Arrays.hashCode(nodes);
    }
}
