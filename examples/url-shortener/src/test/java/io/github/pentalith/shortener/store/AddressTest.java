// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            nullValues = "-",
            value = {
                "jdbc:postgresql://h:1/d?user=me&password=p%26w jdbc:postgresql://h:1/d me p&w",
                "jdbc:postgresql://h/d?ssl=true&password=pw&user=me jdbc:postgresql://h/d?ssl=true me pw",
                "jdbc:postgresql://h/d?user=me&ssl=true jdbc:postgresql://h/d?ssl=true me -",
                "jdbc:postgresql://me:p+w@h/d jdbc:postgresql://h/d me p+w",
                "jdbc:postgresql://h/d jdbc:postgresql://h/d - -",
                "jdbc:h2:mem:x;USER=sa;PASSWORD=pw;MODE=Regular jdbc:h2:mem:x;MODE=Regular sa pw"
            })
    void jdbc_withCredentials_isTakenApart(String text, String url, String user, String password) {
        Address address = Address.jdbc(text);

        assertThat(address.jdbcUrl()).isEqualTo(url);
        assertThat(address.user()).isEqualTo(user);
        assertThat(address.password()).isEqualTo(password);
        assertThat(address.reveal()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "redis://me:secret@h:6379/0",
                "rediss://:secret@h",
                "redis://me:a/secret@h",
                "redis://me:a?secret@h",
                "redis:me:secret@h",
                "me:secret@h",
                "jdbc:postgresql://h/d?password=secret@secret",
                "jdbc:h2:file:/h;PASSWORD=a@secret",
                "redis-sentinel://me:secret@h1:1,me:secret@h2:2/master?sentinelPassword=secret",
                "jdbc:postgresql://h/d?user=me&password=secret",
                "jdbc:h2:file:/h;PASSWORD=secret"
            })
    void toString_hasNoSecret(String text) {
        assertThat(Address.of(text).toString()).doesNotContain("secret", "me:").contains("h");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://me:secret@h/d",
                "jdbc:mysql://me:secret@h/d",
                "jdbc:postgresql://me:a@secret@h/d",
                "jdbc:postgresql://h/d?password=a&x=secret@h"
            })
    void jdbc_ofAnotherKindOrWithASecretThatIsNotEncoded_isRefusedWithoutShowingIt(String text) {
        assertThatThrownBy(() -> Address.jdbc(text))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(
                        e -> assertThat(e.getMessage().split("\\(expected")[0]).doesNotContain("secret", "me:"));
    }
}
