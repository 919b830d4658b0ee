// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.store;

/** The databases are not the ones that the stored shard map was made for: going on would lose links. */
public final class MisfitException extends RuntimeException {
    private static final long serialVersionUID = 1;

    MisfitException(String message) {
        super(message);
    }
}
