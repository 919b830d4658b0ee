// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import org.jspecify.annotations.Nullable;

/** Independent draws in proportion to the weights. */
final class RandomPick extends Picker {
    private final Draw draw;
    private final @Nullable AliasTable byWeight;

    RandomPick(Node<?>[] nodes, int[] weights, Draw draw) {
        super(nodes);
        this.draw = draw;
        this.byWeight = equal(weights) ? null : new AliasTable(weights);
    }

    @Override
    int pick(@Nullable PickContext context) {
        long bits = draw.bits();
        return byWeight == null ? Draw.high(bits, nodes.length) : byWeight.draw(bits);
    }
}
