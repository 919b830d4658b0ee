// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import io.github.pentalith.testkit.HouseRules;

class HouseTest extends HouseRules {
    HouseTest() {
        super("resilience");
    }
}
