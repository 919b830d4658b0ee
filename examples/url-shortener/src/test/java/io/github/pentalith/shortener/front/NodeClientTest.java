// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.front;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeClientTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "text/html, */*;q=0.8", "a\tb", "caf\u00e9"})
    void isSendable_commonValue_yes(String value) {
        assertThat(NodeClient.isSendable(value)).isTrue();
    }

    @Test
    void isSendable_anyCharacter_asTheClientSees() {
        for (char c = 0; c < 0x300; c++) {
            assertThat(NodeClient.isSendable("a" + c + "b"))
                    .as("character %d", (int) c)
                    .isEqualTo(clientTakes("a" + c + "b"));
        }
    }

    private static boolean clientTakes(String value) {
        try {
            HttpRequest.newBuilder().header("User-Agent", value);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
