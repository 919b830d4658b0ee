// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.util.concurrent.RejectedExecutionException;

/**
 * No endpoint may take the call, so it was not made. Thrown at once, never after waiting, and without a stack trace, as
 * it can be frequent. Being a {@link RejectedExecutionException}, it is neither retried nor counted as a failure by
 * Pentalith's pipelines.
 */
public final class NoEndpointException extends RejectedExecutionException {
    private static final long serialVersionUID = 1;

    /** Why there is none. */
    public enum Reason {
        /** The source has not delivered any endpoint. */
        EMPTY,
        /** All endpoints are drained, that is, have weight 0. */
        DRAINED,
        /** Endpoints are there, but none that is not drained is healthy, and the panic threshold forbids using the others. */
        UNHEALTHY,
        /** The balancer is closed. */
        CLOSED
    }

    /** The balancer's name. */
    private final String name;
    /** The reason. */
    private final Reason reason;
    /** The number of known endpoints. */
    private final int known;

    NoEndpointException(String name, Reason reason, int known) {
        this.name = name;
        this.reason = reason;
        this.known = known;
    }

    /** {@return the balancer's name} */
    public String name() {
        return name;
    }

    /** {@return why there is no endpoint} */
    public Reason reason() {
        return reason;
    }

    /** {@return how many endpoints the balancer knows, whatever their state} */
    public int known() {
        return known;
    }

    /** {@return a sentence made of the other properties} */
    @Override
    public String getMessage() {
        return "no endpoint: balancer=" + name + " reason=" + reason + " known=" + known;
    }

    /** {@return this; no stack trace is taken} */
    @Override
    @SuppressWarnings({"UnsynchronizedOverridesSynchronized", "OverridesJavaLangThrowable"})
    public Throwable fillInStackTrace() {
        return this;
    }
}
