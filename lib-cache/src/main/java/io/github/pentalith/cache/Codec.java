// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.nio.ByteBuffer;

/**
 * Turns values into bytes and back, without ever naming a class in the bytes: what is decoded is decided by the reader.
 * An SPI. Implementations are thread-safe.
 *
 * <p>{@link #of} returns the codec of the house for a type: {@code String}, {@code byte[]}, the primitive wrappers,
 * enums, {@code UUID}, {@code Instant}, {@code Duration}, {@code LocalDate}, {@code LocalDateTime}, {@code BigInteger},
 * {@code BigDecimal}, and records of these, of {@code List}, {@code Set}, {@code Map} and {@code Optional}, and of other
 * records, not recursively. Numbers are variable-length, nothing but lengths and presence bits is added, so a typical
 * record takes half the bytes of its JSON. Its schema follows from the names and types of the components: after a
 * change, bytes of the old shape are a miss.
 *
 * <pre>{@code
 * record User(long id, String name, List<String> roles) {}
 * Codec<User> codec = Codec.of(User.class);
 * }</pre>
 *
 * @param <T> the type of the values
 */
public interface Codec<T> {
    /**
     * Returns the number of this codec; bytes of another codec are a miss.
     *
     * @return 0 to 255; 64 and above are free for codecs of your own
     */
    int id();

    /**
     * Returns a number that changes when the bytes change their meaning; bytes of another schema are a miss.
     *
     * @return the schema
     */
    int schema();

    /**
     * Encodes a value.
     *
     * @param value the value
     * @return its bytes
     */
    byte[] encode(T value);

    /**
     * Decodes a value. Whatever exception it throws makes the bytes a miss.
     *
     * @param bytes exactly the bytes of one value
     * @return the value
     */
    T decode(ByteBuffer bytes);

    /**
     * Returns the codec of the house for a type. Time and memory: reflection once, here; then method handles.
     *
     * @param <T> the type
     * @param type the type; a record in a named module must be open or exported to {@code io.github.pentalith.cache}
     * @return its codec
     * @throws IllegalArgumentException if the type, or a component of it, has no codec here
     */
    static <T> Codec<T> of(Class<T> type) {
        return new ShapeCodec<>(Shape.of(type));
    }
}
