// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A value as the remote level sees it: magic and format, flags, codec, schema, checksum, the version of the cache's last
 * clearing; then, if the flags say so, when to refresh it and its tags; then the payload. The store puts its version and
 * its times before that. Bytes of another codec, schema or format, and bytes whose checksum is wrong, are refused before
 * the codec sees them.
 */
final class Wire<V> {
    static final int HEADER = 18;
    private static final int CHECKSUM = 7;
    private static final byte MAGIC = (byte) 0xC2; // the low four bits are the format
    private static final byte NEGATIVE = 1;
    private static final byte REFRESHED = 2;
    private static final byte TAGGED = 4;
    private static final int VERSION_BYTES = 7;

    private final Codec<V> codec;

    Wire(Codec<V> codec) {
        if (codec.id() < 0 || codec.id() > 255) {
            throw new IllegalArgumentException("codec id must be in range: id=" + codec.id() + " (expected: 0 to 255)");
        }
        this.codec = codec;
    }

    /** A tag and the version that it had before the value was loaded. */
    record Tagged(String tag, long version) {}

    /**
     * What is remembered of a value besides its times.
     *
     * @param cleared the version of the tag of all
     * @param aheadMillis see {@link Entry.Span}
     * @param spreadMicros see {@link Entry.Span}
     */
    record Stamp(long cleared, long aheadMillis, long spreadMicros, List<Tagged> tags) {
        static final Stamp NONE = new Stamp(0, 0, 0, List.of());
    }

    /** A value or a remembered absence, and its stamp. */
    record Decoded<V>(@Nullable V value, Stamp stamp) {}

    byte[] encode(@Nullable V value) {
        return encode(value, Stamp.NONE);
    }

    byte[] encode(@Nullable V value, Stamp stamp) {
        byte[] payload = value == null ? new byte[0] : codec.encode(value);
        boolean refreshed = stamp.aheadMillis > 0 || stamp.spreadMicros > 0;
        WireOutput out = new WireOutput();
        out.writeByte(MAGIC);
        out.writeByte(
                (value == null ? NEGATIVE : 0) | (refreshed ? REFRESHED : 0) | (stamp.tags.isEmpty() ? 0 : TAGGED));
        out.writeByte(codec.id());
        out.writeFixed(codec.schema(), 4);
        out.writeFixed(0, 4);
        out.writeFixed(stamp.cleared, VERSION_BYTES);
        if (refreshed) {
            out.writeUnsigned(stamp.aheadMillis);
            out.writeUnsigned(stamp.spreadMicros);
        }
        if (!stamp.tags.isEmpty()) {
            out.writeUnsigned(stamp.tags.size());
            for (Tagged each : stamp.tags) {
                out.writeText(each.tag);
                out.writeFixed(each.version, VERSION_BYTES);
            }
        }
        out.writeBytes(payload);
        byte[] bytes = out.toBytes();
        ByteBuffer.wrap(bytes).putInt(CHECKSUM, checksum(bytes));
        return bytes;
    }

    /** As {@link #read}, without the stamp. */
    @Nullable
    V decode(byte[] bytes) {
        return read(bytes).value;
    }

    /**
     * @throws RuntimeException if the bytes are broken or foreign
     */
    Decoded<V> read(byte[] bytes) {
        if (bytes.length < HEADER || bytes[0] != MAGIC || (bytes[1] & ~(NEGATIVE | REFRESHED | TAGGED)) != 0) {
            throw new IllegalArgumentException("not a value of this format");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int id = in.get(2) & 0xFF;
        int schema = in.getInt(3);
        if (id != codec.id() || schema != codec.schema()) {
            throw new IllegalArgumentException("another codec or schema: codec=" + id + ", schema=" + schema);
        }
        if (in.getInt(CHECKSUM) != checksum(bytes)) {
            throw new IllegalArgumentException("wrong checksum");
        }
        in.position(HEADER - VERSION_BYTES);
        long cleared = version(in);
        boolean refreshed = (bytes[1] & REFRESHED) != 0;
        boolean plain = (bytes[1] & (REFRESHED | TAGGED)) == 0;
        Stamp stamp = plain
                ? new Stamp(cleared, 0, 0, List.of())
                : new Stamp(
                        cleared,
                        refreshed ? unsigned(in) : 0,
                        refreshed ? unsigned(in) : 0,
                        (bytes[1] & TAGGED) != 0 ? tags(in) : List.of());
        if ((bytes[1] & NEGATIVE) != 0) {
            return new Decoded<>(null, stamp);
        }
        return new Decoded<>(codec.decode(in.slice()), stamp);
    }

    private static List<Tagged> tags(ByteBuffer in) {
        long count = unsigned(in);
        List<Tagged> tags = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            long length = unsigned(in);
            if (length < 0 || length > in.remaining()) {
                throw new IllegalArgumentException("a tag is cut off");
            }
            byte[] text = new byte[(int) length];
            in.get(text);
            tags.add(new Tagged(WireOutput.Text.decode(text), version(in)));
        }
        return tags;
    }

    private static long version(ByteBuffer in) {
        long version = 0;
        for (int i = 0; i < VERSION_BYTES; i++) {
            version = (version << 8) | (in.get() & 0xFF);
        }
        return version;
    }

    private static long unsigned(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number without an end");
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, CHECKSUM);
        crc.update(bytes, CHECKSUM + 4, bytes.length - CHECKSUM - 4);
        return (int) crc.getValue();
    }
}
