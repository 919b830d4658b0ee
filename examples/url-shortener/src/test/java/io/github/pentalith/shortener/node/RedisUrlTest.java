// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.shortener.store.Address;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisUrlTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "redis://h redis://h:6379/0",
                "rediss://me:secret@h:1/2 rediss://h:1/2",
                "redis://:secret@h:1/ redis://h:1/0",
                "redis-cluster://me:secret@a:1 cluster[redis://a:1/0]",
                "rediss-cluster://me:secret@a:1,b:2,c cluster[rediss://a:1/0,_rediss://b:2/0,_rediss://c:6379/0]",
                "redis-sentinel://me:secret@a:1,b:2/3#main redis://main_of_[redis://a:1/0,_redis://b:2/0]/3",
                "rediss-sentinel://a:1#main rediss://main_of_[rediss://a:1/0]/0"
            })
    void store_ofEachKind_isThatOne(String url, String expected) {
        assertThat(RedisUrl.store(Address.of(url)).toString())
                .contains("[" + expected.replace('_', ' '))
                .doesNotContain("secret", "me:");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://me:secret@h",
                "redis:me:secret@h",
                "redis://me:secret@",
                "redis://me:secret@a:1,b:2",
                "redis://me:secret@h#main",
                "redis-sentinel://me:secret@a:1",
                "redis-cluster://me:secret@a:1/3",
                "redis-cluster://me:secret@a:1,b:x",
                "redis://me:sec ret@h:1",
                "redis://me:a/secret@h:1",
                "redis-cluster://me:secret@a:1,,b:2"
            })
    void store_ofWhatIsNone_isRefusedWithoutShowingSecrets(String url) {
        assertThatThrownBy(() -> RedisUrl.store(Address.of(url)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: ")
                .satisfies(e -> assertThat(e.toString()).doesNotContain("secret", "sec ", "me:"));
    }
}
