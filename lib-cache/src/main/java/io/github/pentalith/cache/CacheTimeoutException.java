// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.time.Duration;

/**
 * A caller waited for a load, for another's to end or for one of the permitted loads to begin, as long as it may. Has
 * no stack trace; its message is formatted when read.
 */
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
     * Returns the name of the cache.
     *
     * @return the name
     */
    public String name() {
        return name;
    }

    /**
     * Returns how long the caller waited.
     *
     * @return the time waited
     */
    public Duration waited() {
        return waited;
    }

    @Override
    public String getMessage() {
        return "cache " + name + ": no value after waiting " + waited;
    }
}
