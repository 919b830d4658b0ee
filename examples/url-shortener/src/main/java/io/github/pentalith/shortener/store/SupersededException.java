// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

/** The routing has changed meanwhile: what was to be done under it must not be done any more. */
public final class SupersededException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Work was begun under one version and another one is in force. */
    public SupersededException(long version, long now) {
        super("the routing has changed meanwhile: version=" + version + " (expected: " + now + ")");
    }
}
