// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.pentalith.shortener.Client.Answer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the dashboard is made of, without a browser. */
class StatusIT {
    @Test
    void dashboardAndStatus_areTheFrontsOnlyAndTrue() throws Exception {
        try (Shortener shortener =
                Shortener.start(Settings.defaults().port(0).nodes(2).shards(2).rateLimit(100_000))) {
            Client client = new Client(shortener.frontUrl());
            Client node = new Client(shortener.nodeUrls().get(0));

            Answer page = client.get("/");
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.header("content-type")).isEqualTo("text/html; charset=utf-8");
            assertThat(page.header("content-security-policy")).contains("default-src 'none'", "script-src 'sha256-");
            assertThat(page.body()).doesNotContain("src=\"http", "@import", "integrity=");
            assertThat(client.send("POST", "/", "x").status()).isEqualTo(405);
            assertThat(node.get("/").status()).isEqualTo(404);
            assertThat(node.get("/api/v1/status").status()).isEqualTo(404);

            // Look-ups are differences between two scrapes: those before the first one would not be seen.
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(client.get("/api/v1/status")
                                    .json()
                                    .path("series")
                                    .path("memory"))
                            .anyMatch(JsonNode::isNumber));
            long begun = Stall.now();
            for (int i = 0; i < 20; i++) {
                client.get("/" + client.make("https://example.org/" + i));
            }
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                JsonNode status = client.get("/api/v1/status").json();
                if (!Stall.since(begun)) { // else some may have failed and were sent again
                    assertThat(status.path("requests").asInt()).isEqualTo(40);
                    assertThat(status.path("errors").asInt()).isZero();
                }
                assertThat(status.path("shards").path("s0").asInt()
                                + status.path("shards").path("s1").asInt())
                        .isEqualTo(20);
                assertThat(status.path("nodes")).hasSize(2).allSatisfy(one -> {
                    assertThat(one.path("state").asText()).isEqualTo("ready");
                    assertThat(one.path("redis").asText()).isEqualTo("live");
                    assertThat(one.path("breakers").path("s1").asText()).isEqualTo("closed");
                });
                JsonNode series = status.path("series");
                assertThat(series.path("memory")).hasSameSizeAs(series.path("rate"));
                assertThat(lookUps(series)).isGreaterThan(0);
            });
            JsonNode status = client.get("/api/v1/status").json();
            int attempts = status.path("nodes").path(0).path("attempts").asInt()
                    + status.path("nodes").path(1).path("attempts").asInt();
            assertThat(attempts).isGreaterThanOrEqualTo(40);
            if (!Stall.since(begun)) {
                assertThat(attempts).isEqualTo(40 + status.path("retries").asInt());
            }
        }
    }

    private static double lookUps(JsonNode series) {
        double sum = 0;
        for (String level : new String[] {"memory", "redis", "database"}) {
            for (JsonNode perSecond : series.path(level)) {
                sum += perSecond.asDouble();
            }
        }
        return sum;
    }
}
