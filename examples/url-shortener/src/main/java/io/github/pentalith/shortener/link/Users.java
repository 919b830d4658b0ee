// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.link;

import org.jspecify.annotations.Nullable;

/**
 * Who asks. The service believes the header {@code X-User-Id}: in a real deployment the gateway that authenticates
 * users sets it, and strips what clients send.
 */
public final class Users {
    /** The name of the header. */
    public static final String HEADER = "X-User-Id";

    private static final int MAXIMUM_LENGTH = 128;

    private Users() {}

    /**
     * Lets an id pass that has 1 to 128 visible ASCII characters; none or a blank one is nobody.
     *
     * @throws Rejection for any other
     */
    public static @Nullable String require(@Nullable String id) {
        if (id == null || id.isBlank()) {
            return null;
        }
        if (id.length() > MAXIMUM_LENGTH || !id.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
            throw Rejection.invalid("user_invalid", HEADER, HEADER + " has 1 to 128 visible ASCII characters");
        }
        return id;
    }
}
