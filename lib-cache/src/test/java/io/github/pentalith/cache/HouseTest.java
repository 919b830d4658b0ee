// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.testkit.HouseRules;
import java.util.List;

class HouseTest extends HouseRules {
    HouseTest() {
        super(
                "cache",
                "io.github.pentalith.resilience..",
                "com.github.benmanes.caffeine..",
                "redis.clients.jedis..",
                "com.fasterxml.jackson..",
                "org.springframework..");
    }

    @Override
    protected List<Exclusive> exclusives() {
        return List.of(
                onlyIn("redis", "redis.clients.."),
                onlyIn("json", "com.fasterxml.jackson.."),
                onlyIn("spring", "org.springframework.."));
    }
}
