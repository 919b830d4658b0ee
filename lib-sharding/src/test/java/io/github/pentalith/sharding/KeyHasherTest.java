// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class KeyHasherTest {
    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "user:42",
            "été",
            "日本語",
            "\ud83d\ude00 emoji",
            "unpaired \ud800 high",
            "unpaired \udc00",
            "\u007f\u0080");

    private record User(String name, int age) {}

    private static long rapid(byte[] bytes) {
        return Hashing.rapidhashV3().hashBytesToLong(bytes);
    }

    @Test
    void utf8_ofAnyText_isRapidhashOfItsBytes() {
        for (String text : TEXTS) {
            assertThat(KeyHasher.utf8().hash(text)).as(text).isEqualTo(rapid(text.getBytes(StandardCharsets.UTF_8)));
        }
        for (int length = 0; length <= 1_100; length++) {
            String ascii = "the quick brown fox ".repeat(56).substring(0, length);
            assertThat(KeyHasher.utf8().hash(ascii)).isEqualTo(rapid(ascii.getBytes(StandardCharsets.US_ASCII)));
        }
    }

    @Test
    void strings_ofAnyText_isRapidhashOfItsCodeUnits() {
        for (String text : TEXTS) {
            ByteBuffer units = ByteBuffer.allocate(2 * text.length()).order(ByteOrder.LITTLE_ENDIAN);
            text.chars().forEach(unit -> units.putShort((short) unit));
            assertThat(KeyHasher.strings().hash(text)).as(text).isEqualTo(rapid(units.array()));
        }
    }

    @Test
    void chars_ofOtherSequences_equalStrings() {
        for (String text : TEXTS) {
            assertThat(KeyHasher.chars().hash(new StringBuilder(text)))
                    .isEqualTo(KeyHasher.strings().hash(text));
        }
        assertThat(KeyHasher.chars().id()).isEqualTo(KeyHasher.strings().id());
    }

    @Test
    void longs_ofAnyLong_isRapidhashOfItsBytes() {
        for (long key : new long[] {0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE, 0x0123456789abcdefL}) {
            byte[] bytes = ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(key)
                    .array();
            assertThat(KeyHasher.longs().hash(key)).isEqualTo(rapid(bytes));
            assertThat(KeyHasher.hashLong(key)).isEqualTo(rapid(bytes));
        }
    }

    @Test
    void uuids_ofAnyUuid_isRapidhashOfItsBytesInTextOrder() {
        UUID key = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(key.getMostSignificantBits())
                .putLong(key.getLeastSignificantBits())
                .array();
        assertThat(KeyHasher.uuids().hash(key)).isEqualTo(rapid(bytes));
    }

    @Test
    void hashes_ofKnownKeys_neverChange() {
        assertThat(KeyHasher.strings().hash("user:42")).isEqualTo(GOLDEN_STRINGS);
        assertThat(KeyHasher.utf8().hash("user:42")).isEqualTo(GOLDEN_UTF8);
        assertThat(KeyHasher.bytes().hash(new byte[] {1, 2, 3})).isEqualTo(GOLDEN_BYTES);
        assertThat(KeyHasher.hashLong(42)).isEqualTo(GOLDEN_LONG);
        assertThat(KeyHasher.uuids().hash(new UUID(1, 2))).isEqualTo(GOLDEN_UUID);
    }

    private static final long GOLDEN_STRINGS = 371409556808956583L;
    private static final long GOLDEN_UTF8 = 7950412956175757289L;
    private static final long GOLDEN_BYTES = 1935367403401278886L;
    private static final long GOLDEN_LONG = 5044168950324010207L;
    private static final long GOLDEN_UUID = -7510682297434890993L;

    @Test
    void from_aPart_hashesThePartUnderTheSameId() {
        KeyHasher<User> users = KeyHasher.strings().from(User::name);
        assertThat(users.hash(new User("ada", 36)))
                .isEqualTo(KeyHasher.strings().hash("ada"));
        assertThat(users.id()).isEqualTo("rapidhash3/utf16");
        assertThat(users).hasToString("KeyHasher[rapidhash3/utf16]");
    }

    @Test
    void of_aFunction_usesItUnderItsName() {
        KeyHasher<Integer> own = KeyHasher.of("mine/1", key -> key * 3L);
        assertThat(own.hash(5)).isEqualTo(15);
        assertThat(own.id()).isEqualTo("mine/1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyHasher.of("", key -> 0L))
                .withMessageStartingWith("id must be neither empty nor too long");
        assertThatNullPointerException()
                .isThrownBy(() -> KeyHasher.of("x", null))
                .withMessage("function");
        assertThatNullPointerException().isThrownBy(() -> own.from(null)).withMessage("part");
    }

    @Test
    void hash_ofNull_isRefusedByEveryHasher() {
        List<KeyHasher<?>> hashers = List.of(
                KeyHasher.strings(),
                KeyHasher.utf8(),
                KeyHasher.chars(),
                KeyHasher.bytes(),
                KeyHasher.longs(),
                KeyHasher.uuids(),
                KeyHasher.of("one", key -> 1L),
                KeyHasher.longs().from((User user) -> (long) user.age()));
        for (KeyHasher<?> hasher : hashers) {
            assertThatNullPointerException()
                    .as(hasher.id())
                    .isThrownBy(() -> hasher.hash(null))
                    .withMessage("key");
        }
    }
}
