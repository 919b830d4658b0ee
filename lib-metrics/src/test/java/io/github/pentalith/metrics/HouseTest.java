// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import io.github.pentalith.testkit.HouseRules;
import java.util.List;

class HouseTest extends HouseRules {
    HouseTest() {
        super("metrics", "io.github.pentalith..");
    }

    @Override
    protected List<Exclusive> exclusives() {
        return List.of(
                onlyIn("bind", "io.github.pentalith.sharding.."),
                onlyIn("bind", "io.github.pentalith.resilience.."),
                onlyIn("bind", "io.github.pentalith.loadbalance.."),
                onlyIn("bind", "io.github.pentalith.cache.."));
    }
}
