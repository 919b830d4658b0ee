// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.pentalith.shortener.Client.Answer;
import io.github.pentalith.shortener.admin.AdminApi;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shard is added while clients make, follow, own, count and delete links. */
class ReshardingIT {
    private static final int SHARDS = 2;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    private Path directory;

    private Settings settings() {
        return Settings.defaults()
                .port(0)
                .nodes(3)
                .shards(SHARDS)
                .rateLimit(1_000_000)
                .data(directory.resolve("data"))
                .admin(new Settings.Admin(0, "127.0.0.1", null));
    }

    @Test
    void add_underLoad_noAnswerIsWrong() throws Exception {
        int checks = "long".equals(System.getProperty("pentalith.tests")) ? 100_000 : 10_000;
        int shards = SHARDS;
        Set<String> states = new TreeSet<>();
        Traffic traffic;
        try (Shortener shortener = Shortener.start(settings())) {
            Client admin = new Client(shortener.adminUrl());
            traffic = new Traffic(shortener, 6);
            traffic.seed(400);
            traffic.start();
            traffic.awaitChecks(checks / 10);

            do { // one after the other, so that nearly all checks fall into a resharding
                Answer begun = admin.send("POST", "/admin/v1/shards", "{}");
                assertThat(begun.status()).as(begun.body()).isEqualTo(202);
                assertThat(begun.text("added")).isEqualTo("s" + shards);
                shards++;
                assertThat(admin.send("POST", "/admin/v1/shards", "{}").status())
                        .isEqualTo(409);
                states.addAll(awaitDone(admin));
            } while (traffic.checks() < checks && traffic.wrong().isEmpty());
            traffic.stop();
            System.out.printf(
                    "%d shards added under load: %,d checks, %d wrong, states %s%n",
                    shards - SHARDS, traffic.checks(), traffic.wrong().size(), states);

            assertThat(traffic.wrong()).isEmpty();
            assertThat(traffic.checks()).isGreaterThanOrEqualTo(checks);
            assertThat(shards(admin))
                    .hasSize(shards)
                    .allSatisfy((id, links) -> assertThat(links).as(id).isPositive());
            assertThat(states).contains("BACKFILL");
            traffic.assertEverythingAtEveryNode();
            assertThat(admin.send("DELETE", "/admin/v1/shards/s2", null).status())
                    .isEqualTo(409);
        }
        assertEachRowIsOnOneShard(shards, traffic);
        // As before they were added, the flag says 2: the others are remembered.
        try (Shortener again = Shortener.start(settings())) {
            traffic.assertEverything(again);
        }
    }

    @Test
    void abort_inTheMiddle_everythingIsAsBeforeAndItCanBeAddedAgain() throws Exception {
        Traffic traffic;
        try (Shortener shortener = Shortener.start(settings())) {
            Client admin = new Client(shortener.adminUrl());
            traffic = new Traffic(shortener, 4);
            traffic.seed(300);
            traffic.start();
            assertThat(admin.send("POST", "/admin/v1/shards", "{}").status()).isEqualTo(202);
            assertThat(admin.send("DELETE", "/admin/v1/shards/s7", null).status())
                    .isEqualTo(409);
            assertThat(admin.send("DELETE", "/admin/v1/shards/s2", null).status())
                    .isEqualTo(202);
            awaitDone(admin);
            assertThat(shards(admin)).containsOnlyKeys("s0", "s1");
            traffic.awaitChecks(traffic.checks() + 500);

            assertThat(admin.send("POST", "/admin/v1/shards", "{}").status()).isEqualTo(202);
            awaitDone(admin);
            traffic.awaitChecks(traffic.checks() + 500);
            traffic.stop();

            assertThat(traffic.wrong()).isEmpty();
            assertThat(shards(admin)).containsOnlyKeys("s0", "s1", "s2");
            traffic.assertEverythingAtEveryNode();
        }
        assertEachRowIsOnOneShard(SHARDS + 1, traffic);
    }

    @Test
    void restart_inTheMiddle_goesOn() throws Exception {
        Traffic traffic;
        try (Shortener shortener = Shortener.start(settings())) {
            traffic = new Traffic(shortener, 4);
            traffic.seed(300);
            traffic.start();
            Client admin = new Client(shortener.adminUrl());
            assertThat(admin.send("POST", "/admin/v1/shards", "{}").status()).isEqualTo(202);
            traffic.awaitChecks(traffic.checks() + 100);
            traffic.stop();
            assertThat(traffic.wrong()).isEmpty();
        }
        try (Shortener shortener = Shortener.start(settings())) {
            traffic.assertEverything(shortener);
            Client admin = new Client(shortener.adminUrl());
            awaitDone(admin);
            assertThat(shards(admin)).containsOnlyKeys("s0", "s1", "s2");
            traffic.assertEverything(shortener);
        }
        assertEachRowIsOnOneShard(SHARDS + 1, traffic);
    }

    @Test
    void killNode_inTheMiddle_goesOnWithoutIt() throws Exception {
        try (Shortener shortener = Shortener.start(settings())) {
            Traffic traffic = new Traffic(shortener, 2);
            traffic.seed(100);
            Client admin = new Client(shortener.adminUrl());
            shortener.killNode(1);
            assertThat(admin.send("POST", "/admin/v1/shards", "{}").status()).isEqualTo(202);
            await().atMost(PATIENCE)
                    .until(
                            () -> admin.get("/admin/v1/shards")
                                    .json()
                                    .path("resharding")
                                    .path("waitingFor")
                                    .toString(),
                            "[\"n1\"]"::equals);
            awaitDone(admin);
            traffic.assertEverything(shortener);
        }
    }

    @Test
    void admin_isForOperatorsOnly() throws Exception {
        Settings secret = settings().admin(new Settings.Admin(0, "127.0.0.1", new AdminApi.Token("open sesame")));
        assertThat(secret.toString()).doesNotContain("sesame");
        try (Shortener shortener = Shortener.start(secret)) {
            Client admin = new Client(shortener.adminUrl());
            assertThat(admin.get("/admin/v1/shards").status()).isEqualTo(401);
            assertThat(admin.send("GET", "/admin/v1/shards", null, "Authorization", "Bearer open")
                            .status())
                    .isEqualTo(401);
            String[] token = {"Authorization", "Bearer open sesame"};
            assertThat(admin.send("GET", "/admin/v1/shards", null, token).status())
                    .isEqualTo(200);
            assertThat(admin.send("GET", "/metrics", null, token).status()).isEqualTo(404);
            assertThat(admin.send("POST", "/admin/v1/shards", "{\"jdbc\":7}", token)
                            .status())
                    .isEqualTo(400);
            assertThat(admin.send("POST", "/admin/v1/shards", "{\"jdbc\":\"http://x:y@z\"}", token)
                            .body())
                    .contains("jdbc_invalid")
                    .doesNotContain("x:y");
            String firstShard =
                    "jdbc:h2:file:" + directory.resolve("data/s0") + ";DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0";
            Answer taken = admin.send("POST", "/admin/v1/shards", "{\"jdbc\":\"" + firstShard + "\"}", token);
            assertThat(taken.status()).isEqualTo(409);
            assertThat(taken.body()).contains("is that of shard s0");
            for (String page : new String[] {"http://evil.example", "null"}) {
                assertThat(admin.send(
                                        "GET",
                                        "/admin/v1/shards",
                                        null,
                                        "Authorization",
                                        "Bearer open sesame",
                                        "Origin",
                                        page)
                                .status())
                        .isEqualTo(403);
            }
            Client front = new Client(shortener.frontUrl());
            assertThat(front.get("/admin/v1/shards").status()).isEqualTo(404);
            assertThat(new Client(shortener.nodeUrls().get(0))
                            .send("POST", "/admin/v1/shards", "{}")
                            .status())
                    .isEqualTo(404);
        }
    }

    private static Set<String> awaitDone(Client admin) {
        Set<String> states = new HashSet<>();
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
            JsonNode moving = admin.get("/admin/v1/shards").json().path("resharding");
            if (!moving.isMissingNode()) {
                states.add(moving.path("state").asText());
            }
            return moving.isMissingNode();
        });
        return states;
    }

    private static Map<String, Integer> shards(Client admin) throws Exception {
        Map<String, Integer> links = new ConcurrentHashMap<>();
        admin.get("/admin/v1/shards")
                .json()
                .path("shards")
                .forEach(shard ->
                        links.put(shard.path("id").asText(), shard.path("links").asInt()));
        return links;
    }

    private void assertEachRowIsOnOneShard(int shards, Traffic traffic) throws SQLException {
        List<String> codes = new ArrayList<>();
        List<String> entries = new ArrayList<>();
        for (int i = 0; i < shards; i++) {
            codes.addAll(column(i, "SELECT code FROM link"));
            entries.addAll(column(i, "SELECT owner || ' ' || url_hash FROM url_index"));
        }
        assertThat(codes).doesNotHaveDuplicates().containsAll(traffic.known());
        assertThat(entries).doesNotHaveDuplicates();
    }

    private List<String> column(int shard, String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection =
                        DriverManager.getConnection("jdbc:h2:file:" + directory.resolve("data/s" + shard));
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                values.add(row.getString(1));
            }
        }
        return values;
    }
}
