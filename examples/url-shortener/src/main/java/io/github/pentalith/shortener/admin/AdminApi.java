// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.pentalith.shortener.http.Handler;
import io.github.pentalith.shortener.http.Json;
import io.github.pentalith.shortener.http.Problems;
import io.github.pentalith.shortener.http.Reply;
import io.github.pentalith.shortener.http.Request;
import io.github.pentalith.shortener.link.Rejection;
import io.github.pentalith.shortener.store.Address;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP face of the {@link Resharder}. */
public final class AdminApi implements Handler {
    private static final Logger LOG = LoggerFactory.getLogger(AdminApi.class);

    private final Resharder resharder;
    private final @Nullable Token token;

    /** Shows the resharder to who has the token; to everybody if there is none. */
    public AdminApi(Resharder resharder, @Nullable Token token) {
        this.resharder = resharder;
        this.token = token;
    }

    @Override
    public Reply handle(Request request) throws Exception {
        if (request.header("Origin") != null) { // a page in the browser of somebody who may reach this listener
            return Problems.forbidden();
        }
        if (token != null && !token.isIn(request.header("Authorization"))) {
            return Problems.unauthorized();
        }
        try {
            return switch (request.route()) {
                case ADMIN_SHARDS -> request.method().equals("POST") ? add(request) : Reply.json(200, state());
                case ADMIN_SHARD -> {
                    resharder.abort(request.path().substring(request.path().lastIndexOf('/') + 1));
                    yield Reply.json(202, state());
                }
                default -> Problems.notFound();
            };
        } catch (ConflictException e) {
            return Problems.conflict(String.valueOf(e.getMessage()));
        } catch (SQLException e) {
            LOG.warn("{} {} failed", request.method(), request.route(), e);
            return Problems.unavailable("a database did not answer");
        }
    }

    private Reply add(Request request) throws SQLException, ConflictException {
        Address address = address(request);
        if (address == null && !resharder.keepsDatabases()) {
            throw Rejection.invalid("missing_field", "jdbc", "this service keeps no databases: where is the new one?");
        }
        String id = resharder.add(address);
        Map<String, Object> state = state();
        state.put("added", id);
        return Reply.json(202, state);
    }

    private static @Nullable Address address(Request request) {
        try {
            JsonNode body = Json.read(request.body().length == 0 ? new byte[] {'{', '}'} : request.body());
            JsonNode jdbc = body.path("jdbc");
            if (!body.isObject() || !(jdbc.isMissingNode() || jdbc.isTextual())) {
                throw Rejection.invalid("wrong_type", "jdbc", "the body is {} or {\"jdbc\": \"jdbc:...\"}");
            }
            return jdbc.isMissingNode() ? null : Address.jdbc(jdbc.textValue());
        } catch (IOException e) {
            throw Rejection.invalid("bad_json", null, "the body is not JSON in UTF-8");
        } catch (IllegalArgumentException e) {
            throw Rejection.invalid("jdbc_invalid", "jdbc", String.valueOf(e.getMessage()));
        }
    }

    private Map<String, Object> state() throws SQLException {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("version", resharder.version());
        state.put("shards", resharder.list());
        Map<String, Object> progress = resharder.progress();
        if (progress != null) {
            state.put("resharding", progress);
        }
        return state;
    }

    /** A secret that opens the listener; shown nowhere. */
    public static final class Token {
        private final byte[] header;

        /** The token with that text. */
        public Token(String text) {
            this.header = ("Bearer " + text).getBytes(StandardCharsets.UTF_8);
        }

        /** {@return whether a header {@code Authorization} shows it} Takes the same time for any wrong one. */
        boolean isIn(@Nullable String authorization) {
            return authorization != null
                    && MessageDigest.isEqual(header, authorization.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String toString() {
            return "Token";
        }
    }
}
