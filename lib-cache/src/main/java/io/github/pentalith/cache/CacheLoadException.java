// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

/**
 * A loader threw a checked exception, which is the cause. Unchecked exceptions of a loader reach the caller as they
 * are.
 */
public final class CacheLoadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The name of the cache. */
    private final String name;

    CacheLoadException(String name, Throwable cause) {
        super("cache " + name + ": a load failed: " + cause, cause);
        this.name = name;
    }

    /**
     * Returns the name of the cache.
     *
     * @return the name
     */
    public String name() {
        return name;
    }
}
