// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes of text that grow as needed, and numbers without garbage. */
final class TextBuffer {
    /** Up to here, doubles tell integers apart: a little below 2^53, so that a hundred is on one side as a whole. */
    private static final long EXACT_INTEGERS = 9_000_000_000_000_000L;

    private static final int DECIMALS = 9;
    private static final VarHandle PAIR = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle EIGHT = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    // Exact integers of as many digits as the index says are LEAST and as many more as SPAN.
    private static final long[] LEAST = new long[21];
    private static final long[] SPAN = new long[21];
    private static final long[] POWERS_OF_TEN = new long[19]; // the first is 0, which has a digit, too

    static {
        long power = 1;
        for (int i = 1; i < POWERS_OF_TEN.length; i++) {
            LEAST[i] = POWERS_OF_TEN[i - 1];
            SPAN[i] = Math.max(0, Math.min(power * 10, EXACT_INTEGERS) - LEAST[i]);
            power *= 10;
            POWERS_OF_TEN[i] = power;
        }
    }

    private byte[] bytes = new byte[8_192];
    private int length;

    void clear() {
        length = 0;
    }

    int length() {
        return length;
    }

    int capacity() {
        return bytes.length;
    }

    void writeTo(OutputStream out) throws IOException {
        out.write(bytes, 0, length);
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }

    void ascii(char c) {
        reserve(1);
        bytes[length++] = (byte) c;
    }

    void ascii(String text) {
        reserve(text.length());
        for (int i = 0; i < text.length(); i++) {
            bytes[length++] = (byte) text.charAt(i);
        }
    }

    void raw(byte[] text) {
        raw(text, text.length);
    }

    void raw(byte[] text, int size) {
        reserve(size);
        System.arraycopy(text, 0, bytes, length, size);
        length += size;
    }

    void append(TextBuffer that, int from, int to) {
        reserve(to - from);
        System.arraycopy(that.bytes, from, bytes, length, to - from);
        length += to - from;
    }

    /** Where the number begins that ends the line which ends here. */
    int startOfNumber(int end) {
        int at = end;
        while (bytes[at - 1] != ' ') {
            at--;
        }
        return at;
    }

    /** Text as a format's HELP line wants it. */
    void help(String text, boolean escapeQuotes) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                ascii("\\n");
            } else if (c == '\\' || (c == '"' && escapeQuotes)) {
                ascii('\\');
                ascii(c);
            } else if (c < 0x80) {
                ascii(c);
            } else {
                raw(text.substring(i)
                        .replace("\\", "\\\\")
                        .replace("\n", "\\n")
                        .replace("\"", escapeQuotes ? "\\\"" : "\"")
                        .getBytes(StandardCharsets.UTF_8));
                return;
            }
        }
    }

    /** A number that is read back as exactly this one. */
    void number(double value) {
        if (isExactInteger(value)) {
            integer((long) value);
            return;
        }
        long scaled = Math.round(value * 1e9);
        if (scaled > -EXACT_INTEGERS && scaled < EXACT_INTEGERS && scaled / 1e9 == value) {
            decimal(scaled);
        } else if (Double.isNaN(value)) {
            ascii("NaN");
        } else if (Double.isInfinite(value)) {
            ascii(value > 0 ? "+Inf" : "-Inf");
        } else {
            ascii(Double.toString(value));
        }
    }

    static boolean isExactInteger(double value) {
        long whole = (long) value;
        return whole == value && isExact(whole);
    }

    static boolean isExact(long whole) {
        return whole > -EXACT_INTEGERS && whole < EXACT_INTEGERS;
    }

    void integer(long value) {
        if (value == Long.MIN_VALUE) {
            ascii(Long.toString(value));
            return;
        }
        if (value < 0) {
            ascii('-');
        }
        digits(Math.abs(value), 1);
    }

    /**
     * Puts an exact integer in the place of another one that ends here, if it is as long. There must be a line before.
     *
     * @param width how many characters there are, or 0 if what is there is no exact integer
     */
    boolean replace(int end, int width, long old, long value) {
        byte[] to = bytes;
        long hundreds = old / 100 * 100;
        long rest = value - hundreds;
        if (hundreds > 0 && width > 0 && rest >= 0 && rest < 100) { // mostly, no more than the last two digits change
            PAIR.set(to, end - 2, (short) twoDigits(rest));
            return true;
        }
        if (Long.compareUnsigned(value - LEAST[width], SPAN[width]) >= 0) {
            return false;
        }
        rest = value;
        int at = end - 8;
        int digits = width;
        for (; digits > 8; digits -= 8, at -= 8) {
            long high = rest / 100_000_000;
            EIGHT.set(to, at, eightDigits(rest - high * 100_000_000));
            rest = high;
        }
        long mask = -1L << ((8 - digits) * 8);
        EIGHT.set(to, at, ((long) EIGHT.get(to, at) & ~mask) | (eightDigits(rest) & mask));
        return true;
    }

    /** A number of billionths, without needless zeros. */
    private void decimal(long scaled) {
        if (scaled < 0) {
            ascii('-');
        }
        long magnitude = Math.abs(scaled);
        digits(magnitude / 1_000_000_000, 1);
        ascii('.');
        digits(magnitude % 1_000_000_000, DECIMALS);
        while (bytes[length - 1] == '0') {
            length--;
        }
    }

    private void digits(long value, int atLeast) {
        int count = Math.max(width(value), atLeast);
        if (count > 8) {
            digits(value / 100_000_000, count - 8);
            digits(value % 100_000_000, 8);
            return;
        }
        reserve(8);
        EIGHT.set(bytes, length, eightDigits(value) >>> ((8 - count) * 8));
        length += count;
    }

    private static long twoDigits(long value) {
        long tens = (value * 103) >>> 10;
        return tens | ((value - tens * 10) << 8) | 0x3030;
    }

    /**
     * A number below 10^8 as eight characters, the first in the lowest byte. The halves, their halves and those of
     * these are divided side by side in one register: 10486 / 2^20 is a hundredth and 103 / 2^10 a tenth, near enough
     * for numbers of four digits and of two.
     */
    private static long eightDigits(long value) {
        long thousands = (value * 109_951_163) >>> 40;
        long halves = thousands | ((value - thousands * 10_000) << 32);
        long hundreds = ((halves * 10_486) >>> 20) & 0x7F_0000_007FL;
        long pairs = hundreds | ((halves - hundreds * 100) << 16);
        long tens = ((pairs * 103) >>> 10) & 0xF_000F_000F_000FL;
        return tens | ((pairs - tens * 10) << 8) | 0x3030_3030_3030_3030L;
    }

    /** The number of digits: 1233 / 4096 is a little less than log10(2). */
    private static int width(long value) {
        int least = ((Long.SIZE - Long.numberOfLeadingZeros(value | 1)) * 1233) >>> 12;
        return value >= POWERS_OF_TEN[least] ? least + 1 : least;
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
