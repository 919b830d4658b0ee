// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import io.github.pentalith.testkit.HouseRules;
import java.util.List;

class HouseTest extends HouseRules {
    HouseTest() {
        super("sharding", "com.dynatrace.hash4j..", "com.google.common..");
    }

    @Override
    protected List<Exclusive> exclusives() {
        return List.of(onlyIn("compat", "com.google.common.."));
    }
}
