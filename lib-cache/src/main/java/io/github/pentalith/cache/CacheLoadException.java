// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

/** A loader threw a checked exception; it is the cause. */
public final class CacheLoadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The name of the cache. */
    private final String name;

    CacheLoadException(String name, Exception cause) {
        super(cause);
        this.name = name;
    }

    /**
     * {@return the name of the cache}
     */
    public String name() {
        return name;
    }
}
