// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.shortener.Client.Answer;
import io.github.pentalith.shortener.store.MisfitException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A directory with data outlives the service. */
class RestartIT {
    private static final int SHARDS = 2;

    @TempDir
    private Path directory;

    private Settings settings;

    @BeforeEach
    void settings() {
        settings = Settings.defaults()
                .port(0)
                .nodes(2)
                .shards(SHARDS)
                .rateLimit(100_000)
                .data(directory.resolve("data"));
    }

    @Test
    void restart_keepsLinksClicksAndDeletions_andMakesNewCodes() throws Exception {
        long begun = Stall.now();
        Set<String> codes = new HashSet<>();
        String kept;
        String deleted;
        try (Shortener first = Shortener.start(settings)) {
            Client client = new Client(first.frontUrl());
            kept = client.make("https://example.com/kept", "X-User-Id", "ann");
            deleted = client.make("https://example.com/deleted");
            client.send("DELETE", "/api/v1/urls/" + deleted, null);
            for (int i = 0; i < 50; i++) {
                codes.add(client.make("https://example.com/" + i));
                client.get("/" + kept);
            }
        }
        try (Shortener second = Shortener.start(settings)) {
            Client client = new Client(second.frontUrl());

            assertThat(client.get("/" + kept).header("location")).isEqualTo("https://example.com/kept");
            // Not one click was lost, though they were counted within the last second; if the machine stood still, the
            // front may have tried one twice.
            int clicks =
                    client.get("/api/v1/urls/" + kept).json().path("clicks").intValue();
            assertThat(clicks).isGreaterThanOrEqualTo(50);
            if (!Stall.since(begun)) {
                assertThat(clicks).isEqualTo(50);
            }
            assertThat(client.get("/" + deleted).status()).isEqualTo(404);
            Answer again = client.post("{'longUrl':'https://example.com/kept'}", "X-User-Id", "ann");
            assertThat(again.status()).isEqualTo(200);
            assertThat(again.text("code")).isEqualTo(kept);
            for (int i = 0; i < 50; i++) {
                assertThat(codes.add(client.make("https://example.com/" + i))).isTrue();
            }
            for (String code : codes) {
                assertThat(client.get("/" + code).status()).isEqualTo(302);
            }
        }
    }

    @Test
    void start_whileAnotherUsesTheData_isRefused() throws Exception {
        try (Shortener first = Shortener.start(settings)) {
            assertThatThrownBy(() -> Shortener.start(settings))
                    .hasMessageContaining("the data directory is in use by another shortener");
            assertThat(new Client(first.frontUrl()).make("https://example.com/"))
                    .isNotEmpty();
        }
    }

    @Test
    void start_withAnotherNumberOfShards_isRefusedAndHarmless() throws Exception {
        String code;
        try (Shortener first = Shortener.start(settings)) {
            code = new Client(first.frontUrl()).make("https://example.com/");
        }
        for (int other : new int[] {SHARDS - 1, SHARDS + 1}) {
            assertThatThrownBy(() -> Shortener.start(settings.shards(other)))
                    .isInstanceOf(MisfitException.class)
                    .hasMessageContaining("(expected: [s0, s1], that is --shards 2)");
        }
        assertThat(directory.resolve("data/s2.mv.db")).doesNotExist();
        try (Shortener again = Shortener.start(settings)) {
            assertThat(new Client(again.frontUrl()).get("/" + code).status()).isEqualTo(302);
        }
    }

    @Test
    void start_withSwappedDatabases_isRefused() throws Exception {
        Shortener.start(settings).close();
        Path data = directory.resolve("data");
        Files.move(data.resolve("s0.mv.db"), data.resolve("x"));
        Files.move(data.resolve("s1.mv.db"), data.resolve("s0.mv.db"));
        Files.move(data.resolve("x"), data.resolve("s1.mv.db"));

        assertThatThrownBy(() -> Shortener.start(settings))
                .isInstanceOf(MisfitException.class)
                .hasMessage("the database given for shard s0 is that of shard s1");
    }

    @Test
    void post_afterACrashBetweenIndexAndLink_makesTheLinkUnderTheSameCode() throws Exception {
        String code;
        try (Shortener first = Shortener.start(settings)) {
            code = new Client(first.frontUrl()).make("https://example.com/", "X-User-Id", "ann");
        }
        // What a crash after the index row leaves behind.
        for (int shard = 0; shard < SHARDS; shard++) {
            execute(shard, "DELETE FROM link WHERE code = '" + code + "'");
            execute(shard, "DELETE FROM click_count WHERE code = '" + code + "'");
        }
        try (Shortener second = Shortener.start(settings)) {
            Client client = new Client(second.frontUrl());
            assertThat(client.get("/" + code).status()).isEqualTo(404);

            Answer answer = client.post("{'longUrl':'https://example.com/'}", "X-User-Id", "ann");

            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.text("code")).isEqualTo(code);
            for (var node : second.nodeUrls()) {
                assertThat(new Client(node).get("/" + code).status()).isEqualTo(302);
            }
        }
    }

    @Test
    void post_whenAnAliasHasTheCodeOfTheIndex_drawsAnother() throws Exception {
        String code;
        try (Shortener first = Shortener.start(settings)) {
            code = new Client(first.frontUrl()).make("https://example.com/", "X-User-Id", "ann");
        }
        for (int shard = 0; shard < SHARDS; shard++) {
            execute(
                    shard,
                    "UPDATE link SET owner = 'bob', long_url = 'https://bob.example' WHERE code = '" + code + "'");
        }
        try (Shortener second = Shortener.start(settings)) {
            Client client = new Client(second.frontUrl());

            Answer answer = client.post("{'longUrl':'https://example.com/'}", "X-User-Id", "ann");

            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.text("code")).isNotEqualTo(code);
            assertThat(client.get("/" + code).header("location")).isEqualTo("https://bob.example");
            assertThat(client.post("{'longUrl':'https://example.com/'}", "X-User-Id", "ann")
                            .text("code"))
                    .isEqualTo(answer.text("code"));
        }
    }

    private void execute(int shard, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:h2:file:" + directory.resolve("data/s" + shard));
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }
}
