// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.shortener.store.Address;
import io.github.pentalith.testkit.RealRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The same service on a PostgreSQL and a Redis that it does not bring itself, both with passwords. */
class PostgresIT {
    private static final String SECRET = RealPostgres.PASSWORD;

    private RealPostgres postgres;
    private RealRedis redis;
    private Settings settings;

    @BeforeEach
    void start() throws Exception {
        postgres = RealPostgres.launch(3);
        redis = RealRedis.builder().password(SECRET).launch();
        settings = Settings.defaults()
                .port(0)
                .nodes(2)
                .rateLimit(1_000_000)
                .jdbc(List.of(Address.jdbc(postgres.url(0)), Address.jdbc(postgres.url(1))))
                .redis(Address.of(redis.uri().toString()))
                .admin(new Settings.Admin(0, "127.0.0.1", null));
    }

    @AfterEach
    void stop() throws Exception {
        if (redis != null) {
            redis.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }

    @Test
    void shard_addedUnderLoad_noAnswerIsWrong() throws Exception {
        List<String> shown = new ArrayList<>(List.of(settings.toString()));
        Traffic traffic;
        try (Shortener shortener = Shortener.start(settings)) {
            Client admin = new Client(shortener.adminUrl());
            traffic = new Traffic(shortener, 4);
            traffic.seed(150);
            traffic.start();
            assertThat(admin.send("POST", "/admin/v1/shards", "{}").status()).isEqualTo(400);
            String wrong = postgres.url(2).replace(SECRET, "wrong-" + SECRET);
            for (String unusable : List.of(wrong, "jdbc:nobody://h/" + SECRET + "@h", postgres.url(7))) {
                Client.Answer refused = admin.send("POST", "/admin/v1/shards", "{\"jdbc\":\"" + unusable + "\"}");
                assertThat(refused.status()).as(refused.body()).isEqualTo(unusable.contains("nobody") ? 400 : 409);
                shown.add(refused.body());
            }
            Client.Answer begun = admin.send("POST", "/admin/v1/shards", "{\"jdbc\":\"" + postgres.url(2) + "\"}");
            assertThat(begun.status()).as(begun.body()).isEqualTo(202);
            shown.add(begun.body());
            await().atMost(Duration.ofMinutes(3))
                    .until(() -> !admin.get("/admin/v1/shards").json().has("resharding"));
            traffic.awaitChecks(traffic.checks() + 500);
            traffic.stop();
            assertThat(traffic.wrong()).isEmpty();
            shown.add(admin.get("/admin/v1/shards").body());
            assertThat(shown.get(shown.size() - 1)).contains("links2", "\"s2\"");
            assertThat(shown).noneMatch(text -> text.contains(SECRET));
            traffic.assertEverythingAtEveryNode();
        }
        try (Shortener again = Shortener.start(settings)) { // the third one is remembered
            traffic.assertEverything(again);
        }
    }
}
