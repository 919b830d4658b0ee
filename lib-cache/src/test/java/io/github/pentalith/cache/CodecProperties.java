// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class CodecProperties {
    enum Colour {
        RED,
        GREEN
    }

    record Part(int number, String name) {}

    record Whole(
            long id,
            String name,
            boolean active,
            double share,
            Colour colour,
            UUID key,
            Instant at,
            Duration length,
            LocalDate day,
            LocalDateTime minute,
            BigInteger big,
            BigDecimal exact,
            List<Part> parts,
            Set<String> tags,
            Map<String, Long> counts,
            Optional<String> note) {}

    record Tree(String name, Tree child) {}

    private static final Whole SAMPLE = new Whole(
            -7,
            "na\u00efve \ud83d\ude80",
            true,
            Math.PI,
            Colour.GREEN,
            new UUID(3, -4),
            Instant.parse("2026-11-24T10:11:12.123456789Z"),
            Duration.ofNanos(-5),
            LocalDate.of(2024, 2, 29),
            LocalDateTime.of(1969, 12, 31, 23, 59),
            BigInteger.TWO.pow(200).negate(),
            new BigDecimal("-12.3400"),
            Arrays.asList(new Part(1, "a"), null, new Part(Integer.MIN_VALUE, "")),
            Set.of("x", "y"),
            Map.of("k", Long.MAX_VALUE),
            Optional.of("note"));

    @Example
    void record_ofEveryKindOfComponent_comesBackEqual() {
        Wire<Whole> wire = new Wire<>(Codec.of(Whole.class));
        assertThat(wire.decode(wire.encode(SAMPLE))).isEqualTo(SAMPLE);
        assertThat(wire.decode(wire.encode(null))).isNull();
    }

    @Property
    void strings_ofAnyCharacters_comeBackEqual(@ForAll String text) {
        Codec<String> codec = Codec.of(String.class);
        assertThat(codec.decode(ByteBuffer.wrap(codec.encode(text)))).isEqualTo(text);
    }

    @Property
    void numbersAndBytes_comeBackEqual(@ForAll long number, @ForAll int small, @ForAll byte[] bytes) {
        Codec<Long> longs = Codec.of(Long.class);
        assertThat(longs.decode(ByteBuffer.wrap(longs.encode(number)))).isEqualTo(number);
        Codec<Integer> ints = Codec.of(Integer.class);
        assertThat(ints.decode(ByteBuffer.wrap(ints.encode(small)))).isEqualTo(small);
        Codec<byte[]> raw = Codec.of(byte[].class);
        assertThat(raw.decode(ByteBuffer.wrap(raw.encode(bytes)))).isEqualTo(bytes);
    }

    /** Truncated, lengthened, flipped: with the checksum in front, a broken payload is refused whatever it is. */
    @Property(tries = 10_000)
    void wire_ofMutatedBytes_isRefused(@ForAll long seed) {
        Wire<Whole> wire = new Wire<>(Codec.of(Whole.class));
        byte[] good = wire.encode(SAMPLE);
        byte[] bad = mutate(good, new Random(seed));
        if (!Arrays.equals(good, bad)) {
            assertThatThrownBy(() -> wire.decode(bad)).isInstanceOf(RuntimeException.class);
        }
    }

    /** Without the checksum the codec itself must fail in order: an exception, no endless loop, no huge array. */
    @Property(tries = 10_000)
    void codec_ofMutatedBytes_throwsOrDecodesWithinBounds(@ForAll long seed) {
        Codec<Whole> codec = Codec.of(Whole.class);
        byte[] bad = mutate(codec.encode(SAMPLE), new Random(seed));
        try {
            assertThat(codec.decode(ByteBuffer.wrap(bad))).isNotNull();
        } catch (RuntimeException e) {
            assertThat(e).isNotNull(); // a miss for the cache
        }
    }

    private static byte[] mutate(byte[] bytes, Random random) {
        byte[] copy = Arrays.copyOf(bytes, random.nextInt(4) == 0 ? random.nextInt(bytes.length + 8) : bytes.length);
        for (int i = random.nextInt(4); i > 0 && copy.length > 0; i--) {
            copy[random.nextInt(copy.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return copy;
    }

    @Example
    void bytes_neverNameAClass() {
        String text = new String(
                new Wire<>(Codec.of(Whole.class)).encode(SAMPLE), java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(text).doesNotContain("pentalith", "Whole", "java");
    }

    @Example
    void schema_ofAChangedRecord_differs() {
        record Before(long id, String name) {}
        record After(long id, String label) {}
        assertThat(Codec.of(Before.class).schema())
                .isNotEqualTo(Codec.of(After.class).schema());
        Wire<After> reader = new Wire<>(Codec.of(After.class));
        byte[] old = new Wire<>(Codec.of(Before.class)).encode(new Before(1, "x"));
        assertThatThrownBy(() -> reader.decode(old)).hasMessageContaining("another codec or schema");
    }

    @Example
    void types_withoutACodec_areRefusedByName() {
        assertThatThrownBy(() -> Codec.of(Thread.class)).hasMessageContaining("java.lang.Thread");
        assertThatThrownBy(() -> Codec.of(Tree.class)).hasMessageContaining("Tree");
    }

    @Property
    void keys_ofDifferentStrings_haveDifferentBytes(@ForAll String a, @ForAll String b) {
        KeyEncoder<String> keys = KeyEncoder.of("names", String.class);
        assertThat(Arrays.equals(keys.encode(a), keys.encode(b))).isEqualTo(a.equals(b));
        assertThat(keys.decode(keys.encode(a))).isEqualTo(a);
    }

    @Property
    void keys_ofRecords_comeBackAndDiffer(@ForAll int x, @ForAll String s, @ForAll int y, @ForAll String t) {
        KeyEncoder<Part> keys = KeyEncoder.of("parts", Part.class);
        Part a = new Part(x, s);
        Part b = new Part(y, t);
        assertThat(keys.decode(keys.encode(a))).isEqualTo(a);
        assertThat(Arrays.equals(keys.encode(a), keys.encode(b))).isEqualTo(a.equals(b));
    }

    @Property
    void keys_ofNumbersAndIds_comeBack(@ForAll long number, @ForAll int small, @ForAll long high) {
        assertThat(roundTrip(Long.class, number)).isEqualTo(number);
        assertThat(roundTrip(Integer.class, small)).isEqualTo(small);
        assertThat(roundTrip(UUID.class, new UUID(high, number))).isEqualTo(new UUID(high, number));
    }

    private static <K> K roundTrip(Class<K> type, K key) {
        KeyEncoder<K> keys = KeyEncoder.of("keys", type);
        return keys.decode(keys.encode(key));
    }

    @Example
    void keys_ofTypesWithSeveralFormsPerValue_areRefused() {
        assertThatThrownBy(() -> KeyEncoder.of("keys", byte[].class)).hasMessageContaining("byte[]");
    }
}
