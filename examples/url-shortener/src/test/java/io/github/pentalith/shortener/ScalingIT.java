// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nodes come with the load and go after it; clients must not notice. */
class ScalingIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Test
    void load_comesAndGoes_nodesFollowIt() throws Exception {
        Settings settings = Settings.defaults()
                .port(0)
                .nodes(1)
                .rateLimit(100_000)
                .scaling(new Settings.Scaling(1, 3, 1, Duration.ofSeconds(3)));
        Map<String, String> links = new HashMap<>();
        try (Shortener shortener = Shortener.start(settings)) {
            Client client = new Client(shortener.frontUrl());
            for (int i = 0; i < 40; i++) {
                String url = "https://example.com/" + i;
                links.put(client.make(url), url);
            }
            try (Load one = new Load(client, links, 1)) {
                try (Load many = new Load(client, links, 20)) {
                    await().atMost(PATIENCE).until(() -> shortener.nodeUrls().size() == 3);
                    await().atMost(PATIENCE)
                            .until(
                                    () -> { // and the new ones are used
                                        JsonNode nodes = client.get("/api/v1/status")
                                                .json()
                                                .path("nodes");
                                        return nodes.size() == 3
                                                && nodes.findValues("attempts").stream()
                                                        .allMatch(n -> n.asInt() > 50);
                                    });
                    assertThat(many.wrong()).isEmpty();
                }
                await().atMost(PATIENCE).until(() -> shortener.nodeUrls().size() == 1);
                int requests = one.requests();
                await().atMost(PATIENCE).until(() -> one.requests() > requests + 50);
                assertThat(one.wrong()).isEmpty();
            }
            JsonNode status = client.get("/api/v1/status").json();
            assertThat(status.path("scaling").path("nodes").asInt()).isEqualTo(1);
            assertThat(status.path("scaling").path("max").asInt()).isEqualTo(3);
            assertThat(status.path("events").findValuesAsText("what")).anyMatch(what -> what.matches("1 → [23] nodes"));
            assertThat(status.path("events").findValuesAsText("what")).anyMatch(what -> what.matches("[23] → 1 nodes"));
        }
    }
}
