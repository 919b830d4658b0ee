// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Checks the names that travel in snapshots: not empty, not too long, and the same after a trip through UTF-8. */
final class Names {
    static final int MAX_BYTES = 1_024;

    private Names() {}

    static String check(String what, String name) {
        Objects.requireNonNull(name, what);
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        if (utf8.length == 0 || utf8.length > MAX_BYTES) {
            throw new IllegalArgumentException(what + " must be neither empty nor too long: " + what + " has "
                    + utf8.length + " bytes of UTF-8 (expected: 1 to 1,024)");
        }
        if (!new String(utf8, StandardCharsets.UTF_8).equals(name)) {
            throw new IllegalArgumentException(
                    what + " must survive UTF-8: " + what + "=" + name + " (expected: no unpaired surrogates)");
        }
        return name;
    }
}
