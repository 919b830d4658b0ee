// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.shortener.Client.Answer;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every row of the table of the API, over HTTP through the front; the same with all kinds of parts behind it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ApiContract {
    private static final String URL = "https://example.com/a?b=c#d";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Shortener shortener;
    private Client client;
    private List<Client> nodes;

    /** Starts what is elsewhere, and returns the settings that lead there. */
    abstract Settings parts(Settings settings) throws Exception;

    @BeforeAll
    final void startService() throws Exception {
        shortener = Shortener.start(parts(Settings.defaults().port(0).rateLimit(100_000)));
        client = new Client(shortener.frontUrl());
        nodes = shortener.nodeUrls().stream().map(Client::new).toList();
    }

    /** Ends what is elsewhere. */
    void stopParts() throws Exception {}

    @AfterAll
    final void stopService() throws Exception {
        if (shortener != null) {
            shortener.close();
        }
        stopParts();
    }

    @Test
    void post_url_isCreatedAndFollowed() throws Exception {
        Instant before = Instant.now().minusMillis(1);
        Answer made = client.post("{'longUrl':'" + URL + "'}");

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.header("content-type")).isEqualTo("application/json");
        List<String> fields = new ArrayList<>();
        made.json().fieldNames().forEachRemaining(fields::add);
        assertThat(fields).containsExactly("code", "shortUrl", "longUrl", "createdAt", "expiresAt", "clicks");
        assertThat(made.text("code")).matches("[0-9A-Za-z]{7,11}");
        assertThat(made.text("shortUrl"))
                .isEqualTo(shortener.url() + "/" + made.text("code"))
                .isEqualTo(made.header("location"));
        assertThat(made.text("longUrl")).isEqualTo(URL);
        assertThat(Instant.parse(made.text("createdAt"))).isBetween(before, Instant.now());
        assertThat(made.json().path("expiresAt").isNull()).isTrue();
        assertThat(made.json().path("clicks").intValue()).isZero();

        Answer followed = client.get("/" + made.text("code"));
        assertThat(followed.status()).isEqualTo(302);
        assertThat(followed.header("location")).isEqualTo(URL);
        assertThat(followed.body()).isEmpty();
    }

    @Test
    void post_sameUrlOfSameUser_givesTheOldCode() throws Exception {
        Answer first = client.post("{'longUrl':'" + URL + "'}", "X-User-Id", "ann");
        Answer again = client.post("{'longUrl':'" + URL + "'}", "X-User-Id", "ann");

        assertThat(first.status()).isEqualTo(201);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(client.post("{'longUrl':'" + URL + "'}", "X-User-Id", "bob").status())
                .isEqualTo(201);
        assertThat(client.post("{'longUrl':'" + URL + "x'}", "X-User-Id", "ann").status())
                .isEqualTo(201);
        assertThat(client.post("{'longUrl':'" + URL + "','alias':'ann-own'}", "X-User-Id", "ann")
                        .status())
                .isEqualTo(201);
    }

    @Test
    void post_sameUrlWithoutUser_givesAnotherCode() throws Exception {
        assertThat(client.make(URL)).isNotEqualTo(client.make(URL));
    }

    @Test
    void post_sameUrlOfOneUserByManyAtOnce_makesOneLink() throws Exception {
        Set<String> codes = ConcurrentHashMap.newKeySet();
        Set<Integer> statuses = ConcurrentHashMap.newKeySet();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Thread thread = new Thread(() -> {
                try {
                    Answer answer = client.post("{'longUrl':'https://example.com/raced'}", "X-User-Id", "crowd");
                    codes.add(answer.text("code"));
                    statuses.add(answer.status());
                } catch (Exception e) {
                    codes.add(e.toString());
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(codes).hasSize(1);
        assertThat(statuses).isSubsetOf(200, 201);
    }

    @Test
    void post_sameUrlAfterDeletionOrExpiry_makesANewLink() throws Exception {
        String url = "https://example.com/again";
        String first = client.make(url, "X-User-Id", "eve");
        assertThat(client.send("DELETE", "/api/v1/urls/" + first, null, "X-User-Id", "eve")
                        .status())
                .isEqualTo(204);
        Answer second = postExpiring(url, "X-User-Id", "eve");
        await().atMost(PATIENCE)
                .until(() -> client.get("/" + second.text("code")).status() == 410);
        Answer third = client.post("{'longUrl':'" + url + "'}", "X-User-Id", "eve");

        assertThat(third.status()).isEqualTo(201);
        assertThat(Set.of(first, second.text("code"), third.text("code"))).hasSize(3);
        assertThat(client.get("/" + first).status()).isEqualTo(404);
        assertThat(client.get("/" + third.text("code")).status()).isEqualTo(302);
    }

    /** Makes a link that expires soon, but not before the request is there. */
    private Answer postExpiring(String url, String... headers) throws Exception {
        for (long millis = 1_000; ; millis *= 3) {
            String expiresAt = Instant.now().plusMillis(millis).toString();
            Answer made = client.post("{'longUrl':'" + url + "','expiresAt':'" + expiresAt + "'}", headers);
            if (made.status() == 400 && made.body().contains("date_in_past") && millis < 30_000) {
                continue;
            }
            assertThat(made.status()).as(made.body()).isEqualTo(201);
            assertThat(made.text("expiresAt")).isEqualTo(expiresAt);
            return made;
        }
    }

    @Test
    void post_alias_isTheCode() throws Exception {
        // Ask first, at every node, so that its absence is remembered.
        for (Client node : nodes) {
            assertThat(node.get("/my_alias-1").status()).isEqualTo(404);
        }
        Answer made = client.post("{'longUrl':'" + URL + "','alias':'my_alias-1'}");

        assertThat(made.status()).isEqualTo(201);
        assertThat(made.text("code")).isEqualTo("my_alias-1");
        for (Client node : nodes) {
            assertThat(node.get("/my_alias-1").status()).isEqualTo(302);
        }
        Answer taken = client.post("{'longUrl':'" + URL + "','alias':'my_alias-1'}");
        assertProblem(taken, 409, "alias_taken", "alias");
        assertThat(client.get("/MY_ALIAS-1").status()).isEqualTo(404);
    }

    @Test
    void post_aliasOfADeletedLink_isTaken() throws Exception {
        client.post("{'longUrl':'" + URL + "','alias':'was-here'}");
        assertThat(client.send("DELETE", "/api/v1/urls/was-here", null).status())
                .isEqualTo(204);

        assertProblem(client.post("{'longUrl':'" + URL + "','alias':'was-here'}"), 409, "alias_taken", "alias");
    }

    @Test
    void post_aliasThatIsACode_isTaken() throws Exception {
        String code = client.make(URL);

        assertProblem(client.post("{'longUrl':'" + URL + "','alias':'" + code + "'}"), 409, "alias_taken", "alias");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "\"\";bad_json;",
                "{;bad_json;",
                "{'longUrl':'https://e.org'}};bad_json;",
                "{'longUrl':'https://e.org','longUrl':'https://e.org'};bad_json;",
                "[];bad_json;",
                "null;bad_json;",
                "{};missing_field;longUrl",
                "{'longUrl':null};missing_field;longUrl",
                "{'longUrl':7};wrong_type;longUrl",
                "{'longUrl':{}};wrong_type;longUrl",
                "{'longUrl':''};url_scheme;longUrl",
                "{'longUrl':'ftp://e.org'};url_scheme;longUrl",
                "{'longUrl':'javascript:alert(1)'};url_scheme;longUrl",
                "{'longUrl':'https://'};url_invalid;longUrl",
                "{'longUrl':'https://e.org/a b'};url_invalid;longUrl",
                "{'longUrl':'https://e.org/\\u0000'};url_control_character;longUrl",
                "{'longUrl':'https://e.org/\\r\\nX-Evil: 1'};url_control_character;longUrl",
                "{'longUrl':'https://e.org/\\ud800'};url_invalid;longUrl",
                "{'longUrl':'https://e.org','alias':3};wrong_type;alias",
                "{'longUrl':'https://e.org','alias':'abc'};alias_invalid;alias",
                "{'longUrl':'https://e.org','alias':'a b c d'};alias_invalid;alias",
                "{'longUrl':'https://e.org','alias':'../../etc'};alias_invalid;alias",
                "{'longUrl':'https://e.org','alias':'a23456789012345678901234567890123'};alias_invalid;alias",
                "{'longUrl':'https://e.org','alias':'health'};alias_reserved;alias",
                "{'longUrl':'https://e.org','alias':'metrics'};alias_reserved;alias",
                "{'longUrl':'https://e.org','alias':'admin'};alias_reserved;alias",
                "{'longUrl':'https://e.org','alias':'api'};alias_reserved;alias",
                "{'longUrl':'https://e.org','expiresAt':1};wrong_type;expiresAt",
                "{'longUrl':'https://e.org','expiresAt':'soon'};date_invalid;expiresAt",
                "{'longUrl':'https://e.org','expiresAt':'2020-01-01T00:00:00Z'};date_in_past;expiresAt",
                "{'longUrl':'https://e.org','permanent':1};wrong_type;permanent"
            })
    void post_whatBreaksARule_is400(String body, String code, String field) throws Exception {
        assertProblem(client.post(body), 400, code, field);
    }

    @Test
    void post_loopOrTooLongOrBadUser_is400() throws Exception {
        assertProblem(client.post("{'longUrl':'" + shortener.url() + "/abcd'}"), 400, "url_loop", "longUrl");
        String longest = "https://example.com/" + "a".repeat(8_172);
        assertProblem(client.post("{'longUrl':'" + longest + "a'}"), 400, "url_too_long", "longUrl");
        String code = client.make(longest);
        assertThat(client.get("/" + code).header("location")).isEqualTo(longest);
        assertProblem(
                client.post("{'longUrl':'" + URL + "'}", "X-User-Id", "x".repeat(129)),
                400,
                "user_invalid",
                "X-User-Id");
    }

    @Test
    void post_notUtf8_is400() throws Exception {
        java.net.http.HttpResponse<String> answer = java.net.http.HttpClient.newHttpClient()
                .send(
                        java.net.http.HttpRequest.newBuilder(
                                        shortener.frontUrl().resolve("/api/v1/urls"))
                                .POST(java.net.http.HttpRequest.BodyPublishers.ofByteArray(
                                        new byte[] {'{', '"', 'l', (byte) 0xC3, '"', '}'}))
                                .build(),
                        java.net.http.HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("bad_json").doesNotContain("Exception");
    }

    @Test
    void post_bodyOver64KiB_is413() throws Exception {
        String fits = "{'longUrl':'" + URL + "','x':'" + "y".repeat(65_400) + "'}";
        assertThat(fits.length()).isLessThanOrEqualTo(65_536);
        assertThat(client.post(fits).status()).isEqualTo(201);

        assertProblem(client.post(" ".repeat(65_537)), 413, "body_too_large", null);
        assertProblem(client.post(" ".repeat(900_000)), 413, "body_too_large", null);
        assertProblem(client.post(" ".repeat(9_000_000)), 413, "body_too_large", null);
        assertThat(nodes.get(0).post(" ".repeat(65_537)).status()).isEqualTo(413);
    }

    @Test
    void get_permanentLink_is301() throws Exception {
        Answer made = client.post("{'longUrl':'" + URL + "','permanent':true}");

        Answer followed = client.get("/" + made.text("code"));

        assertThat(followed.status()).isEqualTo(301);
        assertThat(followed.header("location")).isEqualTo(URL);
    }

    @Test
    void get_urlBeyondAscii_isExactInUtf8() throws Exception {
        String url = "https://b\u00fccher.example/\u00fc?q=\ud83d\ude00";
        String code = client.make(url);

        String location = client.get("/" + code).header("location");

        assertThat(new String(location.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
                .isEqualTo(url);
    }

    @Test
    void get_expiredLink_is410AlsoWhenCached() throws Exception {
        Answer made = postExpiring(URL);
        Instant expiresAt = Instant.parse(made.text("expiresAt"));
        String path = "/" + made.text("code");
        for (Client node : nodes) {
            assertThat(node.get(path).status()).isIn(302, 410);
        }

        await().atMost(PATIENCE).until(() -> Instant.now().isAfter(expiresAt));

        for (Client node : nodes) {
            assertProblem(node.get(path), 410, "expired", null);
        }
        assertThat(client.get("/api/v1/urls/" + made.text("code")).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/aaaaaaa", "/abc", "/api", "/a/b", "/api/v1/urls/zzzzzzz", "/api/v2", "/abcd%2F", "/%00abcd"})
    void get_unknown_is404(String path) throws Exception {
        assertProblem(client.get(path), 404, "not_found", null);
    }

    /** The JDK's server answers itself, before any of our code; all we can see to is that nothing comes of it. */
    @ParameterizedTest
    @ValueSource(
            strings = {"GET /%zz HTTP/1.1", "GET /%z0abcd HTTP/1.1", "GET /a|b HTTP/1.1", "GET", "\u0016\u0003\u0001"})
    void get_whatIsNoUri_is400WithoutStackTraceAndTheNextOneIsServed(String line) throws Exception {
        try (Socket socket = new Socket(
                InetAddress.getLoopbackAddress(), shortener.frontUrl().getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write((line + "\r\nHost: x\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.1 400 ").doesNotContain("\tat ", "io.github", "sun.net");
        }
        assertThat(client.get("/" + client.make(URL)).status()).isEqualTo(302);
    }

    @Test
    void head_answersAsGetWithoutBody() throws Exception {
        String code = client.make(URL);

        Answer followed = client.send("HEAD", "/" + code, null);
        assertThat(followed.status()).isEqualTo(302);
        assertThat(followed.header("location")).isEqualTo(URL);
        Answer looked = client.send("HEAD", "/api/v1/urls/" + code, null);
        assertThat(looked.status()).isEqualTo(200);
        assertThat(looked.header("content-length"))
                .isEqualTo(client.get("/api/v1/urls/" + code).header("content-length"));
        assertThat(client.send("HEAD", "/aaaaaaa", null).status()).isEqualTo(404);
        assertThat(client.send("HEAD", "/health/ready", null).status()).isEqualTo(200);
    }

    @Test
    void get_link_countsClicksOfGetOnly() throws Exception {
        long begun = Stall.now();
        String code = client.make(URL);
        for (int i = 0; i < 6; i++) {
            client.get("/" + code + "?utm=1");
        }
        client.send("HEAD", "/" + code, null);

        await().atMost(PATIENCE).until(() -> clicks(code) >= 6);
        if (!Stall.since(begun)) { // else the front may have tried one twice
            assertThat(clicks(code)).isEqualTo(6);
        }
    }

    private int clicks(String code) throws Exception {
        return client.get("/api/v1/urls/" + code).json().path("clicks").intValue();
    }

    @Test
    void delete_byTheOwner_isNeverServedAgainByAnyNode() throws Exception {
        for (int round = 0; round < 5; round++) {
            String code = client.make(URL + round, "X-User-Id", "own");
            for (Client node : nodes) { // into every memory
                assertThat(node.get("/" + code).status()).isEqualTo(302);
            }
            assertThat(client.send("DELETE", "/api/v1/urls/" + code, null, "X-User-Id", "own")
                            .status())
                    .isEqualTo(204);
            for (Client node : nodes) {
                assertProblem(node.get("/" + code), 404, "not_found", null);
                assertProblem(node.get("/api/v1/urls/" + code), 404, "not_found", null);
            }
            assertThat(client.send("DELETE", "/api/v1/urls/" + code, null, "X-User-Id", "own")
                            .status())
                    .isEqualTo(404);
        }
    }

    @Test
    void delete_byAnother_is404AndTheLinkStays() throws Exception {
        String owned = client.make(URL, "X-User-Id", "owner");
        String free = client.make(URL);

        assertThat(client.send("DELETE", "/api/v1/urls/" + owned, null).status())
                .isEqualTo(404);
        assertThat(client.send("DELETE", "/api/v1/urls/" + owned, null, "X-User-Id", "thief")
                        .status())
                .isEqualTo(404);
        assertThat(client.get("/" + owned).status()).isEqualTo(302);
        assertThat(client.send("DELETE", "/api/v1/urls/" + free, null, "X-User-Id", "anybody")
                        .status())
                .isEqualTo(204);
        assertThat(client.send("DELETE", "/api/v1/urls/neverwas", null).status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "POST;/abcd;GET, HEAD",
                "DELETE;/abcd;GET, HEAD",
                "OPTIONS;/abcd;GET, HEAD",
                "GET;/api/v1/urls;POST",
                "DELETE;/api/v1/urls;POST",
                "PUT;/api/v1/urls/abcd;GET, HEAD, DELETE",
                "PATCH;/api/v1/urls/abcd;GET, HEAD, DELETE",
                "POST;/health/ready;GET, HEAD",
                "BREW;/metrics;GET, HEAD"
            })
    void otherMethods_are405WithAllow(String method, String path, String allow) throws Exception {
        Answer answer = client.send(method, path, null);

        assertProblem(answer, 405, "method_not_allowed", null);
        assertThat(answer.header("allow")).isEqualTo(allow);
    }

    @Test
    void health_andMetrics_onFrontAndNodes() throws Exception {
        List<Client> all = new ArrayList<>(nodes);
        all.add(client);
        for (Client each : all) {
            assertThat(each.get("/health/live").status()).isEqualTo(200);
            Answer ready = each.get("/health/ready");
            assertThat(ready.status()).isEqualTo(200);
            assertThat(ready.header("content-type")).startsWith("application/json");
            Answer metrics = each.get("/metrics");
            assertThat(metrics.status()).isEqualTo(200);
            assertThat(metrics.header("content-type")).startsWith("text/plain; version=0.0.4");
            assertThat(metrics.body()).contains("# HELP ", "shortener_http_request_duration", "jvm_");
        }
    }

    @Test
    void metrics_onEachNode_showClicksCachesShardsAndDatabases() throws Exception {
        for (Client node : nodes) {
            assertThat(node.get("/metrics").body())
                    .contains(
                            "shortener_clicks_dropped_total 0\n",
                            "pentalith_cache_remote_state{cache=\"links\",state=\"live\"}",
                            "pentalith_cache_entries{cache=\"moment\"}",
                            "pentalith_shard_map_nodes{map=\"links\"} 4\n",
                            "pentalith_pipeline_calls_total{pipeline=\"s3\",outcome=\"success\"}",
                            "pentalith_pipeline_call_duration_seconds_count{pipeline=\"s0\",outcome=\"success\"}",
                            "pentalith_breaker_state{breaker=\"s3\",state=\"closed\"} 1\n",
                            "pentalith_bulkhead_limit{bulkhead=\"s3\"} 8\n");
            assertThat(node.get("/health/ready").body()).contains("\"cache:links\"", "\"breaker:s3\"");
        }
    }

    @Test
    void metrics_onFront_showNodesPipelinesAndLimiter() throws Exception {
        client.get("/nosuchcode");

        assertThat(client.get("/metrics").body())
                .contains(
                        "pentalith_loadbalance_endpoint_ready{balancer=\"nodes\",endpoint=\"n0\"}",
                        "pentalith_loadbalance_call_duration_seconds_count{balancer=\"nodes\",outcome=\"success\"}",
                        "pentalith_pipeline_retries_total{pipeline=\"reads\"}",
                        "pentalith_pipeline_calls_total{pipeline=\"creations\",outcome=\"success\"}",
                        "pentalith_rate_limiter_permits_total{limiter=\"new-links\",outcome=\"rejected\"}");
    }

    @Test
    void codes_inSequence_shareNoPrefix() throws Exception {
        Set<String> prefixes = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            prefixes.add(client.make(URL).substring(0, 4));
        }

        assertThat(prefixes).hasSizeGreaterThan(18);
    }

    @Test
    void shortUrl_doesNotDependOnTheHostHeader() throws Exception {
        Client byAddress =
                new Client(URI.create("http://127.0.0.1:" + shortener.frontUrl().getPort()));

        assertThat(byAddress.post("{'longUrl':'" + URL + "'}").text("shortUrl")).startsWith(shortener.url() + "/");
    }

    private static void assertProblem(Answer answer, int status, String code, String field) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
        assertThat(answer.json().path("status").intValue()).isEqualTo(status);
        assertThat(answer.text("code")).isEqualTo(code);
        assertThat(answer.text("title")).isNotEmpty();
        assertThat(answer.text("field")).isEqualTo(field);
        assertThat(answer.body()).doesNotContain("Exception", "at io.github");
    }
}
