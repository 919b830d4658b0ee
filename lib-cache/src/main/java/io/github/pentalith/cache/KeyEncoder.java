// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.WireOutput.Text;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keys as the remote level sees them: {@code name:{key}}. The braces are Redis's hash tag, so that whatever belongs to
 * a key lives in its slot. Different keys, and keys of different caches, never have equal bytes: a name has no colon,
 * the encoding of a key is injective, and so is the escaping: {@code %} is always followed by two hexadecimal digits,
 * but alone it is the empty key, and
 * before {@code #} it begins a tag.
 */
final class KeyEncoder<K> {
    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] NOTHING = {};
    private static final byte[] EMPTY = {'%'};
    private static final byte[] TAG = {'%', '#'};

    private final byte[] prefix;
    private final Function<K, byte[]> encode;
    private final Function<byte[], K> decode;

    private KeyEncoder(String name, Function<K, byte[]> encode, Function<byte[], K> decode) {
        this.prefix = (name + ":{").getBytes(StandardCharsets.US_ASCII);
        this.encode = encode;
        this.decode = decode;
    }

    static <K> KeyEncoder<K> of(String name, Codec<K> codec) {
        return new KeyEncoder<>(name, codec::encode, bytes -> codec.decode(ByteBuffer.wrap(bytes)));
    }

    /** Keys of the usual types stay legible in redis-cli. */
    static <K> KeyEncoder<K> of(String name, Class<K> type) {
        if (type == String.class) {
            return of(name, type, Text::encode, Text::decode);
        }
        if (type == Long.class) {
            return of(name, type, key -> ascii(key), bytes -> Long.parseLong(text(bytes)));
        }
        if (type == Integer.class) {
            return of(name, type, key -> ascii(key), bytes -> Integer.parseInt(text(bytes)));
        }
        if (type == UUID.class) {
            return of(name, type, key -> ascii(key), bytes -> UUID.fromString(text(bytes)));
        }
        ShapeCodec<K> codec = new ShapeCodec<>(Shape.of(type));
        if (!codec.injective()) {
            throw new IllegalArgumentException("key type must have one form per value: keyType=" + type.getTypeName()
                    + " (expected: no arrays, sets or maps in it)");
        }
        return of(name, codec);
    }

    @SuppressWarnings("unchecked") // T is K, as the caller compared classes
    private static <K, T> KeyEncoder<K> of(
            String name, Class<K> type, Function<T, byte[]> encode, Function<byte[], T> decode) {
        return new KeyEncoder<>(name, key -> encode.apply((T) type.cast(key)), bytes -> type.cast(decode.apply(bytes)));
    }

    private static byte[] ascii(Object key) {
        return key.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** What all keys of the cache begin with, and no other. */
    byte[] prefix() {
        return prefix.clone();
    }

    byte[] encode(K key) {
        byte[] plain = encode.apply(key);
        return plain.length == 0 ? bytes(EMPTY, plain) : bytes(NOTHING, plain);
    }

    /** The key under which the version of a tag lives; no key of a value has these bytes. */
    byte[] encodeTag(String tag) {
        return bytes(TAG, Text.encode(tag));
    }

    /** The prefix, the mark, the escaped bytes, the closing brace. */
    private byte[] bytes(byte[] mark, byte[] plain) {
        int escapes = 0;
        for (byte next : plain) {
            escapes += literal(next) ? 0 : 1;
        }
        byte[] bytes = Arrays.copyOf(prefix, prefix.length + mark.length + plain.length + 2 * escapes + 1);
        System.arraycopy(mark, 0, bytes, prefix.length, mark.length);
        int at = prefix.length + mark.length;
        if (escapes == 0) {
            System.arraycopy(plain, 0, bytes, at, plain.length);
        } else {
            escape(plain, bytes, at);
        }
        bytes[bytes.length - 1] = '}';
        return bytes;
    }

    private static void escape(byte[] plain, byte[] bytes, int from) {
        int at = from;
        for (byte next : plain) {
            if (literal(next)) {
                bytes[at++] = next;
            } else {
                bytes[at++] = '%';
                bytes[at++] = HEX[next >> 4 & 0xF];
                bytes[at++] = HEX[next & 0xF];
            }
        }
    }

    private static boolean literal(byte next) {
        return next < 0 || (next > ' ' && next != '%' && next != '{' && next != '}' && next != 0x7F);
    }

    /** The tag that lives under a key; null if it is no tag's. */
    @Nullable
    String tag(byte[] key) {
        int from = prefix.length;
        return key.length > from + 2 && key[from] == '%' && key[from + 1] == '#'
                ? Text.decode(unescaped(key, from + 2))
                : null;
    }

    /**
     * @throws RuntimeException if these are not the bytes of a key
     */
    K decode(byte[] key) {
        if (key.length <= prefix.length || key[key.length - 1] != '}') {
            throw new IllegalArgumentException("not a key of this cache");
        }
        return decode.apply(unescaped(key, prefix.length));
    }

    private static byte[] unescaped(byte[] key, int from) {
        int end = key.length - 1;
        ByteArrayOutputStream plain = new ByteArrayOutputStream(key.length);
        for (int i = from; i < end; i++) {
            if (key[i] != '%') {
                plain.write(key[i]);
            } else if (i + 2 < end) {
                plain.write((Character.digit(key[i + 1], 16) << 4) | Character.digit(key[i + 2], 16));
                i += 2;
            }
        }
        return plain.toByteArray();
    }
}
