// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Checks the names that travel in snapshots: not empty, not too long, and the same after a trip through UTF-8. */
final class Names {
    private Names() {}

    static String check(String what, String name, int maxBytes) {
        Objects.requireNonNull(name, what);
        if (name.isEmpty()) {
            throw new IllegalArgumentException(
                    what + " must not be empty: " + what + "=\"\" (expected: 1 to " + maxBytes + " bytes of UTF-8)");
        }
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > maxBytes) {
            throw new IllegalArgumentException(what + " must not be too long: " + what + " has " + utf8.length
                    + " bytes of UTF-8 (expected: 1 to " + maxBytes + ")");
        }
        if (!new String(utf8, StandardCharsets.UTF_8).equals(name)) {
            throw new IllegalArgumentException(
                    what + " must be encodable as UTF-8: " + what + "=" + name + " (expected: no unpaired surrogates)");
        }
        return name;
    }
}
