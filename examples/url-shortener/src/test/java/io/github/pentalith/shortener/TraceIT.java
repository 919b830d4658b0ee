// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.fasterxml.jackson.databind.JsonNode;
import io.github.pentalith.shortener.http.AccessLog;
import io.github.pentalith.shortener.http.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** One trace goes through the front and the nodes, and the access lines of both tell it. */
class TraceIT {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(AccessLog.LOGGER);
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(event.getFormattedMessage());
        }
    };
    private Shortener shortener;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        shortener = Shortener.start(Settings.defaults().port(0).nodes(2).shards(1));
        client = new Client(shortener.frontUrl());
        appender.start();
        logger.addAppender(appender);
        AccessLog.enable();
    }

    @AfterEach
    void stop() {
        logger.setLevel(Level.OFF);
        logger.detachAppender(appender);
        shortener.close();
    }

    @Test
    void request_withATrace_isOneTraceOnAllServers() throws Exception {
        String code = client.make("https://example.org/");

        client.send("GET", "/" + code, null, "traceparent", "00-" + TRACE + "-" + SPAN + "-01");

        JsonNode front = line("front", TRACE);
        assertThat(front.path("parent").asText()).isEqualTo(SPAN);
        assertThat(front.path("method").asText()).isEqualTo("GET");
        assertThat(front.path("path").asText()).isEqualTo("/" + code);
        assertThat(front.path("route").asText()).isEqualTo("follow");
        assertThat(front.path("status").asInt()).isEqualTo(302);
        assertThat(front.path("micros").asLong()).isPositive();
        assertThat(front.path("peer").asText()).isNotEmpty();
        assertThat(Instant.parse(front.path("time").asText()))
                .isBetween(Instant.now().minusSeconds(60), Instant.now());
        JsonNode node = line("n", TRACE);
        assertThat(node.path("parent").asText()).isEqualTo(front.path("span").asText());
        assertThat(node.path("span").asText()).isNotEqualTo(front.path("span").asText());
        assertThat(lines).noneMatch(line -> line.contains("example.org")); // where people go is nobody's business
    }

    @Test
    void request_withoutATrace_beginsOne() throws Exception {
        client.get("/unknown");

        await().atMost(Duration.ofSeconds(30)).until(() -> parsed("n").stream().anyMatch(TraceIT::isUnknown));
        JsonNode node =
                parsed("n").stream().filter(TraceIT::isUnknown).findFirst().orElseThrow();
        JsonNode front = line("front", node.path("trace").asText());
        assertThat(front.has("parent")).isFalse();
        assertThat(front.path("status").asInt()).isEqualTo(404);
        assertThat(node.path("parent").asText()).isEqualTo(front.path("span").asText());
    }

    private static boolean isUnknown(JsonNode line) {
        return line.path("path").asText().equals("/unknown");
    }

    private JsonNode line(String server, String trace) throws IOException {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> parsed(server).stream()
                        .anyMatch(line -> line.path("trace").asText().equals(trace)));
        List<JsonNode> found = parsed(server).stream()
                .filter(line -> line.path("trace").asText().equals(trace))
                .toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private List<JsonNode> parsed(String server) throws IOException {
        List<JsonNode> parsed = new ArrayList<>();
        for (String line : lines) {
            JsonNode json = Json.read(line.getBytes(StandardCharsets.UTF_8));
            if (json.path("server").asText().startsWith(server)) {
                parsed.add(json);
            }
        }
        return parsed;
    }
}
