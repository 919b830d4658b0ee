// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.compat;

import com.google.common.hash.Funnel;
import com.google.common.hash.HashFunction;
import io.github.pentalith.sharding.KeyHasher;
import java.util.Objects;

/**
 * Makes a {@link KeyHasher} of a Guava hash function and a funnel, for keys that are hashed so already. The one class
 * that needs Guava.
 *
 * <p><b>Thread-safety:</b> that of the funnel, which must be stateless; the hash functions are.
 *
 * <p><b>Time and memory:</b> Guava's: tens to hundreds of nanoseconds, and some 200 bytes of garbage per hash.
 *
 * <p><b>Failure:</b> functions of less than 64 bits are refused, as placements read the upper bits first.
 *
 * <p><b>Example:</b> {@code GuavaHashing.hasher("murmur3_128/utf8", Hashing.murmur3_128(),
 * Funnels.stringFunnel(StandardCharsets.UTF_8))}
 *
 * <p><b>Source:</b> {@code HashCode.asLong()} of Guava 33: the first eight bytes of the hash, lowest first.
 */
public final class GuavaHashing {
    private static final int LEAST_BITS = 64;

    private GuavaHashing() {}

    /**
     * {@return the hasher}
     *
     * @param <K> type of the keys
     * @param id stable name of function, seed and funnel together, 1 to 1,024 bytes of UTF-8; travels in snapshots
     * @param function a function of at least 64 bits that is the same in every process: not {@code goodFastHash}
     * @param funnel what of a key is hashed, and how
     * @throws IllegalArgumentException if the function has fewer bits, or the id is not valid
     */
    public static <K> KeyHasher<K> hasher(String id, HashFunction function, Funnel<? super K> funnel) {
        Objects.requireNonNull(funnel, "funnel");
        if (function.bits() < LEAST_BITS) {
            throw new IllegalArgumentException("function must have 64 bits: function=" + function + ", bits="
                    + function.bits() + " (expected: 64 or more, such as murmur3_128)");
        }
        return KeyHasher.of(id, key -> function.hashObject(key, funnel).asLong());
    }
}
