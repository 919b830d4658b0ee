// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.id;

/** Non-negative numbers as digits and letters. */
public final class Base62 {
    private Base62() {}

    /**
     * {@return the shortest text of the number}
     *
     * @param value not negative
     */
    public static String encode(long value) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return the text of the number, padded on the left with zeros; texts of one length sort as their numbers do}
     *
     * @param value not negative
     * @param length number of characters, 1 to 11
     */
    public static String encode(long value, int length) {
        throw new UnsupportedOperationException();
    }

    /**
     * {@return the number of a text}
     *
     * @param text 1 to 11 digits and letters
     */
    public static long decode(CharSequence text) {
        throw new UnsupportedOperationException();
    }
}
