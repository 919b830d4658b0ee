// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.compat;

import io.github.pentalith.sharding.KeyHasher;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The hash slot of a key in Redis Cluster: CRC-16/XMODEM modulo 16,384 of the key, or of its hashtag, the text between
 * the first <code>{</code> and the next <code>}</code> if there is any.
 *
 * <p><b>Thread-safety:</b> stateless.
 *
 * <p><b>Time and memory:</b> in proportion to the key; allocates nothing, but for the bytes of strings with characters
 * above U+007F.
 *
 * <p><b>Failure:</b> a null key gives {@link NullPointerException}.
 *
 * <p><b>Example:</b> {@code RedisSlots.slot("{user:42}.cart") == RedisSlots.slot("user:42")}
 *
 * <p><b>Source:</b> Redis Cluster specification, "Keys distribution model" and "Hash tags".
 */
public final class RedisSlots {
    /** The number of slots of every cluster. */
    public static final int COUNT = 16_384;

    private static final int SLOT_BITS = 14;
    private static final int POLYNOMIAL = 0x1021;

    /** Row r: the remainder of a byte that is followed by r others. */
    private static final char[][] REMAINDERS = remainders();

    private static final KeyHasher<String> STRINGS = KeyHasher.of("redis/crc16/utf8", key -> upper(slot(key)));
    private static final KeyHasher<byte[]> BYTES = KeyHasher.of("redis/crc16/bytes", key -> upper(slot(key)));

    private RedisSlots() {}

    /**
     * {@return the slot of a key, from 0 to 16,383}
     *
     * @param key the key as it is sent to Redis
     */
    public static int slot(byte[] key) {
        int open = indexOf(key, '{', 0);
        int close = open < 0 ? -1 : indexOf(key, '}', open + 1);
        return close > open + 1 ? slot(key, open + 1, close) : slot(key, 0, key.length);
    }

    /**
     * {@return the slot of a key that is sent in UTF-8, from 0 to 16,383}
     *
     * @param key the key
     */
    public static int slot(String key) {
        // Neither brace is part of another character in UTF-8, so the tag can be found in the text.
        int open = key.indexOf('{');
        int close = open < 0 ? -1 : key.indexOf('}', open + 1);
        return close > open + 1 ? slot(key, open + 1, close) : slot(key, 0, key.length());
    }

    /**
     * {@return a hasher with which {@code Placement.slots(16_384)} has the very slots of Redis}
     *
     * <p>It has 14 bits, the upper ones: take no finer placement with it.
     */
    public static KeyHasher<String> strings() {
        return STRINGS;
    }

    /** {@return the same as {@link #strings()} for keys in bytes} */
    public static KeyHasher<byte[]> bytes() {
        return BYTES;
    }

    private static long upper(int slot) {
        return (long) slot << (Long.SIZE - SLOT_BITS);
    }

    private static int indexOf(byte[] key, char wanted, int from) {
        Objects.requireNonNull(key, "key");
        for (int i = from; i < key.length; i++) {
            if (key[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static int slot(byte[] key, int from, int to) {
        int crc = 0;
        int i = from;
        for (; i + 4 <= to; i += 4) {
            crc = four(crc, key[i], key[i + 1], key[i + 2], key[i + 3]);
        }
        for (; i < to; i++) {
            crc = one(crc, key[i]);
        }
        return crc & (COUNT - 1);
    }

    private static int slot(String key, int from, int to) {
        int crc = 0;
        int all = 0;
        int i = from;
        for (; i + 4 <= to; i += 4) {
            char a = key.charAt(i);
            char b = key.charAt(i + 1);
            char c = key.charAt(i + 2);
            char d = key.charAt(i + 3);
            all |= a | b | c | d;
            crc = four(crc, a, b, c, d);
        }
        for (; i < to; i++) {
            all |= key.charAt(i);
            crc = one(crc, key.charAt(i));
        }
        if (all < 0x80) {
            return crc & (COUNT - 1);
        }
        byte[] bytes = key.substring(from, to).getBytes(StandardCharsets.UTF_8);
        return slot(bytes, 0, bytes.length);
    }

    private static int one(int crc, int next) {
        return (crc << 8 ^ REMAINDERS[0][(crc >>> 8 ^ next) & 0xff]) & 0xffff;
    }

    /** Four bytes at once: their remainders do not depend on each other, so the processor looks them up together. */
    private static int four(int crc, int a, int b, int c, int d) {
        return REMAINDERS[3][(crc >>> 8 ^ a) & 0xff]
                ^ REMAINDERS[2][(crc ^ b) & 0xff]
                ^ REMAINDERS[1][c & 0xff]
                ^ REMAINDERS[0][d & 0xff];
    }

    private static char[][] remainders() {
        char[][] table = new char[4][256];
        for (int value = 0; value < 256; value++) {
            int crc = value << 8;
            for (int row = 0; row < table.length; row++) {
                for (int bit = 0; bit < 8; bit++) {
                    crc = (crc << 1 ^ ((crc & 0x8000) != 0 ? POLYNOMIAL : 0)) & 0xffff;
                }
                table[row][value] = (char) crc;
            }
        }
        return table;
    }
}
