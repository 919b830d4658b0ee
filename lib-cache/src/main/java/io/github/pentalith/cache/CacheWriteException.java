// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

/** Wraps a checked exception of a {@link CacheWriter}; unchecked ones pass unchanged. Not thread-safe, as exceptions. */
public final class CacheWriteException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String name;

    CacheWriteException(String name, Exception cause) {
        super("cache " + name + ": the write failed: " + cause, cause);
        this.name = name;
    }

    /**
     * Returns which cache it was.
     *
     * @return the name of the cache
     */
    public String name() {
        return name;
    }
}
