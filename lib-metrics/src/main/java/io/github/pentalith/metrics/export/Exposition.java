// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.health.HealthCheck;
import io.github.pentalith.metrics.health.HealthRegistry;
import io.github.pentalith.metrics.health.HealthReport;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A text format for metrics: Prometheus' text format 0.0.4 or OpenMetrics 1.0.
 *
 * <p>Thread-safe. A scrape reads every series once and costs O(series); it reuses its buffer, and labels were encoded
 * when their series was made, so that numbers are all that is formatted. Numbers with up to nine decimals make no
 * garbage. Nothing is written to the stream before all series have been read, so a slow reader holds nothing up.
 * Failing hooks are contained by the registry; only what the stream throws comes out.
 *
 * <pre>{@code
 * HttpServer server = HttpServer.create(new InetSocketAddress(9090), 0);
 * server.createContext("/metrics", Exposition.handler(registry));
 * server.createContext("/health", Exposition.handler(health));
 * }</pre>
 *
 * <p>Formats: prometheus.io/docs/instrumenting/exposition_formats and the OpenMetrics 1.0 specification. Exemplars,
 * created timestamps and native histograms are not written.
 */
public final class Exposition {
    private static final Exposition PROMETHEUS = new Exposition(false, "text/plain; version=0.0.4; charset=utf-8");
    private static final Exposition OPEN_METRICS =
            new Exposition(true, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    private static final int KEPT_BUFFER = 4 << 20;

    private final boolean openMetrics;
    private final String contentType;
    private final AtomicReference<@Nullable TextBuffer> spare = new AtomicReference<>();

    private Exposition(boolean openMetrics, String contentType) {
        this.openMetrics = openMetrics;
        this.contentType = contentType;
    }

    /** {@return Prometheus' text format 0.0.4} */
    public static Exposition prometheus() {
        return PROMETHEUS;
    }

    /** {@return OpenMetrics 1.0} */
    public static Exposition openMetrics() {
        return OPEN_METRICS;
    }

    /**
     * Chooses the format that a client prefers.
     *
     * @param accept the value of its {@code Accept} header, or null
     * @return OpenMetrics if the client accepts it with a quality at least that of {@code text/plain}, else
     *     Prometheus' text format
     */
    public static Exposition negotiate(@Nullable String accept) {
        if (accept == null) {
            return PROMETHEUS;
        }
        double open = 0;
        double plain = 0;
        for (String range : accept.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = range.split(";", -1);
            double quality = quality(parts);
            switch (parts[0].strip()) {
                case "application/openmetrics-text" -> open = Math.max(open, quality);
                case "text/plain" -> plain = Math.max(plain, quality);
                default -> {} // what accepts anything gets what everybody reads
            }
        }
        return open > 0 && open >= plain ? OPEN_METRICS : PROMETHEUS;
    }

    private static double quality(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String part = parts[i].strip();
            if (part.startsWith("q=")) {
                try {
                    return Double.parseDouble(part.substring(2));
                } catch (NumberFormatException e) {
                    return 0;
                }
            }
        }
        return 1;
    }

    /** {@return the value of the {@code Content-Type} header} */
    public String contentType() {
        return contentType;
    }

    /**
     * Writes all series of a registry.
     *
     * @param registry what to write
     * @param out where to; it is neither flushed nor closed
     * @throws IOException if {@code out} throws it
     */
    public void write(MetricRegistry registry, OutputStream out) throws IOException {
        TextBuffer text = render(registry);
        text.writeTo(out);
        giveBack(text);
    }

    /**
     * Returns all series of a registry as text.
     *
     * @param registry what to write
     * @return the text
     */
    public String text(MetricRegistry registry) {
        TextBuffer text = render(registry);
        String result = text.toString();
        giveBack(text);
        return result;
    }

    private TextBuffer render(MetricRegistry registry) {
        Objects.requireNonNull(registry, "registry");
        TextBuffer text = spare.getAndSet(null);
        if (text == null) {
            text = new TextBuffer();
        }
        text.clear();
        registry.collect(new TextCollector(text, openMetrics));
        if (openMetrics) {
            text.ascii("# EOF\n");
        }
        return text;
    }

    private void giveBack(TextBuffer text) {
        if (text.capacity() <= KEPT_BUFFER) {
            spare.set(text);
        }
    }

    @Override
    public String toString() {
        return "Exposition[" + contentType + "]";
    }

    /**
     * Answers scrapes on the JDK's HTTP server, in the format that the client prefers.
     *
     * @param registry what to show
     * @return a handler for {@code GET} and {@code HEAD}
     */
    public static HttpHandler handler(MetricRegistry registry) {
        Objects.requireNonNull(registry, "registry");
        return exchange -> {
            try (exchange) {
                if (!readOnly(exchange)) {
                    return;
                }
                Exposition format = negotiate(accepted(exchange));
                TextBuffer text = format.render(registry);
                exchange.getResponseHeaders().set("Content-Type", format.contentType());
                boolean head = exchange.getRequestMethod().equals("HEAD");
                exchange.sendResponseHeaders(200, head ? -1 : text.length());
                if (!head) {
                    text.writeTo(exchange.getResponseBody());
                }
                format.giveBack(text);
            }
        };
    }

    private static @Nullable String accepted(HttpExchange exchange) {
        var values = exchange.getRequestHeaders().get("Accept");
        return values == null ? null : String.join(",", values);
    }

    /**
     * Answers questions about health on the JDK's HTTP server, as JSON in the shape of Spring Boot's actuator: 200, or
     * 503 if the asked checks are down. Below the handler's context, {@code /live}, {@code /ready} and
     * {@code /started} ask one group (the actuator's {@code /liveness} and {@code /readiness} too); the context itself
     * asks all.
     *
     * @param health whom to ask
     * @return a handler for {@code GET} and {@code HEAD}
     */
    public static HttpHandler handler(HealthRegistry health) {
        Objects.requireNonNull(health, "health");
        return exchange -> {
            try (exchange) {
                if (!readOnly(exchange)) {
                    return;
                }
                HealthReport report = report(health, exchange);
                if (report == null) {
                    exchange.sendResponseHeaders(404, -1);
                    return;
                }
                byte[] body = report.toJson().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                boolean head = exchange.getRequestMethod().equals("HEAD");
                exchange.sendResponseHeaders(report.httpStatus(), head ? -1 : body.length);
                if (!head) {
                    exchange.getResponseBody().write(body);
                }
            }
        };
    }

    private static @Nullable HealthReport report(HealthRegistry health, HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        String context = exchange.getHttpContext().getPath();
        String rest = path.substring(Math.min(path.length(), context.length()));
        return switch (rest.startsWith("/") ? rest.substring(1) : rest) {
            case "" -> health.report();
            case "live", "liveness" -> health.report(HealthCheck.Group.LIVENESS);
            case "ready", "readiness" -> health.report(HealthCheck.Group.READINESS);
            case "started", "startup" -> health.report(HealthCheck.Group.STARTUP);
            default -> null;
        };
    }

    private static boolean readOnly(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        if (method.equals("GET") || method.equals("HEAD")) {
            return true;
        }
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
        return false;
    }
}
