// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Timer;
import io.github.pentalith.metrics.Unit;
import io.github.pentalith.metrics.health.Health;
import io.github.pentalith.metrics.health.HealthCheck;
import io.github.pentalith.metrics.health.HealthRegistry;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpositionTest {
    private final MetricRegistry registry = MetricRegistry.of("shop");

    @Test
    void text_inBothFormats_isExactlyThis() throws Exception {
        registry.counter("orders", "Orders \\ placed,\n\"all\".")
                .labels("route")
                .with("/a")
                .add(3);
        registry.gauge("fill", "How full.").unit(Unit.RATIO).register().set(0.25);
        registry.counter("unused", "Has no series.").labels("x");
        Timer timer = registry.timer("work", "Work.")
                .buckets(Duration.ofNanos(1 << 20), Duration.ofNanos(1 << 30))
                .register();
        timer.recordNanos(1 << 20);
        timer.recordNanos((1 << 20) + 1);
        assertThat(Exposition.prometheus().text(registry)).isEqualTo("""
                        # TYPE shop_orders_total counter
                        # HELP shop_orders_total Orders \\\\ placed,\\n"all".
                        shop_orders_total{route="/a"} 3
                        # TYPE shop_fill_ratio gauge
                        # HELP shop_fill_ratio How full.
                        shop_fill_ratio 0.25
                        # TYPE shop_work_seconds histogram
                        # HELP shop_work_seconds Work.
                        shop_work_seconds_bucket{le="0.001048576"} 1
                        shop_work_seconds_bucket{le="1.073741824"} 2
                        shop_work_seconds_bucket{le="+Inf"} 2
                        shop_work_seconds_sum 0.002097153
                        shop_work_seconds_count 2
                        """);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Exposition.openMetrics().write(registry, out);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""
                        # TYPE shop_orders counter
                        # HELP shop_orders Orders \\\\ placed,\\n\\"all\\".
                        shop_orders_total{route="/a"} 3
                        # TYPE shop_fill_ratio gauge
                        # UNIT shop_fill_ratio ratio
                        # HELP shop_fill_ratio How full.
                        shop_fill_ratio 0.25
                        # TYPE shop_work_seconds histogram
                        # UNIT shop_work_seconds seconds
                        # HELP shop_work_seconds Work.
                        shop_work_seconds_bucket{le="0.001048576"} 1
                        shop_work_seconds_bucket{le="1.073741824"} 2
                        shop_work_seconds_bucket{le="+Inf"} 2
                        shop_work_seconds_sum 0.002097153
                        shop_work_seconds_count 2
                        # EOF
                        """);
    }

    @Test
    void buckets_withLabels_keepTheLabelsBeforeTheBound() {
        registry.histogram("size", "Sizes.")
                .buckets(1, 4, 0x1p60)
                .labels("op")
                .with("x")
                .record(3);
        assertThat(Exposition.prometheus().text(registry))
                .contains("shop_size_bucket{op=\"x\",le=\"1.0\"} 0\n")
                .contains("shop_size_bucket{op=\"x\",le=\"4.0\"} 1\n")
                .contains("shop_size_bucket{op=\"x\",le=\"" + 0x1p60 + "\"} 1\n")
                .contains("shop_size_count{op=\"x\"} 1\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            value = {
                "null|text/plain",
                "*/*|text/plain",
                "text/plain|text/plain",
                "application/openmetrics-text|application/openmetrics-text",
                "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
                        + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2|application/openmetrics-text",
                "application/openmetrics-text;q=0.2,text/plain;q=0.9|text/plain",
                "application/openmetrics-text;q=0|text/plain",
                "application/openmetrics-text;q=x|text/plain",
                "APPLICATION/OpenMetrics-Text; version=1.0.0|application/openmetrics-text",
            })
    void negotiate_byTheAcceptHeader_choosesWhatTheClientPrefers(String accept, String type) {
        assertThat(Exposition.negotiate(accept).contentType()).startsWith(type);
        assertThat(Exposition.negotiate(accept).toString()).contains(type);
    }

    @Test
    void handler_ofMetrics_answersGetAndHeadOnly() throws Exception {
        registry.counter("orders", "Orders.").register().inc();
        serve(Exposition.handler(registry), base -> {
            HttpResponse<String> plain = send(base, "GET", null);
            assertThat(plain.statusCode()).isEqualTo(200);
            assertThat(plain.body()).contains("shop_orders_total 1");
            assertThat(plain.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
            HttpResponse<String> open = send(base, "GET", "application/openmetrics-text; version=1.0.0");
            assertThat(open.body()).endsWith("# EOF\n");
            HttpResponse<String> head = send(base, "HEAD", null);
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
            HttpResponse<String> post = send(base, "POST", null);
            assertThat(post.statusCode()).isEqualTo(405);
            assertThat(post.headers().firstValue("Allow")).hasValue("GET, HEAD");
            assertThat(post.body()).isEqualTo("method must only read: method=POST (expected: GET or HEAD)\n");
        });
    }

    @Test
    void handler_ofMetrics_refusesWhatItCannotAnswerAndSaysWhy() throws Exception {
        serve(Exposition.handler(registry), base -> {
            HttpResponse<String> elsewhere = send(base + "/orders", "GET", null);
            assertThat(elsewhere.statusCode()).isEqualTo(404);
            assertThat(elsewhere.body()).isEqualTo("nothing is here (expected: /x)\n");
            assertThat(send(base + "/", "GET", null).statusCode()).isEqualTo(200);
            HttpResponse<String> other = send(base, "GET", "application/json, text/plain;q=0");
            assertThat(other.statusCode()).isEqualTo(406);
            assertThat(other.body())
                    .startsWith(
                            "accept must allow a format there is: accept=application/json, text/plain;q=0 (expected: ")
                    .contains("text/plain; version=0.0.4", "application/openmetrics-text; version=1.0.0");
            assertThat(send(base, "HEAD", "application/json").statusCode()).isEqualTo(406);
            for (String fine : new String[] {"*/*", "text/*;q=0.1", "application/json, */*;q=0.01", "text/plain;q=1"}) {
                assertThat(send(base, "GET", fine).statusCode()).as(fine).isEqualTo(200);
            }
            assertThat(send(base, "GET", ",;=;,q,\"").statusCode()).isEqualTo(406);
        });
    }

    @Test
    void handler_ofHealth_answersByGroup() throws Exception {
        try (HealthRegistry health = HealthRegistry.of("test")) {
            Duration patient = Duration.ofMinutes(1);
            health.register(HealthCheck.liveness("alive", Health::up).timeout(patient));
            health.register(
                    HealthCheck.readiness("db", () -> Health.down("no route")).timeout(patient));
            serve(Exposition.handler(health), base -> {
                assertThat(send(base + "/live", "GET", null).body())
                        .isEqualTo("{\"status\":\"UP\",\"components\":{\"alive\":{\"status\":\"UP\"}}}");
                HttpResponse<String> ready = send(base + "/readiness", "GET", null);
                assertThat(ready.statusCode()).isEqualTo(503);
                assertThat(ready.body())
                        .isEqualTo("{\"status\":\"DOWN\",\"components\":{\"db\":{\"status\":\"DOWN\","
                                + "\"details\":{\"reason\":\"no route\"}}}}");
                assertThat(ready.headers().firstValue("Content-Type")).hasValue("application/json");
                assertThat(send(base + "/started", "GET", null).statusCode()).isEqualTo(200);
                assertThat(send(base, "HEAD", null).statusCode()).isEqualTo(503);
                HttpResponse<String> nonsense = send(base + "/nonsense", "GET", null);
                assertThat(nonsense.statusCode()).isEqualTo(404);
                assertThat(nonsense.body())
                        .isEqualTo("no such group (expected: live, ready, started, or nothing for all)\n");
                assertThat(send(base + "/live/", "GET", "image/png").statusCode())
                        .isEqualTo(200);
                assertThat(send(base, "DELETE", null).statusCode()).isEqualTo(405);
            });
        }
    }

    private static void serve(HttpHandler handler, Consumer<String> client) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/x", handler);
        server.start();
        try {
            client.accept("http://127.0.0.1:" + server.getAddress().getPort() + "/x");
        } finally {
            server.stop(0);
        }
    }

    private static HttpResponse<String> send(String uri, String method, String accept) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(uri)).method(method, HttpRequest.BodyPublishers.noBody());
        if (accept != null) {
            request.header("Accept", accept);
        }
        try {
            return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (java.io.IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
