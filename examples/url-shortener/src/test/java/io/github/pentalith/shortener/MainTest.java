// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MainTest {
    @Test
    void reason_withoutMessage_isTheClass() {
        assertThat(Main.reason(new IllegalStateException("port in use"))).isEqualTo("port in use");
        assertThat(Main.reason(new IllegalStateException())).isEqualTo("java.lang.IllegalStateException");
    }
}
