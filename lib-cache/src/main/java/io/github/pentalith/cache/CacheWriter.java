// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import org.jspecify.annotations.Nullable;

/**
 * Brings a value to where the truth is, for caches that write through. A lambda or a method reference will do.
 *
 * <p>Called on the thread that writes, between the begin and the end of a {@link WriteIntent}: nobody can cache an old
 * value while it runs. Writers of one key may run at the same time, in any processes; then the cache keeps none of their
 * values, because it cannot know in which order the source took them.
 *
 * <pre>{@code
 * CacheWriter<Long, User> writer = (id, user, version) -> jdbc.update(
 *         "UPDATE users SET name = ?, version = ? WHERE id = ? AND version < ?", user.name(), version, id, version);
 * }</pre>
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
@FunctionalInterface
public interface CacheWriter<K, V> {
    /**
     * Writes or removes one value. When this returns, readers of the source see it.
     *
     * @param key the key
     * @param value the value; null: to be removed
     * @param version greater for a write that began later, whichever process made it, so that a source that remembers it
     *     can refuse an earlier write that comes late; 0 if there is no remote level or it cannot be reached
     * @throws Exception whatever hinders the write; the cache then holds neither the old value nor the new one
     */
    void write(K key, @Nullable V value, long version) throws Exception;
}
