// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pentalith.shortener.http.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NewLinkTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final UrlRules rules = new UrlRules(URI.create("https://sho.rt"));

    @Test
    void of_allFields_readsThem() throws IOException {
        assertThat(read("{'longUrl':'https://e.org','alias':'my-alias_1','expiresAt':'2026-01-01T00:00:00.000000001Z',"
                        + "'permanent':true}"))
                .isEqualTo(new NewLink(
                        "https://e.org", "my-alias_1", Instant.parse("2026-01-01T00:00:00.000000001Z"), true));
    }

    @Test
    void of_nullsAndUnknownFields_countAsAbsent() throws IOException {
        assertThat(read("{'longUrl':'https://e.org','alias':null,'expiresAt':null,'permanent':null,'x':1}"))
                .isEqualTo(new NewLink("https://e.org", null, null, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "[];bad_json;",
                "3;bad_json;",
                "null;bad_json;",
                "{};missing_field;longUrl",
                "{'longUrl':null};missing_field;longUrl",
                "{'longUrl':3};wrong_type;longUrl",
                "{'longUrl':['https://e.org']};wrong_type;longUrl",
                "{'longUrl':'https://e.org','alias':7};wrong_type;alias",
                "{'longUrl':'https://e.org','alias':'abc'};alias_invalid;alias",
                "{'longUrl':'https://e.org','alias':''};alias_invalid;alias",
                "{'longUrl':'https://e.org','alias':'a/bcd'};alias_invalid;alias",
                "{'longUrl':'https://e.org','alias':'\u00e4bcd'};alias_invalid;alias",
                "{'longUrl':'https://e.org','alias':'a23456789012345678901234567890123'};alias_invalid;alias",
                "{'longUrl':'https://e.org','alias':'api'};alias_reserved;alias",
                "{'longUrl':'https://e.org','alias':'health'};alias_reserved;alias",
                "{'longUrl':'https://e.org','alias':'Metrics'};alias_reserved;alias",
                "{'longUrl':'https://e.org','alias':'admin'};alias_reserved;alias",
                "{'longUrl':'https://e.org','expiresAt':'tomorrow'};date_invalid;expiresAt",
                "{'longUrl':'https://e.org','expiresAt':'2030-01-01'};date_invalid;expiresAt",
                "{'longUrl':'https://e.org','expiresAt':1893456000};wrong_type;expiresAt",
                "{'longUrl':'https://e.org','expiresAt':'2026-01-01T00:00:00Z'};date_in_past;expiresAt",
                "{'longUrl':'https://e.org','permanent':'yes'};wrong_type;permanent"
            })
    void of_whatBreaksARule_saysWhichAndWhere(String body, String code, String field) {
        Rejection rejection = catchThrowableOfType(Rejection.class, () -> read(body));

        assertThat(rejection).isNotNull();
        assertThat(rejection.code()).isEqualTo(code);
        assertThat(rejection.field()).isEqualTo(field);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{'a':1}x", "{'a':1,'a':2}", "{a:1}", "\u0000"})
    void read_whatIsNotJson_throws(String body) {
        assertThat(catchThrowableOfType(Exception.class, () -> read(body))).isNotNull();
    }

    private NewLink read(String body) throws IOException {
        return NewLink.of(Json.read(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8)), rules, NOW);
    }
}
