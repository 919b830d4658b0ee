// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinksTest {
    @Test
    void newCode_reservedWord_isDrawnAgain() {
        Iterator<String> codes =
                List.of("metrics", "MeTrIcS", "abcdefg", "hijklmn").iterator();

        assertThat(Links.newCode(codes::next)).isEqualTo("abcdefg");
        assertThat(Links.newCode(codes::next)).isEqualTo("hijklmn");
    }
}
