// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeTest {
    @Test
    void of_anId_hasWeightOneAndNoZone() {
        assertThat(Node.of("a")).isEqualTo(new Node("a", 1, null));
        assertThat(Node.of("a").weight(7).zone("z")).isEqualTo(new Node("a", 7, "z"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1_000_001, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void weight_outOfRange_isRefused(int weight) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Node.of("a").weight(weight))
                .withMessage("weight must be in range: weight=%d (expected: 1 to 1,000,000)", weight);
    }

    @Test
    void id_emptyTooLongOrNotEncodable_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Node.of(""))
                .withMessage("id must be neither empty nor too long: id has 0 bytes of UTF-8 (expected: 1 to 1,024)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Node.of("é".repeat(513)))
                .withMessage(
                        "id must be neither empty nor too long: id has 1026 bytes of UTF-8 (expected: 1 to 1,024)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Node.of("a\ud800b"))
                .withMessageStartingWith("id must survive UTF-8: id=a")
                .withMessageEndingWith("(expected: no unpaired surrogates)");
        assertThat(Node.of("é".repeat(512)).id()).hasSize(512);
    }

    @Test
    void zone_empty_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Node.of("a").zone(""))
                .withMessageStartingWith("zone must be neither empty nor too long");
    }

    @Test
    void parts_null_areRefused() {
        assertThatNullPointerException().isThrownBy(() -> Node.of(null)).withMessage("id");
        assertThatNullPointerException()
                .isThrownBy(() -> Node.of("a").zone(null))
                .withMessage("zone");
    }
}
