// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.id;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Numbers as short text of digits and letters, for keys, codes and URLs.
 *
 * <p>The digits are {@code 0-9 A-Z a-z}, in the order of their codes: texts of one length sort as their numbers do, byte
 * by byte, which {@link #encode(long, int)} is for.
 *
 * <p><b>Thread-safety:</b> no state.
 *
 * <p><b>Time and memory:</b> a division per character; encoding allocates the text, decoding nothing.
 *
 * <p><b>Failure:</b> {@link IllegalArgumentException} that names what is wrong and where.
 *
 * <p><b>Example:</b> {@code Base62.encode(125)} is {@code "21"}, {@code Base62.encode(125, 4)} is {@code "0021"}.
 */
public final class Base62 {
    /** Characters of the greatest long, 9,223,372,036,854,775,807 or {@code AzL8n0Y58m7}. */
    public static final int MAX_LENGTH = 11;

    private static final byte[] DIGITS =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VALUES = new byte[128];

    static {
        Arrays.fill(VALUES, (byte) -1);
        for (int i = 0; i < DIGITS.length; i++) {
            VALUES[DIGITS[i]] = (byte) i;
        }
    }

    private Base62() {}

    /**
     * {@return the shortest text of the number, 1 to 11 characters}
     *
     * @param value not negative
     * @throws IllegalArgumentException if it is negative
     */
    public static String encode(long value) {
        checkNotNegative(value);
        int length = 1;
        for (long rest = value / 62; rest > 0; rest /= 62) {
            length++;
        }
        return digits(value, length);
    }

    /**
     * {@return the text of the number with zeros before it; texts of one length sort as their numbers do}
     *
     * @param value not negative, below 62 to the power of the length
     * @param length characters of the text, 1 to 11
     * @throws IllegalArgumentException if the length is out of range, or the number negative or too great for it
     */
    public static String encode(long value, int length) {
        checkNotNegative(value);
        if (length < 1 || length > MAX_LENGTH) {
            throw new IllegalArgumentException("length must be in range: length=" + length + " (expected: 1 to 11)");
        }
        long rest = value;
        for (int i = 0; i < length; i++) {
            rest /= 62;
        }
        if (rest > 0) {
            throw new IllegalArgumentException(
                    "value must fit the length: value=" + value + " (expected: less than 62^" + length + ")");
        }
        return digits(value, length);
    }

    /**
     * {@return the number of a text, which may begin with zeros}
     *
     * @param text 1 to 11 digits and letters, at most {@code AzL8n0Y58m7}
     * @throws IllegalArgumentException if it is empty, too long, too great, or has another character
     */
    public static long decode(CharSequence text) {
        int length = text.length();
        if (length < 1 || length > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "text must have 1 to 11 characters: length=" + length + " (expected: 1 to 11 of 0-9, A-Z and a-z)");
        }
        long value = 0;
        for (int i = 0; i < length; i++) {
            char digit = text.charAt(i);
            int amount = digit < VALUES.length ? VALUES[digit] : -1;
            if (amount < 0) {
                throw new IllegalArgumentException("text must have only digits and letters: character "
                        + Character.getName(digit) + " at index " + i + " (expected: 0-9, A-Z or a-z)");
            }
            if (value > (Long.MAX_VALUE - amount) / 62) {
                throw new IllegalArgumentException(
                        "text must be the number of a long: text=" + text + " (expected: at most AzL8n0Y58m7)");
            }
            value = value * 62 + amount;
        }
        return value;
    }

    private static void checkNotNegative(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("value must not be negative: value=" + value + " (expected: 0 or more)");
        }
    }

    private static String digits(long value, int length) {
        byte[] text = new byte[length];
        long rest = value;
        for (int i = length - 1; i >= 0; i--) {
            text[i] = DIGITS[(int) (rest % 62)];
            rest /= 62;
        }
        return new String(text, StandardCharsets.US_ASCII);
    }
}
