// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlRulesTest {
    private final UrlRules rules = new UrlRules(URI.create("https://sho.rt"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://example.com",
                "HTTPS://EXAMPLE.com:8443/a/b?c=d&e=%20#f",
                "https://example.com/?q={a}|b^[c]",
                "https://user:word@example.com/",
                "http://[2001:db8::1]:80/x",
                "http://b\u00fccher.example/\u00fc/\ud83d\ude00",
                "https://example.com/https://sho.rt/abcd",
                "https://example.com:/",
                "https://not.sho.rt/abcd",
                "https://sho.rt:8443/abcd",
                "https://sho.rt.example/abcd"
            })
    void require_whatABrowserFollows_passesUnchanged(String url) {
        assertThat(rules.require(url)).isSameAs(url);
    }

    @ParameterizedTest
    @CsvSource({
        "ftp://example.com,url_scheme",
        "javascript:alert(1),url_scheme",
        "example.com,url_scheme",
        "//example.com,url_scheme",
        "'',url_scheme",
        ":,url_scheme",
        "http:example.com,url_invalid",
        "http:/example.com,url_invalid",
        "http://,url_invalid",
        "http:///path,url_invalid",
        "http://?q,url_invalid",
        "http://:80/,url_invalid",
        "http://user@/,url_invalid",
        "http://example.com:99999/,url_invalid",
        "http://example.com:8a/,url_invalid",
        "http://example.com/a b,url_invalid",
        "' http://example.com/',url_invalid",
        "http://example.com/\u2028,url_invalid",
        "https://sho.rt,url_loop",
        "https://sho.rt/abcd,url_loop",
        "http://SHO.RT./abcd,url_loop",
        "https://sho.rt:443?x,url_loop",
        "https://u:p@sho.rt/abcd,url_loop",
        "https://sho.rt\\@example.com/,url_loop"
    })
    void require_whatBreaksARule_saysWhich(String url, String code) {
        assertThat(rejection(rules, url)).isEqualTo(code);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 10, 13, 31, 127, 0x85})
    void require_controlCharacter_isRejected(int character) {
        assertThat(rejection(rules, "https://example.com/a" + (char) character + "b"))
                .isEqualTo("url_control_character");
    }

    @Test
    void require_halfASurrogatePair_isRejected() {
        assertThat(rejection(rules, "https://example.com/\ud83d")).isEqualTo("url_invalid");
    }

    @Test
    void require_length_8192AtMost() {
        String longest = "https://example.com/" + "a".repeat(UrlRules.MAXIMUM_LENGTH - 20);

        assertThat(rules.require(longest)).hasSize(8_192);
        assertThat(rejection(rules, longest + "a")).isEqualTo("url_too_long");
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:8080/abcd,url_loop",
        "http://127.0.0.1:8080/abcd,url_loop",
        "http://[::1]:8080/abcd,url_loop",
        "http://localhost:8081/abcd,passes",
    })
    void require_serviceOnThisMachine_knowsItsNames(String url, String expected) {
        UrlRules local = new UrlRules(URI.create("http://localhost:8080"));

        assertThat(verdict(local, url)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "https://example.com/s/abcd,url_loop",
        "https://example.com/s,url_loop",
        "https://example.com/sale,passes",
        "https://example.com/,passes"
    })
    void require_serviceBelowAPath_leavesTheRestOfTheSite(String url, String expected) {
        UrlRules below = new UrlRules(URI.create("https://example.com/s"));

        assertThat(verdict(below, url)).isEqualTo(expected);
    }

    private static String verdict(UrlRules rules, String url) {
        try {
            rules.require(url);
            return "passes";
        } catch (Rejection e) {
            return e.code();
        }
    }

    private static String rejection(UrlRules rules, String url) {
        Rejection rejection = catchThrowableOfType(Rejection.class, () -> rules.require(url));
        assertThat(rejection).as("rejection of %s", url).isNotNull();
        assertThat(rejection.field()).isEqualTo("longUrl");
        assertThat(rejection.kind()).isEqualTo(Rejection.Kind.INVALID);
        return rejection.code();
    }
}
