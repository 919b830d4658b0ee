// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import io.github.pentalith.testkit.HouseRules;

class HouseTest extends HouseRules {
    HouseTest() {
        super("loadbalance", "io.github.pentalith.sharding..");
    }
}
