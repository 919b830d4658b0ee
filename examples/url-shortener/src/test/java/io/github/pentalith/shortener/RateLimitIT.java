// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.shortener.Client.Answer;
import org.junit.jupiter.api.Test;

class RateLimitIT {
    @Test
    void post_overTheRate_is429PerUserAndLeavesReadsAlone() throws Exception {
        Settings settings = Settings.defaults().port(0).nodes(1).shards(1).rateLimit(1);
        try (Shortener shortener = Shortener.start(settings)) {
            Client client = new Client(shortener.frontUrl());
            String code = client.make("https://example.com/", "X-User-Id", "other");

            Answer answer = post(client, "busy");
            for (int i = 0; i < 50 && answer.status() == 201; i++) { // 2 at once, then 1 per second
                answer = post(client, "busy");
            }

            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.text("code")).isEqualTo("rate_limited");
            assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(1, 2);
            assertThat(post(client, "fresh").status()).isEqualTo(201);
            assertThat(client.post("{'longUrl':'https://example.com/'}").status())
                    .isEqualTo(201);
            for (int i = 0; i < 20; i++) {
                assertThat(client.get("/" + code).status()).isEqualTo(302);
            }
        }
    }

    @Test
    void post_withoutUser_isLimitedByAddressApartFromUsers() throws Exception {
        Settings settings = Settings.defaults().port(0).nodes(1).shards(1).rateLimit(1);
        try (Shortener shortener = Shortener.start(settings)) {
            Client client = new Client(shortener.frontUrl());
            String json = "{'longUrl':'https://example.com/'}";
            Answer answer = client.post(json);
            String code = answer.text("code");
            for (int i = 0; i < 50 && answer.status() == 201; i++) {
                answer = client.post(json);
            }
            assertThat(answer.status()).isEqualTo(429);
            assertThat(post(client, "somebody").status()).isEqualTo(201);
            assertThat(client.send("DELETE", "/api/v1/urls/" + code, null).status())
                    .isEqualTo(204);
        }
    }

    private static Answer post(Client client, String user) throws Exception {
        return client.post("{'longUrl':'https://example.com/" + System.nanoTime() + "'}", "X-User-Id", user);
    }
}
