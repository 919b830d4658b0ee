// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import io.github.pentalith.cache.RemoteStore;
import java.time.Duration;
import java.util.List;

/** A Redis server as the remote level. */
public final class RedisStore implements RemoteStore {
    private RedisStore() {}

    /**
     * Returns the store at a URI.
     *
     * @param uri {@code redis://user:password@host:port/database} or {@code rediss://}
     * @return the store; it connects when a cache subscribes
     */
    public static RedisStore of(String uri) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Fetched> fetch(List<byte[]> keys, Duration lease) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Boolean> fill(List<Fill> fills) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(byte[] key, long ifVersion, byte[] value, Duration ttl) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void invalidate(List<byte[]> keys) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void clear(byte[] prefix) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Subscription subscribe(byte[] prefix, Feed feed) {
        throw new UnsupportedOperationException();
    }
}
