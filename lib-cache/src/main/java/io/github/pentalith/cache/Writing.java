// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.Coherence.Mark;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way of a write. Without a writer, the value goes to the remote level, and to the local one only if that has none.
 * With one, and for whoever begins a write by hand, the remote level is marked first: whatever happens then, nothing old
 * can be cached, and of writes that overlap nothing at all, as their order in the source is not known (R4).
 */
final class Writing<K, V> {
    private final String name;
    private final Loading<K, V> loading;
    private final LocalLevel<K, V> local;
    private final @Nullable RemoteLevel<K, V> remote;
    private final Coherence coherence;
    private final Counters counters;
    private final EntryOptions options;
    private final @Nullable CacheWriter<? super K, ? super V> writer;
    private final Duration atMost;

    Writing(CacheBuilder<K, V> settings, Loading<K, V> loading) {
        this.name = settings.name;
        this.loading = loading;
        this.local = loading.local;
        this.remote = loading.remote;
        this.coherence = loading.coherence;
        this.counters = loading.counters;
        this.options = settings.options;
        this.writer = settings.writer;
        this.atMost = settings.writeTimeout;
    }

    EntryOptions options() {
        return options;
    }

    void put(K key, V value, EntryOptions chosen) {
        if (writer != null) {
            boolean unused = through(writer, key, value, chosen, RemoteStore.ANY_VERSION);
            return;
        }
        Loaded<K, V> written = loading.written(key, value, chosen, loading.tags.before(chosen.tags()));
        long version = RemoteLevel.FAILED;
        try {
            if (remote != null) {
                version = remote.write(written);
            }
        } finally {
            local.invalidate(key);
        }
        if (version == RemoteLevel.FAILED) {
            keepLocally(written);
        }
    }

    private void keepLocally(Loaded<K, V> written) {
        Mark mark = coherence.mark(written.key());
        if (written.keep()) {
            local.insert(written.key(), loading.unwatched(written, mark), mark);
        }
    }

    boolean replace(K key, long version, V value, EntryOptions chosen) {
        if (remote == null) {
            throw new IllegalStateException("cache " + name + " has no remote level, which alone gives versions");
        }
        if (writer != null) {
            return through(writer, key, value, chosen, version);
        }
        try {
            return remote.replace(loading.written(key, value, chosen, loading.tags.before(chosen.tags())), version);
        } finally {
            local.invalidate(key);
        }
    }

    void remove(K key) {
        if (writer != null) {
            boolean unused = through(writer, key, null, options, RemoteStore.ANY_VERSION);
        } else {
            invalidate(List.of(key));
        }
    }

    void invalidate(List<K> keys) {
        try {
            if (remote != null) {
                remote.invalidate(keys);
            }
        } finally {
            keys.forEach(local::invalidate);
        }
    }

    void invalidateTag(String tag) {
        try {
            if (remote != null) {
                remote.invalidateTag(tag);
            }
        } finally {
            loading.tags.invalidated(tag);
            if (tag.equals(Tags.ALL)) {
                local.clear();
            }
        }
    }

    /** Whether the write was made: not if another version was there. */
    private boolean through(
            CacheWriter<? super K, ? super V> target, K key, @Nullable V value, EntryOptions chosen, long ifVersion) {
        try (WriteIntent<K, V> intent = begin(key, ifVersion)) {
            if (intent == null) {
                return false;
            }
            write(target, key, value, intent.version());
            if (value != null) {
                boolean unused = intent.store(value, chosen);
            }
            return true;
        }
    }

    private void write(CacheWriter<? super K, ? super V> target, K key, @Nullable V value, long version) {
        boolean success = false;
        try {
            target.write(key, value, version);
            success = true;
        } catch (RuntimeException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CacheWriteException(name, e);
        } catch (Exception e) {
            throw new CacheWriteException(name, e);
        } finally {
            (success ? counters.writes : counters.writeFailures).increment();
        }
    }

    WriteIntent<K, V> begin(K key) {
        WriteIntent<K, V> intent = begin(key, RemoteStore.ANY_VERSION);
        if (intent == null) {
            throw new IllegalStateException("any version will do");
        }
        return intent;
    }

    /** Null if another version was there. */
    private @Nullable WriteIntent<K, V> begin(K key, long ifVersion) {
        long version = 0;
        try {
            if (remote != null) {
                version = remote.mark(key, ifVersion, atMost);
                if (version == 0) {
                    return null;
                }
            }
        } finally {
            local.invalidate(key);
        }
        Mark begun = coherence.mark(key);
        return new WriteIntent<>(this, key, Math.max(0, version), begun, loading.tags.before(options.tags()));
    }

    /** Whether the value is kept. */
    boolean end(K key, long version, Mark begun, Tags.Before before, @Nullable V value, EntryOptions chosen) {
        Loaded<K, V> written = value == null ? null : loading.written(key, value, chosen, before);
        if (remote == null) {
            boolean alone = coherence.unchanged(begun);
            local.invalidate(key); // for loads that began before the commit
            if (alone && written != null) {
                keepLocally(written);
            }
            return alone && written != null && written.keep();
        }
        try {
            return remote.settle(key, version, written);
        } finally {
            local.invalidate(key);
        }
    }
}
