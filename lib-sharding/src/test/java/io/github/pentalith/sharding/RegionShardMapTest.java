// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;

class RegionShardMapTest {
    private static RegionShardMap.Builder<String> builder() {
        return RegionShardMap.<String>builder(key -> key.substring(0, 2))
                .region("de", ShardMap.of("fra-1", "fra-2"))
                .region("us", RangeShardMap.of(String.class, Node.of("iad-1")).split("us:m", Node.of("iad-2")));
    }

    @Test
    void locate_aKey_asksTheMapOfItsRegion() {
        RegionShardMap<String> map = builder().build();
        assertThat(map.locate("de:1").id()).startsWith("fra-");
        assertThat(map.locate("us:a").id()).isEqualTo("iad-1");
        assertThat(map.locate("us:z").id()).isEqualTo("iad-2");
        assertThat(map.nodes()).extracting(Node::id).containsExactly("fra-1", "fra-2", "iad-1", "iad-2");
        assertThat(map.regions()).containsOnlyKeys("de", "us");
        assertThat(map.epoch()).isEqualTo(1);
        assertThat(map.toString()).startsWith("RegionShardMap[epoch=1, regions={de=HashShardMap[");
    }

    @Test
    void locate_aKeyOfAnotherRegion_goesToTheFallbackOrFails() {
        RegionShardMap<String> map = builder().fallback("us", "de").build();
        assertThat(map.locate("jp:a").id()).startsWith("iad-");
        assertThat(map.without("us").locate("jp:a").id()).startsWith("fra-");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().build().locate("jp:a"))
                .withMessage("region must have a map: region=jp (expected: one of [de, us])");
    }

    @Test
    void with_aRegion_isTheNextEpoch() {
        RegionShardMap<String> map = builder().build().with("jp", ShardMap.of("nrt-1"));
        assertThat(map.epoch()).isEqualTo(2);
        assertThat(map.locate("jp:a").id()).isEqualTo("nrt-1");
        assertThat(map.with("jp", ShardMap.of("nrt-2")).locate("jp:a").id()).isEqualTo("nrt-2");
        assertThat(map.without("jp").epoch()).isEqualTo(3);
    }

    @Test
    void changes_thatCannotBe_areRefused() {
        RegionShardMap<String> map = builder().build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> map.without("jp"))
                .withMessageStartingWith("region must have a map and not be the only one: region=jp");
        assertThatIllegalArgumentException().isThrownBy(() -> map.without("de").without("us"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().region("de", ShardMap.of("x")))
                .withMessage("region must be given once: region=de (expected: none of [de, us])");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().fallback("jp").build())
                .withMessage("fallback must be a region with a map: fallback=jp (expected: one of [de, us])");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegionShardMap.<String>builder(key -> key).build())
                .withMessage("regions must not be empty: regions=[] (expected: at least 1)");
        assertThatNullPointerException().isThrownBy(() -> map.locate(null)).withMessage("key");
        assertThatNullPointerException().isThrownBy(() -> map.with("x", null)).withMessage("map");
    }
}
