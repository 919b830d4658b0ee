// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.node;

import io.github.pentalith.cache.CacheLoadException;
import io.github.pentalith.cache.CacheTimeoutException;
import io.github.pentalith.resilience.CallTimeoutException;
import io.github.pentalith.resilience.Deadline;
import io.github.pentalith.shortener.click.ClickCounter;
import io.github.pentalith.shortener.http.Handler;
import io.github.pentalith.shortener.http.Json;
import io.github.pentalith.shortener.http.Operations;
import io.github.pentalith.shortener.http.Problems;
import io.github.pentalith.shortener.http.Reply;
import io.github.pentalith.shortener.http.Request;
import io.github.pentalith.shortener.link.Link;
import io.github.pentalith.shortener.link.NewLink;
import io.github.pentalith.shortener.link.Rejection;
import io.github.pentalith.shortener.link.UrlRules;
import io.github.pentalith.shortener.link.Users;
import io.github.pentalith.shortener.store.LinkTable;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP face of a node: from requests to links and back. */
final class NodeApi implements Handler {
    /** How long clients may remember a permanent link; longer than a day they should ask again anyway. */
    private static final Duration PERMANENT = Duration.ofDays(1);

    private static final Logger LOG = LoggerFactory.getLogger(NodeApi.class);

    private final URI baseUrl;
    private final UrlRules rules;
    private final Links links;
    private final ClickCounter clicks;
    private final Operations operations;
    private final InstantSource clock;

    NodeApi(URI baseUrl, Links links, ClickCounter clicks, Operations operations, InstantSource clock) {
        this.baseUrl = baseUrl;
        this.rules = new UrlRules(baseUrl);
        this.links = links;
        this.clicks = clicks;
        this.operations = operations;
        this.clock = clock;
    }

    @Override
    public Reply handle(Request request) throws Exception {
        String left = request.header(Request.DEADLINE);
        try {
            return left == null ? answer(request) : Deadline.fromHeader(left).call(() -> answer(request));
        } catch (SQLException | CacheLoadException | CacheTimeoutException | CallTimeoutException e) {
            LOG.debug("{} {} failed", request.method(), request.route(), e); // the pipeline's breaker logs the outage
            return Problems.unavailable("a database did not answer");
        }
    }

    private Reply answer(Request request) throws SQLException {
        return switch (request.route()) {
            case FOLLOW -> follow(request);
            case LINKS -> make(request);
            case LINK -> request.method().equals("DELETE") ? delete(request) : look(request);
            default -> operations.handle(request);
        };
    }

    private Reply follow(Request request) {
        Link link = links.follow(request.code());
        if (request.method().equals("GET")) { // HEAD is what previews and link checkers send
            clicks.click(link.code());
        }
        Reply reply = Reply.empty(link.permanent() ? 301 : 302).with("Location", octets(link.longUrl()));
        return reply.with(
                "Cache-Control", link.permanent() ? "max-age=" + lifetime(link).toSeconds() : "no-store");
    }

    /** {@return the characters of the text's UTF-8 bytes, as the server writes one byte per character} */
    private static String octets(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private Duration lifetime(Link link) {
        Instant expiresAt = link.expiresAt();
        Instant now = clock.instant();
        return expiresAt == null || now.plus(PERMANENT).isBefore(expiresAt)
                ? PERMANENT
                : Duration.between(now, expiresAt);
    }

    private Reply make(Request request) throws SQLException {
        String user = Users.require(request.header(Users.HEADER));
        NewLink wish;
        try {
            wish = NewLink.of(Json.read(request.body()), rules, clock.instant());
        } catch (IOException e) {
            throw Rejection.invalid("bad_json", null, "the body is not JSON in UTF-8");
        }
        Links.Made made = links.make(wish, user);
        Reply reply = Reply.json(made.isNew() ? 201 : 200, body(made.link(), made.clicks()));
        return made.isNew() ? reply.with("Location", shortUrl(made.link())) : reply;
    }

    private Reply look(Request request) throws SQLException {
        LinkTable.Row row = links.look(request.code());
        return Reply.json(200, body(row.link(), row.clicks()));
    }

    private Reply delete(Request request) throws SQLException {
        String deletion = request.header(Request.ID);
        links.delete(
                request.code(),
                Users.require(request.header(Users.HEADER)),
                deletion == null ? UUID.randomUUID().toString() : deletion);
        return Reply.empty(204);
    }

    private Map<String, @Nullable Object> body(Link link, long clicksSoFar) {
        Instant expiresAt = link.expiresAt();
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("code", link.code());
        body.put("shortUrl", shortUrl(link));
        body.put("longUrl", link.longUrl());
        body.put("createdAt", link.createdAt().toString());
        body.put("expiresAt", expiresAt == null ? null : expiresAt.toString());
        body.put("clicks", clicksSoFar);
        return body;
    }

    private String shortUrl(Link link) {
        return baseUrl + "/" + link.code();
    }
}
