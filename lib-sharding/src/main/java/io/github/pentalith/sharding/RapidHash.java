// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

import com.dynatrace.hash4j.hashing.ByteAccess;
import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.UUID;
import java.util.function.ToLongFunction;

/** The hashers behind {@link KeyHasher}: small classes instead of lambdas, to save a call on the way to the hash. */
final class RapidHash {
    private static final Hasher64 RAPID = Hashing.rapidhashV3();

    static final KeyHasher<String> STRINGS = new Chars<>();
    static final KeyHasher<CharSequence> CHARS = new Chars<>();
    static final KeyHasher<String> UTF8 = new Utf8();
    static final KeyHasher<byte[]> BYTES = new Bytes();
    static final KeyHasher<Long> LONGS = new Longs();
    static final KeyHasher<UUID> UUIDS = new Uuids();

    private RapidHash() {}

    static long hashLong(long key) {
        return RAPID.hashLongToLong(key);
    }

    static long hashUtf8(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0x7f) {
                return RAPID.hashBytesToLong(text.getBytes(StandardCharsets.UTF_8));
            }
        }
        return RAPID.hashBytesToLong(text, 0, text.length(), Ascii.ACCESS);
    }

    /** A string of ASCII characters read as bytes, so that it need not be copied. */
    private static final class Ascii implements ByteAccess<String> {
        static final Ascii ACCESS = new Ascii();

        @Override
        public byte getByte(String text, long index) {
            return (byte) text.charAt((int) index);
        }
    }

    abstract static class Base<K> implements KeyHasher<K> {
        private final String id;

        Base(String id) {
            this.id = id;
        }

        @Override
        public final String id() {
            return id;
        }

        @Override
        public final String toString() {
            return "KeyHasher[" + id + "]";
        }
    }

    private static final class Chars<K extends CharSequence> extends Base<K> {
        Chars() {
            super("rapidhash3/utf16");
        }

        @Override
        public long hash(K key) {
            return RAPID.hashCharsToLong(Objects.requireNonNull(key, "key"));
        }
    }

    private static final class Utf8 extends Base<String> {
        Utf8() {
            super("rapidhash3/utf8");
        }

        @Override
        public long hash(String key) {
            return hashUtf8(Objects.requireNonNull(key, "key"));
        }
    }

    private static final class Bytes extends Base<byte[]> {
        Bytes() {
            super("rapidhash3/bytes");
        }

        @Override
        public long hash(byte[] key) {
            return RAPID.hashBytesToLong(Objects.requireNonNull(key, "key"));
        }
    }

    private static final class Longs extends Base<Long> {
        Longs() {
            super("rapidhash3/long");
        }

        @Override
        public long hash(Long key) {
            return hashLong(Objects.requireNonNull(key, "key"));
        }
    }

    private static final class Uuids extends Base<UUID> {
        Uuids() {
            super("rapidhash3/uuid");
        }

        @Override
        public long hash(UUID key) {
            Objects.requireNonNull(key, "key");
            return RAPID.hashLongLongToLong(
                    Long.reverseBytes(key.getMostSignificantBits()), Long.reverseBytes(key.getLeastSignificantBits()));
        }
    }

    static final class Named<K> extends Base<K> {
        private final ToLongFunction<? super K> function;

        Named(String id, ToLongFunction<? super K> function) {
            super(Names.check("id", id));
            this.function = Objects.requireNonNull(function, "function");
        }

        @Override
        public long hash(K key) {
            return function.applyAsLong(Objects.requireNonNull(key, "key"));
        }
    }
}
