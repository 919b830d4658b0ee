// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says of every endpoint whether it could be picked, and why. */
final class Explanation {
    private Explanation() {}

    static <T> List<LoadBalancer.Candidate> of(Fleet<T> fleet, PickContext context) {
        Fleet.Table<T> table = fleet.table();
        Fleet.Members<T> members = fleet.members();
        boolean untried = false;
        IdentityHashMap<Node<T>, Double> shares = new IdentityHashMap<>();
        for (int i = 0; i < table.nodes.length; i++) {
            untried |= !context.tried(table.nodes[i].id);
            shares.put(table.nodes[i], table.shares[i]);
        }
        List<LoadBalancer.Candidate> candidates = new ArrayList<>(members.nodes.length);
        for (Node<T> node : members.nodes) {
            Double share = shares.get(node);
            boolean tried = context.tried(node.id);
            String why = why(node, share, table.panic);
            if (tried) {
                why += untried ? "; tried by this request" : "; tried, but so are all others";
            }
            boolean eligible = share != null && !(tried && untried);
            candidates.add(
                    new LoadBalancer.Candidate(node.endpoint(), node.state(), eligible, tried, node.inFlight(), why));
        }
        return List.copyOf(candidates);
    }

    private static String why(Node<?> node, @Nullable Double share, boolean panic) {
        boolean ready = node.state() == LoadBalancer.State.READY;
        String why = ready ? "ready, " + node.why() : node.why();
        if (share == null) {
            return ready ? why + "; in reserve, as a better priority takes all calls" : why;
        }
        if (!ready) {
            return why + (panic ? "; used in panic" : "; used as too few are ready");
        }
        if (share == 0) {
            return why + "; only for retries, as a nearer zone takes all calls";
        }
        return share < 1
                ? why + String.format(Locale.ROOT, "; its priority and zone get %.0f %% of the calls", 100 * share)
                : why;
    }
}
