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
    private static final long EXACT_INTEGERS = 1L << 53;
    private static final int DECIMALS = 9;
    private static final VarHandle PAIR = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final short[] PAIRS = new short[100]; // the numbers below 100, as two characters

    private static final long[] POWERS_OF_TEN = new long[19]; // the first is 0, which has a digit, too

    static {
        long power = 1;
        for (int i = 1; i < POWERS_OF_TEN.length; i++) {
            power *= 10;
            POWERS_OF_TEN[i] = power;
        }
        for (int i = 0; i < 100; i++) {
            PAIRS[i] = (short) ('0' + i / 10 | ('0' + i % 10) << 8);
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
        long whole = (long) value;
        if (whole == value && isExact(whole)) {
            integer(whole);
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

    /** Puts an integer in the place of one that ends here, if it is as long. */
    boolean replace(int end, int width, long value) {
        if (value < 0 || width(value) != width) {
            return false;
        }
        digits(value, bytes, end - width, end);
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
        reserve(count);
        digits(value, bytes, length, length + count);
        length += count;
    }

    private static void digits(long value, byte[] to, int from, int end) {
        int at = end;
        long rest = value;
        while (at > from + 1) {
            long hundreds = rest / 100;
            int pair = (int) (rest - hundreds * 100);
            rest = hundreds;
            at -= 2;
            PAIR.set(to, at, PAIRS[pair]);
        }
        if (at > from) {
            to[from] = (byte) ('0' + rest);
        }
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
