// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.export;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes of text that grow as needed, and numbers without garbage. */
final class TextBuffer {
    private static final long EXACT_INTEGERS = 1L << 53;
    private static final int DECIMALS = 9;
    private static final byte[] TENS = new byte[100]; // of the numbers below 100, as characters
    private static final byte[] ONES = new byte[100];

    static {
        for (int i = 0; i < 100; i++) {
            TENS[i] = (byte) ('0' + i / 10);
            ONES[i] = (byte) ('0' + i % 10);
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

    /** A line that every series has: name, labels and value. Room is looked for once. */
    void sample(byte[] name, int nameLength, byte[] labels, double value) {
        reserve(nameLength + labels.length + 4);
        byte[] to = bytes;
        System.arraycopy(name, 0, to, length, nameLength);
        int at = length + nameLength;
        if (labels.length > 0) {
            to[at++] = '{';
            System.arraycopy(labels, 0, to, at, labels.length);
            at += labels.length;
            to[at++] = '}';
        }
        to[at++] = ' ';
        length = at;
        number(value);
        ascii('\n');
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
        if (whole == value && whole > -EXACT_INTEGERS && whole < EXACT_INTEGERS) {
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
        int count = 1;
        for (long power = 10; count < 19 && value >= power; power *= 10) {
            count++;
        }
        count = Math.max(count, atLeast);
        reserve(count);
        byte[] to = bytes;
        int at = length + count;
        long rest = value;
        while (at > length + 1) {
            long hundreds = rest / 100;
            int pair = (int) (rest - hundreds * 100);
            rest = hundreds;
            to[--at] = ONES[pair];
            to[--at] = TENS[pair];
        }
        if (at > length) {
            to[--at] = (byte) ('0' + rest);
        }
        length += count;
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
