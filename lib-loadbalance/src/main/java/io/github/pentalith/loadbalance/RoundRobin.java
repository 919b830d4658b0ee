// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import org.jspecify.annotations.Nullable;

/** One after the other. The sequence outlives the tables, so a change does not begin anew with the first. */
final class RoundRobin extends Picker {
    private final StripedSequence sequence;

    RoundRobin(Node<?>[] nodes, StripedSequence sequence) {
        super(nodes);
        this.sequence = sequence;
    }

    @Override
    int pick(@Nullable PickContext context) {
        return sequence.next(nodes.length);
    }
}
