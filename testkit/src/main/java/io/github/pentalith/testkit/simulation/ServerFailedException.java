// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit.simulation;

/**
 * The bad reply of a {@link Server}. Immutable and without stack trace, as there may be millions of them.
 */
public final class ServerFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why a server gave a bad reply. */
    public enum Reason {
        /** It is down: the connection is refused or reset. */
        DOWN,
        /** Its queue is full. */
        FULL,
        /** It did the work and failed. */
        ERROR,
        /** What it depends on failed; see the cause. */
        DEPENDENCY
    }

    private final String server;
    private final Reason reason;

    ServerFailedException(String server, Reason reason) {
        super(null, null, false, false);
        this.server = server;
        this.reason = reason;
    }

    ServerFailedException(String server, Throwable cause) {
        super(null, cause, false, false);
        this.server = server;
        this.reason = Reason.DEPENDENCY;
    }

    /** {@return the name of the server} */
    public String server() {
        return server;
    }

    /** {@return why} */
    public Reason reason() {
        return reason;
    }

    @Override
    public String getMessage() {
        return "server failed: server=" + server + ", reason=" + reason;
    }
}
