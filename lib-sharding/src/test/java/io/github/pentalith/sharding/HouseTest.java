// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import io.github.pentalith.testkit.HouseRules;

class HouseTest extends HouseRules {
    HouseTest() {
        super("sharding", "com.dynatrace.hash4j..");
    }
}
