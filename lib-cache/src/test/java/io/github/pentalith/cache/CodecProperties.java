// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class CodecProperties {
    enum Role {
        USER,
        ADMIN
    }

    record Inner(short s, byte b, char c, float f, double d, boolean flag) {}

    record User(
            long id,
            String name,
            Integer age,
            Role role,
            List<String> tags,
            Set<Long> groups,
            Map<String, Integer> scores,
            Optional<Inner> inner,
            UUID uuid,
            Instant at,
            Duration took,
            LocalDate day,
            LocalDateTime time,
            BigInteger big,
            BigDecimal money) {}

    record Key(String tenant, long id, Role role) {}

    record Recursive(List<Recursive> children) {}

    record WithObject(Object any) {}

    record Positive(int value) {
        Positive {
            if (value < 0) {
                throw new IllegalArgumentException("negative");
            }
        }
    }

    record Event(long id, String kind, String user, int count, boolean seen, List<String> tags, long at) {}

    private static User user(Random random) {
        String text = random.nextInt(4) == 0 ? null : "n\uD83D\uDE00" + random.nextLong();
        return new User(
                random.nextLong(),
                text,
                random.nextBoolean() ? null : random.nextInt(),
                random.nextBoolean() ? Role.ADMIN : null,
                Arrays.asList("a", null, "c" + random.nextInt()),
                Set.of(random.nextLong()),
                Map.of("k", random.nextInt()),
                random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(new Inner(
                                (short) random.nextInt(),
                                (byte) random.nextInt(),
                                (char) random.nextInt(),
                                random.nextFloat(),
                                random.nextDouble(),
                                random.nextBoolean())),
                new UUID(random.nextLong(), random.nextLong()),
                Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)),
                Duration.ofNanos(random.nextLong()),
                LocalDate.ofEpochDay(random.nextInt(100_000)),
                LocalDateTime.of(2026, 1, 1, 0, 0).plus(random.nextInt(), ChronoUnit.MILLIS),
                new BigInteger(100, random),
                new BigDecimal(new BigInteger(64, random), random.nextInt(20)));
    }

    @Property(tries = 300)
    void records_surviveTheWire(@ForAll Random random) {
        Wire<User> wire = new Wire<>(Codec.of(User.class));
        User user = user(random);
        assertThat(wire.decode(wire.encode(user))).isEqualTo(user);
        assertThat(wire.decode(wire.encode(null))).isNull();
    }

    @Property
    void strings_ofAnyCharacters_surviveTheWire(@ForAll String text, @ForAll char lone) {
        Wire<String> wire = new Wire<>(Codec.of(String.class));
        String odd = text + lone + text;
        assertThat(wire.decode(wire.encode(odd))).isEqualTo(odd);
        String surrogates = "\uD800" + text + "\uDC00\uD83D\uDE00\uD83D";
        assertThat(wire.decode(wire.encode(surrogates))).isEqualTo(surrogates);
    }

    @Property
    void scalars_surviveTheWire(@ForAll long l, @ForAll int i, @ForAll byte[] bytes) {
        assertThat(through(Codec.of(Long.class), l)).isEqualTo(l);
        assertThat(through(Codec.of(Integer.class), i)).isEqualTo(i);
        assertThat(through(Codec.of(byte[].class), bytes)).isEqualTo(bytes);
    }

    private static <T> T through(Codec<T> codec, T value) {
        Wire<T> wire = new Wire<>(codec);
        return wire.decode(wire.encode(value));
    }

    /** Broken bytes never become a value, and never anything but an exception that the cache counts as a miss. */
    @Example
    void mutatedPayloads_10000OfThem_areAllRefused() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Wire<User> wire = new Wire<>(Codec.of(User.class));
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = wire.encode(user(random));
            byte[] broken = switch (random.nextInt(4)) {
                case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
                case 1 -> Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(20));
                case 2 -> flipped(bytes, random);
                default -> {
                    byte[] noise = new byte[random.nextInt(200)];
                    random.nextBytes(noise);
                    yield noise;
                }
            };
            assertThatThrownBy(() -> wire.decode(broken))
                    .as("seed %d, round %d", seed, i)
                    .isInstanceOf(RuntimeException.class);
        }
    }

    private static byte[] flipped(byte[] bytes, Random random) {
        byte[] broken = bytes.clone();
        broken[random.nextInt(broken.length)] ^= (byte) (1 << random.nextInt(8));
        return broken;
    }

    /** Behind the checksum too: bytes that somebody made on purpose end in an exception or a value, nothing else. */
    @Example
    void payloads_withoutTheirChecksum_doNotHarmTheCodec() {
        Random random = new Random(7);
        Codec<User> codec = Codec.of(User.class);
        for (int i = 0; i < 10_000; i++) {
            byte[] broken = flipped(codec.encode(user(random)), random);
            try {
                codec.decode(java.nio.ByteBuffer.wrap(broken));
            } catch (RuntimeException e) {
                assertThat(e).isNotNull();
            }
        }
    }

    @Example
    void schema_followsTheShape() {
        assertThat(Codec.of(Long.class).schema())
                .isNotEqualTo(Codec.of(String.class).schema());
        assertThat(Codec.of(User.class).schema()).isEqualTo(Codec.of(User.class).schema());
        assertThat(Codec.of(Key.class).toString()).contains("tenant:text", "id:i64", "enum(USER|ADMIN)");
        Wire<Long> longs = new Wire<>(Codec.of(Long.class));
        byte[] text = new Wire<>(Codec.of(String.class)).encode("x");
        assertThatThrownBy(() -> longs.decode(text)).hasMessageContaining("another codec or schema");
    }

    @Example
    void typesWithoutACodec_areNamed() {
        assertThatThrownBy(() -> Codec.of(WithObject.class))
                .hasMessageContaining("type has no codec: type=java.lang.Object");
        assertThatThrownBy(() -> Codec.of(Recursive.class)).hasMessageContaining("record must not contain itself");
        assertThatThrownBy(() -> KeyEncoder.of("c", User.class)).hasMessageContaining("one form per value");
    }

    @Example
    void constructors_thatValidate_makeAMiss() {
        Codec<Integer> ints = Codec.of(Integer.class);
        Codec<Positive> positive = Codec.of(Positive.class);
        byte[] bytes = ints.encode(-1);
        assertThatThrownBy(() -> positive.decode(java.nio.ByteBuffer.wrap(bytes)))
                .hasMessage("negative");
    }

    @Example
    void typicalRecord_takesHalfOfItsJson() {
        Event event = new Event(
                123_456_789, "page.view", "u-20391", 3, true, List.of("new", "eu", "mobile"), 1_790_000_000_000L);
        String json = "{\"id\":123456789,\"kind\":\"page.view\",\"user\":\"u-20391\",\"count\":3,\"seen\":true,"
                + "\"tags\":[\"new\",\"eu\",\"mobile\"],\"at\":1790000000000}";
        assertThat(Codec.of(Event.class).encode(event).length).isLessThanOrEqualTo(json.length() / 2);
    }

    @Property
    void keys_ofOneCache_neverCollide(@ForAll String one, @ForAll String other, @ForAll char odd) {
        KeyEncoder<String> keys = KeyEncoder.of("c", String.class);
        for (String a : List.of(one, one + odd, "%" + one, one + "}", "{" + one)) {
            assertThat(keys.decode(keys.encode(a))).isEqualTo(a);
            for (String b : List.of(other, other + odd, "%25" + other, other + "}", one + "%7D")) {
                assertThat(Arrays.equals(keys.encode(a), keys.encode(b))).isEqualTo(a.equals(b));
            }
        }
    }

    @Property
    void keys_ofRecordsAndOfOtherCaches_neverCollide(
            @ForAll String one, @ForAll String other, @ForAll long id, @ForAll @IntRange(max = 3) int more) {
        List<Key> keys = List.of(
                new Key(one, id, Role.USER),
                new Key(one, id + more, Role.ADMIN),
                new Key(one + id, more, null),
                new Key(other, id, Role.USER),
                new Key(null, id, Role.USER));
        for (String name : List.of("c", "c.d")) {
            KeyEncoder<Key> encoder = KeyEncoder.of(name, Key.class);
            KeyEncoder<String> neighbour = KeyEncoder.of("c.", String.class);
            for (Key a : keys) {
                for (Key b : keys) {
                    assertThat(Arrays.equals(encoder.encode(a), encoder.encode(b)))
                            .isEqualTo(a.equals(b));
                }
                assertThat(neighbour.encode(one)).isNotEqualTo(encoder.encode(a));
            }
            assertThat(encoder.encode(keys.get(0))).startsWith((name + ":{").getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Property
    void keys_ofOtherTypes_comeBack(@ForAll long number, @ForAll String tenant) {
        assertThat(back(Long.class, number)).isEqualTo(number);
        assertThat(back(Integer.class, (int) number)).isEqualTo((int) number);
        UUID uuid = new UUID(number, ~number);
        assertThat(back(UUID.class, uuid)).isEqualTo(uuid);
        Key key = new Key(tenant, number, Role.ADMIN);
        assertThat(back(Key.class, key)).isEqualTo(key);
    }

    private static <K> K back(Class<K> type, K key) {
        KeyEncoder<K> keys = KeyEncoder.of("cache", type);
        return keys.decode(keys.encode(key));
    }

    @Example
    void keys_areLegibleAndHaveAHashTag() {
        assertThat(ascii(KeyEncoder.of("users", Long.class).encode(42L))).isEqualTo("users:{42}");
        assertThat(ascii(KeyEncoder.of("users", String.class).encode("a}b c%"))).isEqualTo("users:{a%7Db%20c%25}");
        assertThat(ascii(KeyEncoder.of("users", String.class).encode(""))).isEqualTo("users:{%}");
        assertThat(KeyEncoder.of("users", String.class).decode("users:{%}".getBytes(StandardCharsets.US_ASCII)))
                .isEmpty();
        assertThatThrownBy(() -> KeyEncoder.of("users", Long.class).decode(new byte[3]))
                .hasMessage("not a key of this cache");
        Map<String, Integer> unused = new HashMap<>();
        assertThat(unused).isEmpty();
    }

    private static String ascii(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
