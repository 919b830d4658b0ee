// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.UUID;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Turns keys into 64 well-mixed bits.
 *
 * @param <K> type of the keys
 */
public interface KeyHasher<K> {
    /**
     * {@return 64 well-mixed bits of the key}
     *
     * @param key the key
     */
    long hash(K key);

    /** {@return the stable name of this hash function, which travels in snapshots} */
    String id();

    /**
     * {@return a hasher of another type, whose keys are turned into this one's first}
     *
     * @param <T> type of the keys
     * @param keyOf gives the part of {@code T} that decides where it lives
     */
    default <T> KeyHasher<T> from(Function<? super T, ? extends K> keyOf) {
        throw new UnsupportedOperationException();
    }

    /** {@return the fast hasher for strings} */
    static KeyHasher<String> strings() {
        throw new UnsupportedOperationException();
    }

    /** {@return the portable hasher for strings} */
    static KeyHasher<String> utf8() {
        throw new UnsupportedOperationException();
    }

    /** {@return the hasher for any sequence of chars, equal to {@link #strings()} on the same text} */
    static KeyHasher<CharSequence> chars() {
        throw new UnsupportedOperationException();
    }

    /** {@return the hasher for byte arrays} */
    static KeyHasher<byte[]> bytes() {
        throw new UnsupportedOperationException();
    }

    /** {@return the hasher for longs} */
    static KeyHasher<Long> longs() {
        throw new UnsupportedOperationException();
    }

    /** {@return the hasher for UUIDs} */
    static KeyHasher<UUID> uuids() {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return a hasher from a function of your own}
     *
     * @param <K> type of the keys
     * @param id stable name
     * @param function 64 well-mixed bits of a key
     */
    static <K> KeyHasher<K> of(String id, ToLongFunction<? super K> function) {
        throw new UnsupportedOperationException();
    }
}
