// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Brings the value of a key from where the truth is. A lambda or a method reference will do; override the other
 * methods to set options of one entry or to load many keys at once.
 *
 * <p>Called on the thread that asked, at most once at a time for a key in this process and, while the remote level is
 * reachable, in all processes. What it throws reaches the caller unchanged, a checked exception as the cause of
 * {@link CacheLoadException}.
 *
 * <pre>{@code
 * CacheLoader<Long, User> loader = users::find;
 * }</pre>
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
@FunctionalInterface
public interface CacheLoader<K, V> {
    /**
     * Loads one value.
     *
     * @param key the key
     * @return the value, or null if there is none: then the absence is remembered for the entry's negative TTL
     * @throws Exception whatever hinders the load
     */
    @Nullable
    V load(K key) throws Exception;

    /**
     * Loads one value, may look at the old one and may choose the options of its entry. By default {@link #load(Object)}.
     *
     * @param key the key
     * @param context what is known of the entry, and what is to be remembered of it
     * @return the value, or null if there is none
     * @throws Exception whatever hinders the load
     */
    default @Nullable V load(K key, LoadContext<V> context) throws Exception {
        return load(key);
    }

    /**
     * Loads many values. By default one by one.
     *
     * @param keys the keys, each once
     * @return the values found; a key that is absent from it has no value
     * @throws Exception whatever hinders the load; then no key of the bulk has been loaded
     */
    default Map<K, V> loadAll(Set<? extends K> keys) throws Exception {
        Map<K, V> values = new LinkedHashMap<>();
        for (K key : keys) {
            V value = load(key);
            if (value != null) {
                values.put(key, value);
            }
        }
        return values;
    }
}
