// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Parts fail under load; clients must not notice. */
class FaultIT {
    private static final int CLIENTS = 8;

    private Shortener shortener;
    private Client client;
    private final Map<String, String> links = new HashMap<>();

    @BeforeEach
    void start() throws Exception {
        shortener = Shortener.start(Settings.defaults().port(0).rateLimit(100_000));
        client = new Client(shortener.frontUrl());
        for (int i = 0; i < 50; i++) {
            String url = "https://example.com/" + i;
            links.put(client.make(url), url);
        }
    }

    @AfterEach
    void stop() {
        shortener.close();
    }

    @Test
    void killNode_underLoad_noClientNotices() throws Exception {
        try (Load load = new Load(client, links, CLIENTS)) {
            awaitMore(load, 500);
            shortener.killNode(0);
            awaitMore(load, 1_000);
            shortener.killNode(2);
            awaitMore(load, 1_000);

            assertThat(load.wrong()).isEmpty();
            assertThat(client.make("https://example.com/new")).isNotEmpty();
            System.out.println("node killed: " + load);
        }
    }

    @Test
    void killRedis_underLoad_noClientNotices() throws Exception {
        try (Load load = new Load(client, links, CLIENTS)) {
            awaitMore(load, 500);
            shortener.redis().kill();
            awaitMore(load, 1_000);
            assertWritesAreSeenByAllNodes();
            shortener.redis().start();
            awaitMore(load, 1_000);
            assertWritesAreSeenByAllNodes();

            assertThat(load.wrong()).isEmpty();
            System.out.println("Redis killed: " + load);
            load.assertFast();
        }
    }

    @Test
    void freezeRedis_underLoad_noClientNotices() throws Exception {
        String doomed = client.make("https://example.com/doomed");
        List<Client> nodes = shortener.nodeUrls().stream().map(Client::new).toList();
        try (Load load = new Load(client, links, CLIENTS)) {
            awaitMore(load, 500);
            for (Client node : nodes) {
                assertThat(node.get("/" + doomed).status()).isEqualTo(302);
            }
            shortener.redis().pause();
            long frozen = System.nanoTime();
            awaitMore(load, 200);
            assertWritesAreSeenByAllNodes();
            assertThat(client.send("DELETE", "/api/v1/urls/" + doomed, null).status())
                    .isEqualTo(204);
            while (System.nanoTime() - frozen < Duration.ofSeconds(10).toNanos()) {
                assertGone(nodes, doomed);
            }
            shortener.redis().resume();
            long resumed = System.nanoTime();
            while (System.nanoTime() - resumed < Duration.ofSeconds(8).toNanos()) { // Redis remembers the link
                assertGone(nodes, doomed);
            }
            assertWritesAreSeenByAllNodes();

            assertThat(load.wrong()).isEmpty();
            System.out.println("Redis frozen: " + load);
            load.assertFast();
        }
    }

    @Test
    void deletions_farMoreAtOnceThanTheirShare_leaveThreadsForReads() throws Exception {
        List<String> doomed = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            doomed.add(client.make("https://example.com/doomed/" + i));
        }
        Queue<Client.Answer> answers = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        try (Load load = new Load(client, links, CLIENTS)) {
            awaitMore(load, 50);
            for (String code : doomed) {
                Thread thread = new Thread(() -> {
                    try {
                        answers.add(client.send("DELETE", "/api/v1/urls/" + code, null));
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(load.wrong()).isEmpty();
        }
        assertThat(answers).hasSize(80).allSatisfy(answer -> {
            assertThat(answer.status()).isIn(204, 503);
            if (answer.status() == 503) {
                assertThat(answer.header("retry-after")).isNotNull();
                assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
            }
        });
        assertThat(answers).anySatisfy(answer -> assertThat(answer.status()).isEqualTo(204));
    }

    @Test
    void allNodesKilled_readsAndReadinessAre503() throws Exception {
        for (int i = 0; i < 3; i++) {
            shortener.killNode(i);
        }
        String code = links.keySet().iterator().next();
        Client.Answer answer = client.get("/" + code);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
        assertThat(answer.body()).doesNotContain("Exception", "\tat ");
        await().atMost(Duration.ofSeconds(30))
                .until(() -> client.get("/health/ready").status() == 503);
        assertThat(client.get("/health/live").status()).isEqualTo(200);
    }

    private static void assertGone(List<Client> nodes, String code) throws Exception {
        for (Client node : nodes) {
            assertThat(node.get("/" + code).status()).isEqualTo(404);
        }
    }

    private void assertWritesAreSeenByAllNodes() throws Exception {
        List<Client> nodes = shortener.nodeUrls().stream().map(Client::new).toList();
        String alias = "alias-" + System.nanoTime();
        for (Client node : nodes) {
            assertThat(node.get("/" + alias).status()).isEqualTo(404);
        }
        assertThat(client.post("{'longUrl':'https://example.com/','alias':'" + alias + "'}")
                        .status())
                .isEqualTo(201);
        for (Client node : nodes) {
            assertThat(node.get("/" + alias).status()).isEqualTo(302);
        }
        assertThat(client.send("DELETE", "/api/v1/urls/" + alias, null).status())
                .isEqualTo(204);
        assertGone(nodes, alias);
    }

    private static void awaitMore(Load load, int requests) {
        int before = load.requests();
        Callable<Boolean> done = () -> load.requests() - before >= requests;
        await().atMost(Duration.ofSeconds(60)).until(done);
    }
}
