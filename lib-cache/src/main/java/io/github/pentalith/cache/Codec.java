// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.nio.ByteBuffer;

/**
 * Turns values into bytes and back, without naming a class in the bytes. Thread-safe.
 *
 * @param <T> the type of the values
 */
public interface Codec<T> {
    /**
     * {@return the number of this codec, 0 to 255; 64 and above are free for yours}
     */
    int id();

    /**
     * {@return a number that changes when the bytes change their meaning; bytes of another schema are a miss}
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
     * Decodes a value. Whatever it throws makes the bytes a miss.
     *
     * @param bytes exactly the bytes of one value
     * @return the value
     */
    T decode(ByteBuffer bytes);

    /**
     * Returns the codec of a type: records, String, Long, Integer, byte[] and others.
     *
     * @param <T> the type
     * @param type the type
     * @return its codec
     * @throws IllegalArgumentException if the type has no codec here
     */
    static <T> Codec<T> of(Class<T> type) {
        throw new UnsupportedOperationException();
    }
}
