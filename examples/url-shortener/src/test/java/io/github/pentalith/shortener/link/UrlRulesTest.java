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
                "https://sho.rt.example/abcd",
                "http://example.com/a:b://c",
                "http://0x7f.example/",
                "http://[::ffff:192.0.2.1]/",
                "http://u:p%40:x@example.com:00080/"
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
        "http:self?://x.org,url_invalid",
        "http:/self?://x.org,url_invalid",
        "http:self://x.org,url_invalid",
        "http:\\\\sho.rt/abcd,url_invalid",
        "https:///sho.rt/abcd,url_invalid",
        "https://e.org:80:90/,url_invalid",
        "https://e.org:65536/,url_invalid",
        "https://e.org:-1/,url_invalid",
        "http://[::1/,url_invalid",
        "http://[::1]x/,url_invalid",
        "http://[::g]/,url_invalid",
        "http://[127.0.0.1]/,url_invalid",
        "http://[fe80::1%25eth0]/,url_invalid",
        "http://[]/,url_invalid",
        "http://x[::1]/,url_invalid",
        "http://sho%2Ert/,url_invalid",
        "http://./,url_invalid",
        "http://1.2.3.4.5/,url_invalid",
        "http://256.0.0.1/,url_invalid",
        "http://4294967296/,url_invalid",
        "http://1..2/,url_invalid",
        "http://09.1.1.1/,url_invalid",
        "http://99999999999999999999/,url_invalid",
        "http://example.1/,url_invalid",
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
        "http://2130706433:8080/abcd,url_loop",
        "http://0x7f000001:8080/abcd,url_loop",
        "http://0X7F.1:8080/abcd,url_loop",
        "http://017700000001:8080/abcd,url_loop",
        "http://0177.0.0.01:8080/abcd,url_loop",
        "http://127.1:8080/abcd,url_loop",
        "http://127.0.1:8080/abcd,url_loop",
        "http://127.9.9.9.:8080/abcd,url_loop",
        "http://0.0.0.0:8080/abcd,url_loop",
        "http://0x:8080/abcd,url_loop",
        "http://[::]:8080/abcd,url_loop",
        "http://[0:0:0:0:0:0:0:1]:8080/abcd,url_loop",
        "http://[::ffff:127.0.0.1]:8080/abcd,url_loop",
        "http://[::FFFF:7f00:1]:8080/abcd,url_loop",
        "http://any.localhost:8080/abcd,url_loop",
        "http://a.b.LOCALHOST.:8080/abcd,url_loop",
        "http://\uff11\uff12\uff17\uff0e0\u30020\uff611:8080/abcd,url_loop",
        "http://loc\u00adalhost:8080/abcd,url_loop",
        "http://\u24dbocalhost:8080/abcd,url_loop",
        "http://notlocalhost:8080/abcd,passes",
        "http://localhost.example:8080/abcd,passes",
        "http://127.1.example.com:8080/abcd,passes",
        "http://128.0.0.1:8080/abcd,passes",
        "http://localhost:8081/abcd,passes",
    })
    void require_serviceOnThisMachine_knowsItsNames(String url, String expected) {
        UrlRules local = new UrlRules(URI.create("http://localhost:8080"));

        assertThat(verdict(local, url)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "http://192.0.2.1,http://0xc0000201/abcd",
        "http://192.0.2.1,http://[::ffff:c000:201]/abcd",
        "http://[2001:db8::1],http://[2001:DB8:0:0::1]:80/abcd"
    })
    void require_serviceAtAnAddress_knowsItsSpellings(String base, String url) {
        assertThat(verdict(new UrlRules(URI.create(base)), url)).isEqualTo("url_loop");
    }

    @ParameterizedTest
    @CsvSource({
        "https://b\u00fccher.example,https://xn--bcher-kva.example/abcd,url_loop",
        "https://xn--bcher-kva.example,https://B\u00dcCHER.example/abcd,url_loop",
        "https://xn--bcher-kva.example,https://bu\u0308cher\u3002example/abcd,url_loop",
        "https://b\u00fccher.example,https://bucher.example/abcd,passes",
        "https://sho.rt,https://\ud83d\ude00.example/abcd,passes",
        "https://sho.rt,https://sho\uff05.rt/abcd,url_invalid",
        "https://sho.rt,https://\u00ad/abcd,url_invalid"
    })
    void require_nameBeyondAscii_isComparedAsItIsLookedUp(String base, String url, String expected) {
        assertThat(verdict(new UrlRules(URI.create(base)), url)).isEqualTo(expected);
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
