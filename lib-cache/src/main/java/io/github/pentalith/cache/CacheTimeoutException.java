// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.time.Duration;

/** A caller waited for a load, its own turn or that of another, as long as it may. */
public final class CacheTimeoutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The name of the cache. */
    private final String name;

    /** How long the caller waited. */
    private final Duration waited;

    CacheTimeoutException(String name, Duration waited) {
        super(null, null, false, false);
        this.name = name;
        this.waited = waited;
    }

    /**
     * {@return the name of the cache}
     */
    public String name() {
        return name;
    }

    /**
     * {@return how long the caller waited}
     */
    public Duration waited() {
        return waited;
    }

    @Override
    public String getMessage() {
        return "cache " + name + ": no value after " + waited;
    }
}
