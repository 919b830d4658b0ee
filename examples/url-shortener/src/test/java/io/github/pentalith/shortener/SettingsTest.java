// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private final Settings defaults = Settings.defaults();

    @Test
    void defaults_areThoseOfTheFlags() {
        assertThat(defaults)
                .isEqualTo(new Settings(
                        8080,
                        null,
                        3,
                        4,
                        100,
                        null,
                        Settings.External.NONE,
                        Settings.Admin.NONE,
                        Settings.Scaling.NONE));
    }

    @Test
    void values_outOfRange_areNamed() {
        assertThatThrownBy(() -> defaults.port(65_536))
                .hasMessage("port must be in range: port=65536 (expected: 0 to 65,535)");
        assertThatThrownBy(() -> defaults.nodes(0)).hasMessage("nodes must be in range: nodes=0 (expected: 1 to 64)");
        assertThatThrownBy(() -> defaults.shards(65)).hasMessageContaining("shards=65");
        assertThatThrownBy(() -> defaults.rateLimit(0)).hasMessageContaining("rate-limit=0");
    }

    @Test
    void baseUrl_mustBeAbsoluteAndPlain() {
        for (String bad :
                new String[] {"sho.rt", "ftp://sho.rt", "https:///x", "https://sho.rt/?q", "https://u@sho.rt"}) {
            assertThatThrownBy(() -> defaults.baseUrl(URI.create(bad)))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(defaults.baseUrl(URI.create("https://sho.rt/s/")).baseUrl())
                .isEqualTo(URI.create("https://sho.rt/s"));
    }
}
