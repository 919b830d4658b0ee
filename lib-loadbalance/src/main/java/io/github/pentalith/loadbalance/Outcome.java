// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

/** What became of a call to an endpoint. */
public enum Outcome {
    /** The endpoint answered. */
    SUCCESS,
    /** The endpoint answered that it cannot: HTTP 5xx, a gRPC INTERNAL, an exception of the service. */
    SERVER_ERROR,
    /** The endpoint was not reached or the connection broke: refused, reset, unknown host. */
    LOCAL_ERROR,
    /** No answer in time. */
    TIMEOUT,
    /** The endpoint asked for less: HTTP 429 or 503 with {@code Retry-After}. */
    OVERLOADED,
    /** The caller gave up, or the call was never made. Says nothing about the endpoint. */
    CANCELLED;

    static final int COUNT = values().length;

    /** For counting in arrays. */
    @SuppressWarnings("EnumOrdinal") // never leaves this process
    int index() {
        return ordinal();
    }

    /** Whether this speaks against the endpoint. */
    boolean failed() {
        return this != SUCCESS && this != CANCELLED;
    }
}
