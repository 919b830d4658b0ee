// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

import io.github.pentalith.shortener.link.Rejection;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Errors as RFC 9457 wants them, with {@code code} for programs and {@code field} for forms. */
public final class Problems {
    private static final Map<Integer, String> TITLES = Map.ofEntries(
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(409, "Conflict"),
            Map.entry(410, "Gone"),
            Map.entry(413, "Content Too Large"),
            Map.entry(429, "Too Many Requests"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(503, "Service Unavailable"));

    private Problems() {}

    /** {@return the answer to a request that was turned down} */
    public static Reply of(Rejection rejection) {
        int status = switch (rejection.kind()) {
            case INVALID -> 400;
            case NOT_FOUND -> 404;
            case TAKEN -> 409;
            case EXPIRED -> 410;
            case UNAVAILABLE -> 503;
        };
        Reply reply = problem(status, rejection.code(), rejection.field(), rejection.getMessage());
        return status == 503 ? reply.with("Retry-After", "1") : reply;
    }

    /** {@return the answer for a path that does not exist} */
    public static Reply notFound() {
        return problem(404, "not_found", null, "there is nothing at this path");
    }

    /** {@return the answer for a method that the path does not know} */
    public static Reply methodNotAllowed(Route route, String method) {
        return problem(405, "method_not_allowed", null, "this path does not know the method " + method)
                .with("Allow", route.allow());
    }

    /** {@return the answer for a body that is too long} */
    public static Reply bodyTooLarge() {
        return problem(413, "body_too_large", null, "a body has at most " + WebServer.MAXIMUM_BODY + " bytes");
    }

    /** {@return the answer for a client that asks too often} */
    public static Reply tooManyRequests(Duration wait) {
        return problem(429, "rate_limited", null, "too many new links; wait, then go on")
                .with(
                        "Retry-After",
                        Long.toString(Math.max(1, wait.plusMillis(999).toSeconds())));
    }

    /** {@return the answer when a part of the system is away} */
    public static Reply unavailable(String detail) {
        return problem(503, "unavailable", null, detail).with("Retry-After", "1");
    }

    /** {@return the answer to who does not show the token} */
    public static Reply unauthorized() {
        return problem(401, "unauthorized", null, "this needs the header Authorization: Bearer TOKEN")
                .with("WWW-Authenticate", "Bearer");
    }

    /** {@return the answer to a web page that makes its reader's browser ask} */
    public static Reply forbidden() {
        return problem(403, "forbidden", null, "this is not for browsers");
    }

    /** {@return the answer to what does not fit the state of things} */
    public static Reply conflict(String detail) {
        return problem(409, "conflict", null, detail);
    }

    /** {@return the answer for our own mistakes: they are in the log, not in the answer} */
    public static Reply internal() {
        return problem(500, "internal", null, "something went wrong here");
    }

    private static Reply problem(int status, String code, @Nullable String field, @Nullable String detail) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "about:blank"); // the status says it all; so the title must be the status phrase
        body.put("title", TITLES.getOrDefault(status, ""));
        body.put("status", status);
        if (detail != null) {
            body.put("detail", detail);
        }
        body.put("code", code);
        if (field != null) {
            body.put("field", field);
        }
        return Reply.of(status, "application/problem+json", Json.write(body));
    }
}
