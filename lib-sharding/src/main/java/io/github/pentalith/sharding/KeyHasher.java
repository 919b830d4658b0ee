// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Turns keys into 64 well-mixed bits, by a function with a name.
 *
 * <p>All bits count: placements read the upper ones first. {@code Object.hashCode} is therefore no key hasher (it has
 * 32 bits, and for many types hardly any mixing), and it may change from one run to the next. The {@link #id()} travels
 * in the snapshots of a map, so that a map cannot be read by a program that hashes differently.
 *
 * <p><b>Thread-safety:</b> the hashers made here have no state. An implementation must be safe for many threads at once.
 *
 * <p><b>Time and memory:</b> in proportion to the length of the key. Nothing is allocated, with one exception that
 * {@link #utf8()} names.
 *
 * <p><b>Failure:</b> a null key gives {@link NullPointerException}.
 *
 * <p><b>Example:</b> {@code KeyHasher<User> byName = KeyHasher.strings().from(User::name);}
 *
 * <p><b>Source:</b> rapidhash version 3 (N. De Carlo) as implemented by hash4j, with its default seed.
 *
 * @param <K> type of the keys
 */
public interface KeyHasher<K> {
    /**
     * {@return 64 well-mixed bits, the same for equal keys, on every machine and in every version}
     *
     * @param key the key, not null
     */
    long hash(K key);

    /** {@return the stable name of the function, 1 to 1,024 bytes of UTF-8; a function that changes needs a new name} */
    String id();

    /**
     * {@return a hasher of another type, which hashes one part of it by this hasher}
     *
     * <p>It has the id of this hasher, because the hashes are the same: a program that holds users and one that holds
     * only their names can share a map.
     *
     * @param <T> type of the keys
     * @param part gives the part of a {@code T} that decides where it lives
     */
    default <T> KeyHasher<T> from(Function<? super T, ? extends K> part) {
        Objects.requireNonNull(part, "part");
        return of(id(), key -> hash(part.apply(key)));
    }

    /** {@return the hasher for strings: rapidhash of the UTF-16 code units, low byte first} The fastest for Java alone. */
    static KeyHasher<String> strings() {
        return RapidHash.STRINGS;
    }

    /** {@return the hasher for any characters, equal to {@link #strings()} on the same text} */
    static KeyHasher<CharSequence> chars() {
        return RapidHash.CHARS;
    }

    /**
     * {@return the hasher for strings whose maps are shared with other languages: rapidhash of the UTF-8 bytes}
     *
     * <p>A string with characters above U+007F allocates its bytes, an ASCII string nothing. An unpaired surrogate
     * counts as a question mark, as in {@code getBytes(UTF_8)}.
     */
    static KeyHasher<String> utf8() {
        return RapidHash.UTF8;
    }

    /** {@return the hasher for byte arrays: rapidhash} */
    static KeyHasher<byte[]> bytes() {
        return RapidHash.BYTES;
    }

    /** {@return the hasher for longs: rapidhash of the eight bytes, lowest first}; without boxing: {@link #hashLong} */
    static KeyHasher<Long> longs() {
        return RapidHash.LONGS;
    }

    /** {@return the hasher for UUIDs: rapidhash of the sixteen bytes in the order of their text} */
    static KeyHasher<UUID> uuids() {
        return RapidHash.UUIDS;
    }

    /**
     * {@return the same as {@code longs().hash(key)}, without a box; for {@link HashShardMap#locateHash}}
     *
     * @param key any long
     */
    static long hashLong(long key) {
        return RapidHash.hashLong(key);
    }

    /**
     * {@return a hasher by a function of your own}
     *
     * @param <K> type of the keys
     * @param id stable name of the function, 1 to 1,024 bytes of UTF-8
     * @param function gives 64 well-mixed bits and has no state; is never given null
     * @throws IllegalArgumentException if the id is empty, too long or has unpaired surrogates
     */
    static <K> KeyHasher<K> of(String id, ToLongFunction<? super K> function) {
        return new RapidHash.Named<>(id, function);
    }
}
