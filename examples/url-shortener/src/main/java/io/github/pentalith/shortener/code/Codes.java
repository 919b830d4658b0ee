// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.code;

import io.github.pentalith.sharding.id.Base62;

/** Turns ids into codes of 7 to 11 digits and letters, and back. Immutable and thread-safe. */
public final class Codes {
    private static final int SHORTEST = 7;
    private static final long LONG_ENOUGH = 56_800_235_584L; // 62^6, the least number of 7 characters

    private final Permutation permutation;

    /** Codes by that permutation; who changes it makes codes that may exist already. */
    public Codes(Permutation permutation) {
        this.permutation = permutation;
    }

    /** {@return the code of an id} */
    public String codeOf(long id) {
        long number = permutation.apply(id);
        return number < LONG_ENOUGH ? Base62.encode(number, SHORTEST) : Base62.encode(number);
    }

    /** {@return the id of a code} */
    public long idOf(String code) {
        return permutation.invert(Base62.decode(code));
    }
}
