// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.admin;

/** What was asked for does not fit the state of things. */
public final class ConflictException extends Exception {
    private static final long serialVersionUID = 1;

    ConflictException(String message) {
        super(message);
    }
}
