// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

class HouseTest extends HouseRules {
    HouseTest() {
        super("testkit", "org.junit..", "org.apache.commons.statistics..");
    }
}
