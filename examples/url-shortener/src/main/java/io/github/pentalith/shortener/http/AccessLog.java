// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line of JSON per request, on a logger of its own that is off unless somebody turns it on.
 *
 * <p>The front's line and those of the nodes that it tried have one {@code trace}; the nodes' {@code parent} is the
 * front's {@code span}. Neither users nor long URLs are in it.
 */
public final class AccessLog implements RequestLog {
    /** The logger, at level INFO. */
    public static final String LOGGER = "io.github.pentalith.shortener.access";

    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

    private final String server;

    /** The log of the server with that name. */
    public AccessLog(String server) {
        this.server = server;
    }

    /** Turns the log on, for all servers of this process. */
    public static void enable() {
        if (LOG instanceof ch.qos.logback.classic.Logger logger) {
            logger.setLevel(ch.qos.logback.classic.Level.INFO);
        }
    }

    @Override
    public void answered(Request request, Reply reply, long nanos) {
        if (LOG.isInfoEnabled()) {
            LOG.info("{}", line(server, Instant.now(), request, reply, nanos));
        }
    }

    static String line(String server, Instant now, Request request, Reply reply, long nanos) {
        Trace trace = request.trace();
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("time", now.truncatedTo(ChronoUnit.MILLIS).toString());
        fields.put("server", server);
        fields.put("method", request.method());
        fields.put("path", request.path());
        fields.put("route", request.route().name().toLowerCase(Locale.ROOT));
        fields.put("status", reply.status());
        fields.put("bytes", reply.body().length);
        fields.put("micros", nanos / 1_000);
        fields.put("peer", request.peer().getHostAddress());
        fields.put("trace", trace.traceId());
        fields.put("span", trace.spanId());
        if (trace.parentId() != null) {
            fields.put("parent", trace.parentId());
        }
        return new String(Json.write(fields), StandardCharsets.UTF_8);
    }
}
