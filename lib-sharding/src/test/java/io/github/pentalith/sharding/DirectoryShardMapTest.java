// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DirectoryShardMapTest {
    private static final Node BIG = Node.of("big");

    private final HashShardMap<String> hashed = ShardMap.of("a", "b");
    private final DirectoryShardMap<String> map = DirectoryShardMap.over(hashed);

    @Test
    void assign_aKey_movesOnlyThatKey() {
        DirectoryShardMap<String> next = map.assign("tenant", BIG);
        assertThat(next.locate("tenant")).isEqualTo(BIG);
        assertThat(next.locate("other")).isEqualTo(hashed.locate("other"));
        assertThat(next.epoch()).isEqualTo(2);
        assertThat(next.nodes()).containsExactly(Node.of("a"), Node.of("b"), BIG);
        assertThat(next.assigned()).isEqualTo(Map.of("tenant", BIG));
        assertThat(next.assign("tenant", BIG)).isSameAs(next);
        assertThat(map.locate("tenant")).isEqualTo(hashed.locate("tenant"));
        assertThat(next.toString()).startsWith("DirectoryShardMap[epoch=2, assigned=1, fallback=HashShardMap[");
    }

    @Test
    void release_aKey_sendsItBack() {
        DirectoryShardMap<String> back = map.assign("tenant", BIG).release("tenant");
        assertThat(back.locate("tenant")).isEqualTo(hashed.locate("tenant"));
        assertThat(back.epoch()).isEqualTo(3);
        assertThat(back.nodes()).isEqualTo(hashed.nodes());
    }

    @Test
    void fallback_anotherMap_keepsTheEntries() {
        DirectoryShardMap<String> next = map.assign("tenant", BIG).fallback(hashed.with(Node.of("c")));
        assertThat(next.locate("tenant")).isEqualTo(BIG);
        assertThat(next.fallback().nodes()).hasSize(3);
        assertThat(next.epoch()).isEqualTo(3);
    }

    @Test
    void changes_thatCannotBe_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> map.release("x"))
                .withMessage("key must have an entry: key=x (expected: one of the 0 assigned keys)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> map.assign("x", Node.of("a").zone("z")))
                .withMessageStartingWith("node must be the same wherever its id is used");
        assertThatNullPointerException().isThrownBy(() -> map.locate(null)).withMessage("key");
        assertThatNullPointerException().isThrownBy(() -> map.assign(null, BIG)).withMessage("key");
        assertThatNullPointerException().isThrownBy(() -> map.assign("x", null)).withMessage("node");
        assertThatNullPointerException()
                .isThrownBy(() -> DirectoryShardMap.over(null))
                .withMessage("fallback");
    }
}
