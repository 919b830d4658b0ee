// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.link;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The wish for a link, each field checked.
 *
 * @param longUrl where it shall lead
 * @param alias the wished code; null to be given one
 * @param expiresAt from when on it is not followed any more; null for never
 * @param permanent whether clients may remember the answer
 */
public record NewLink(
        String longUrl, @Nullable String alias, @Nullable Instant expiresAt, boolean permanent) {

    /**
     * Reads the wish from the body of a request. A field that is null counts as absent; unknown fields are ignored,
     * so that clients and servers of different versions understand each other.
     *
     * @throws Rejection naming the first field that breaks a rule
     */
    public static NewLink of(JsonNode body, UrlRules rules, Instant now) {
        if (!body.isObject()) {
            throw Rejection.invalid("bad_json", null, "the body is not a JSON object");
        }
        String longUrl = text(body, "longUrl");
        if (longUrl == null) {
            throw Rejection.invalid("missing_field", "longUrl", "longUrl is missing");
        }
        String alias = text(body, "alias");
        return new NewLink(
                rules.require(longUrl),
                alias == null ? null : Aliases.require(alias),
                expiry(text(body, "expiresAt"), now),
                flag(body, "permanent"));
    }

    private static @Nullable Instant expiry(@Nullable String text, Instant now) {
        if (text == null) {
            return null;
        }
        Instant expiresAt;
        try {
            expiresAt = Instant.parse(text);
        } catch (DateTimeException e) {
            throw Rejection.invalid(
                    "date_invalid", "expiresAt", "expiresAt is not an ISO-8601 instant such as 2030-01-31T12:00:00Z");
        }
        if (!expiresAt.isAfter(now)) {
            throw Rejection.invalid("date_in_past", "expiresAt", "expiresAt is not in the future");
        }
        return expiresAt;
    }

    private static @Nullable String text(JsonNode body, String field) {
        JsonNode value = body.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw Rejection.invalid("wrong_type", field, field + " is not a string");
        }
        return value.textValue();
    }

    private static boolean flag(JsonNode body, String field) {
        JsonNode value = body.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return false;
        }
        if (!value.isBoolean()) {
            throw Rejection.invalid("wrong_type", field, field + " is not true or false");
        }
        return value.booleanValue();
    }
}
