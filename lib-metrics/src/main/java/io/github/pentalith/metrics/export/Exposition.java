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
 * <p>Thread-safe. A scrape reads every series once and costs O(series). It keeps its text, of up to 4 MB, for the next
 * one, which then writes no more than the numbers that have changed. Numbers with up to nine decimals make no garbage.
 * Nothing is written to the stream before all series have been read, so a slow reader holds nothing up.
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
    private static final int KEPT_BUFFERS = 8 << 20;

    private final boolean openMetrics;
    private final String contentType;
    private final AtomicReference<@Nullable ScrapeText> spare = new AtomicReference<>();

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
        Exposition wanted = wanted(accept);
        return wanted == null ? PROMETHEUS : wanted;
    }

    /** What the client prefers; null if it excludes both. */
    private static @Nullable Exposition wanted(@Nullable String accept) {
        if (accept == null || accept.isBlank()) {
            return PROMETHEUS;
        }
        double open = 0;
        double plain = 0;
        boolean anything = false;
        for (String range : accept.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = range.split(";", -1);
            double quality = quality(parts);
            switch (parts[0].strip()) {
                case "application/openmetrics-text" -> open = Math.max(open, quality);
                case "text/plain" -> plain = Math.max(plain, quality);
                // what accepts anything gets what everybody reads
                case "*/*", "text/*" -> anything |= quality > 0;
                default -> {}
            }
        }
        if (open > 0 && open >= plain) {
            return OPEN_METRICS;
        }
        return plain > 0 || anything ? PROMETHEUS : null;
    }

    /** The {@code q} of a media range; one that is not a number excludes the range. */
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
        ScrapeText scrape = render(registry);
        scrape.finish().writeTo(out);
        giveBack(scrape);
    }

    /**
     * Returns all series of a registry as text.
     *
     * @param registry what to write
     * @return the text
     */
    public String text(MetricRegistry registry) {
        ScrapeText scrape = render(registry);
        String result = scrape.finish().toString();
        giveBack(scrape);
        return result;
    }

    private ScrapeText render(MetricRegistry registry) {
        Objects.requireNonNull(registry, "registry");
        ScrapeText scrape = spare.getAndSet(null);
        if (scrape == null) {
            scrape = new ScrapeText();
        }
        scrape.start();
        registry.collect(new TextCollector(scrape, openMetrics));
        if (openMetrics) {
            scrape.resume();
            if (!scrape.same(this)) {
                scrape.out().ascii("# EOF\n");
            }
            scrape.end();
        }
        return scrape;
    }

    private void giveBack(ScrapeText scrape) {
        if (scrape.capacity() <= KEPT_BUFFERS) {
            spare.set(scrape);
        }
    }

    @Override
    public String toString() {
        return "Exposition[" + contentType + "]";
    }

    /**
     * Answers scrapes on the JDK's HTTP server, in the format that the client prefers. What it cannot answer, it
     * refuses in a line of text: another method than {@code GET} and {@code HEAD} (405), a path below the handler's
     * context (404), an {@code Accept} header that neither format satisfies (406).
     *
     * @param registry what to show
     * @return a handler
     */
    public static HttpHandler handler(MetricRegistry registry) {
        Objects.requireNonNull(registry, "registry");
        return exchange -> {
            try (exchange) {
                if (!readOnly(exchange)) {
                    return;
                }
                if (!below(exchange).isEmpty()) {
                    refuse(exchange, 404, "nothing is here (expected: " + path(exchange) + ")");
                    return;
                }
                Exposition format = wanted(accepted(exchange));
                if (format == null) {
                    refuse(
                            exchange,
                            406,
                            "accept must allow a format there is: accept=" + accepted(exchange) + " (expected: "
                                    + PROMETHEUS.contentType + ", or " + OPEN_METRICS.contentType + ")");
                    return;
                }
                ScrapeText scrape = format.render(registry);
                TextBuffer text = scrape.finish();
                exchange.getResponseHeaders().set("Content-Type", format.contentType());
                boolean head = head(exchange);
                exchange.sendResponseHeaders(200, head ? -1 : text.length());
                if (!head) {
                    text.writeTo(exchange.getResponseBody());
                }
                format.giveBack(scrape);
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
                    refuse(exchange, 404, "no such group (expected: live, ready, started, or nothing for all)");
                    return;
                }
                byte[] body = report.toJson().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/json");
                boolean head = head(exchange);
                exchange.sendResponseHeaders(report.httpStatus(), head ? -1 : body.length);
                if (!head) {
                    exchange.getResponseBody().write(body);
                }
            }
        };
    }

    private static @Nullable HealthReport report(HealthRegistry health, HttpExchange exchange) {
        return switch (below(exchange)) {
            case "" -> health.report();
            case "live", "liveness" -> health.report(HealthCheck.Group.LIVENESS);
            case "ready", "readiness" -> health.report(HealthCheck.Group.READINESS);
            case "started", "startup" -> health.report(HealthCheck.Group.STARTUP);
            default -> null;
        };
    }

    /** What follows the handler's context in the path of the request, without slashes around it. */
    private static String below(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        String rest = path.substring(Math.min(path.length(), path(exchange).length()));
        int from = rest.startsWith("/") ? 1 : 0;
        return rest.substring(from, Math.max(from, rest.endsWith("/") ? rest.length() - 1 : rest.length()));
    }

    private static String path(HttpExchange exchange) {
        return exchange.getHttpContext().getPath();
    }

    private static boolean readOnly(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        if (method.equals("GET") || method.equals("HEAD")) {
            return true;
        }
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        refuse(exchange, 405, "method must only read: method=" + method + " (expected: GET or HEAD)");
        return false;
    }

    private static boolean head(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("HEAD");
    }

    private static void refuse(HttpExchange exchange, int status, String why) throws IOException {
        byte[] body = (why + "\n").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(status, head(exchange) ? -1 : body.length);
        if (!head(exchange)) {
            exchange.getResponseBody().write(body);
        }
    }
}
