// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTest {
    @ParameterizedTest
    @CsvSource({
        "/abcd,FOLLOW",
        "/aZ09_-x,FOLLOW",
        "/api/v1/urls,LINKS",
        "/api/v1/urls/abcd,LINK",
        "/health/live,LIVE",
        "/health/ready,READY",
        "/metrics,METRICS",
        "/,DASHBOARD",
        "/api/v1/status,STATUS",
        "'',NONE",
        "/abc,NONE",
        "/abcd/,NONE",
        "/abcd/e,NONE",
        "/ab d,NONE",
        "/health,NONE",
        "/Admin,NONE",
        "/api/v1/urls/,NONE",
        "/api/v1/urls/api,NONE",
        "/api/v2/urls,NONE",
        "/123456789012345678901234567890123,NONE"
    })
    void of_path_isItsRoute(String path, Route route) {
        assertThat(Route.of(path)).isEqualTo(route);
    }

    @Test
    void allows_onlyItsMethods() {
        assertThat(Route.FOLLOW.allow()).isEqualTo("GET, HEAD");
        assertThat(Route.FOLLOW.allows("HEAD")).isTrue();
        assertThat(Route.FOLLOW.allows("HE")).isFalse();
        assertThat(Route.FOLLOW.allows("POST")).isFalse();
        assertThat(Route.LINK.allows("DELETE")).isTrue();
    }
}
