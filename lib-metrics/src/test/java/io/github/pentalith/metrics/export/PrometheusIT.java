// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Timer;
import io.github.pentalith.metrics.Unit;
import io.github.pentalith.metrics.bind.JvmMetrics;
import io.github.pentalith.metrics.slo.BurnRateAlerts;
import io.github.pentalith.metrics.slo.Slo;
import io.github.pentalith.testkit.RequiresTool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus' own tools say about our output. */
@RequiresTool(value = "promtool", debianPackage = "prometheus")
@RequiresTool(value = "prometheus")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class PrometheusIT {
    private static final String HOSTILE = "a\\b\"c\nd{e}=,f \u00e9";

    @TempDir
    Path folder;

    private final MetricRegistry registry = MetricRegistry.of("shop");
    private final Timer work = registry.timer("work", "Work that was done.")
            .buckets(Duration.ofMillis(10), Duration.ofMillis(100))
            .register();

    private void fill() {
        registry.counter("orders", "Orders placed, \\ \"all\"\nof them.")
                .labels("route", "status")
                .with(HOSTILE, "200")
                .add(12_345);
        registry.counter("busy", "Time spent.").nanoseconds().register().add(1_500_000_000);
        registry.gauge("queue_depth", "Jobs waiting.").register().set(-3);
        registry.gauge("fill", "How full.").unit(Unit.RATIO).register().set(0.1);
        registry.gauge("unknown", "Not known.").register().set(Double.NaN);
        registry.gauge("huge", "Beyond all bounds.").register().set(1.5e300);
        registry.histogram("size", "Sizes.").unit(Unit.BYTES).register().record(100);
        for (int i = 1; i <= 100; i++) {
            work.record(Duration.ofMillis(i));
        }
        JvmMetrics.bind(registry);
    }

    @Test
    void promtool_onEveryMetric_findsNothing() throws Exception {
        fill();
        assertThat(promtool(Exposition.prometheus().text(registry), "check", "metrics"))
                .isEmpty();
    }

    @Test
    void server_thatScrapes_hasTheValuesInBothFormats() throws Exception {
        fill();
        HttpServer ours = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ours.createContext("/metrics", Exposition.handler(registry));
        ours.createContext(
                "/plain",
                exchange -> { // for servers that know the oldest format only
                    exchange.getResponseHeaders()
                            .set("Content-Type", Exposition.prometheus().contentType());
                    exchange.sendResponseHeaders(200, 0);
                    Exposition.prometheus().write(registry, exchange.getResponseBody());
                    exchange.close();
                });
        ours.start();
        int port = freePort();
        Path rules = folder.resolve("rules.yml");
        Files.writeString(rules, rules());
        Files.writeString(folder.resolve("prometheus.yml"), """
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: [%s]
            scrape_configs:
              - {job_name: open, static_configs: [{targets: ["127.0.0.1:%d"]}]}
              - {job_name: plain, metrics_path: /plain, static_configs: [{targets: ["127.0.0.1:%d"]}]}
            """.formatted(
                        rules, ours.getAddress().getPort(), ours.getAddress().getPort()));
        Process server = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + folder.resolve("prometheus.yml"),
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        try {
            for (String job : List.of("open", "plain")) {
                String of = "{job=\"" + job + "\"}";
                awaitValue(port, "up" + of, "1");
                awaitValue(port, "shop_orders_total{status=\"200\",job=\"" + job + "\"}", "12345");
                awaitValue(port, "shop_busy_seconds_total" + of, "1.5");
                awaitValue(port, "shop_queue_depth" + of, "-3");
                awaitValue(port, "shop_fill_ratio" + of, "0.1");
                awaitValue(port, "shop_unknown" + of, "NaN");
                awaitValue(port, "shop_huge == 1.5e300 and shop_huge" + of, null);
                awaitValue(port, "shop_work_seconds_count" + of, "100");
                awaitValue(port, "shop_work_seconds_sum" + of, "5.05");
                awaitValue(port, "sum(shop_work_seconds_bucket{le=~\"0.01.*\",job=\"" + job + "\"})", "10");
                awaitValue(port, "sum(shop_work_seconds_bucket{le=\"+Inf\",job=\"" + job + "\"})", "100");
            }
            String series = get(port, "/api/v1/query?query=shop_orders_total");
            assertThat(series).contains("\"route\":\"a\\\\b\\\"c\\nd{e}=,f \u00e9\"");
            // A rule has no health before it was first evaluated.
            Awaitility.await()
                    .atMost(Duration.ofMinutes(3))
                    .untilAsserted(() -> assertThat(get(port, "/api/v1/rules"))
                            .contains("\"name\":\"speed_burn_1h\"")
                            .contains("\"health\":\"ok\"")
                            .doesNotContain("\"health\":\"unknown\""));
        } finally {
            server.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
            ours.stop(0);
        }
    }

    private String rules() {
        Slo speed = Slo.latency("speed", 0.99, work, Duration.ofMillis(100));
        try (BurnRateAlerts alerts = BurnRateAlerts.builder("shop").slo(speed).build()) {
            return alerts.toPrometheusRules();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Waits until a query has this value, or, if it is null, any. */
    private static void awaitValue(int port, String query, String value) {
        String path = "/api/v1/query?query=" + URLEncoder.encode(query, StandardCharsets.UTF_8);
        String wanted = value == null ? "\"value\":[" : ",\"" + value + "\"]";
        Awaitility.await(query)
                .atMost(Duration.ofMinutes(3))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(get(port, path)).contains(wanted));
    }

    private static String get(int port, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private String promtool(String input, String... arguments) throws Exception {
        Path in = folder.resolve("input");
        Files.writeString(in, input);
        List<String> command = new java.util.ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(in.toFile())
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
