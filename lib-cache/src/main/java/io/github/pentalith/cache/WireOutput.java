// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing array of bytes; numbers as variable-length integers, as Protocol Buffers write them. */
final class WireOutput {
    private byte[] bytes = new byte[64];
    private int size;

    void writeByte(int value) {
        ensure(1);
        bytes[size++] = (byte) value;
    }

    void writeBytes(byte[] value) {
        ensure(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    /** Seven bits per byte, least significant first; negative numbers take ten bytes. */
    void writeUnsigned(long value) {
        ensure(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    /** Zigzag: small numbers of either sign are short. */
    void writeSigned(long value) {
        writeUnsigned((value << 1) ^ (value >> 63));
    }

    void writeFixed(long value, int width) {
        ensure(width);
        for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
            bytes[size++] = (byte) (value >>> shift);
        }
    }

    /** UTF-8, but lone surrogates survive: three bytes that UTF-8 proper never contains. */
    void writeText(String text) {
        byte[] utf8 = Text.encode(text);
        writeUnsigned(utf8.length);
        writeBytes(utf8);
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }

    /** Strings as bytes and back, every string exactly. */
    static final class Text {
        private Text() {}

        static byte[] encode(String text) {
            if (!hasLoneSurrogate(text)) {
                return text.getBytes(StandardCharsets.UTF_8);
            }
            WireOutput out = new WireOutput();
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (isPair(text, i)) {
                    out.writeBytes(text.substring(i, i + 2).getBytes(StandardCharsets.UTF_8));
                    i++;
                } else if (Character.isSurrogate(c)) {
                    out.writeByte(0xE0 | (c >> 12));
                    out.writeByte(0x80 | (c >> 6 & 0x3F));
                    out.writeByte(0x80 | (c & 0x3F));
                } else {
                    out.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
                }
            }
            return out.toBytes();
        }

        static String decode(byte[] utf8) {
            if (!hasSurrogate(utf8)) {
                return new String(utf8, StandardCharsets.UTF_8);
            }
            StringBuilder text = null;
            int plain = 0;
            for (int i = 0; i + 2 < utf8.length; i++) {
                if ((utf8[i] & 0xFF) == 0xED && (utf8[i + 1] & 0xE0) == 0xA0) { // a lone surrogate
                    text = text == null ? new StringBuilder(utf8.length) : text;
                    text.append(new String(utf8, plain, i - plain, StandardCharsets.UTF_8));
                    text.append((char) (0xD000 | ((utf8[i + 1] & 0x3F) << 6) | (utf8[i + 2] & 0x3F)));
                    plain = i + 3;
                    i += 2;
                }
            }
            String rest = new String(utf8, plain, utf8.length - plain, StandardCharsets.UTF_8);
            return text == null ? rest : text.append(rest).toString();
        }

        private static boolean hasSurrogate(byte[] utf8) {
            for (byte next : utf8) {
                if (next == (byte) 0xED) { // with which they begin, and some others
                    return true;
                }
            }
            return false;
        }

        private static boolean hasLoneSurrogate(String text) {
            for (int i = 0; i < text.length(); i++) {
                if (isPair(text, i)) {
                    i++;
                } else if (Character.isSurrogate(text.charAt(i))) {
                    return true;
                }
            }
            return false;
        }

        private static boolean isPair(String text, int i) {
            return i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
        }
    }
}
