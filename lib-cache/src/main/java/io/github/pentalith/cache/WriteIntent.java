// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A write of one key to the source that has begun: until it ends, no process keeps a value of the key in any level. So
 * there is no window between the commit of a transaction and the invalidation, and none that a crash could leave open: the
 * intent of a process that died ends by itself after {@link CacheBuilder#writeTimeout}, when nothing old was cached.
 *
 * <pre>{@code
 * try (WriteIntent<Long, User> intent = users.beginWrite(id)) {
 *     dao.update(changed);     // with its commit
 *     intent.store(changed);   // optional: spares the next reader a load
 * }
 * }</pre>
 *
 * <p>Thread-safe. Begin and end are one round trip each. Readers meanwhile load for themselves.
 *
 * @param <K> the type of the keys
 * @param <V> the type of the values
 */
public final class WriteIntent<K, V> implements AutoCloseable {
    private final Writing<K, V> writing;
    private final K key;
    private final long version;
    private final Coherence.Mark begun;
    private final Tags.Before before;
    private final AtomicBoolean ended = new AtomicBoolean();

    WriteIntent(Writing<K, V> writing, K key, long version, Coherence.Mark begun, Tags.Before before) {
        this.writing = writing;
        this.key = key;
        this.version = version;
        this.begun = begun;
        this.before = before;
    }

    /**
     * Returns the number of this write: greater than that of any write of the key that began earlier.
     *
     * @return the version; 0 if there is no remote level or it could not be reached
     */
    public long version() {
        return version;
    }

    /**
     * Ends the write after its commit and stores what was written, with the cache's options, unless another write of the
     * key was under way at any time since this one began, or this one took longer than {@link CacheBuilder#writeTimeout}.
     *
     * @param value what was written
     * @return whether it was stored; if not, the next reader loads
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw
     * @throws IllegalStateException if the write has ended
     */
    public boolean store(V value) {
        return store(value, writing.options());
    }

    /**
     * Does the same with options of the entry's own.
     *
     * @param value what was written
     * @param options the options
     * @return whether it was stored; if not, the next reader loads
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw
     * @throws IllegalStateException if the write has ended
     */
    public boolean store(V value, EntryOptions options) {
        Objects.requireNonNull(value, "value");
        Objects.requireNonNull(options, "options");
        if (!ended.compareAndSet(false, true)) {
            throw new IllegalStateException("the write has ended: key=" + key);
        }
        return end(value, options);
    }

    private boolean end(@Nullable V value, EntryOptions options) {
        return writing.end(key, version, begun, before, value, options);
    }

    /**
     * Ends the write, if it has not ended: the next reader loads, whether the transaction was committed or not. If the
     * remote level cannot be reached, the intent ends there by itself.
     *
     * @throws RuntimeException only with {@code strictWrites}: whatever the remote level threw
     */
    @Override
    public void close() {
        if (ended.compareAndSet(false, true)) {
            boolean unused = end(null, writing.options());
        }
    }
}
