// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A value as the remote level sees it: magic and format, flags, codec, schema, checksum, payload. The store puts its
 * version and its stale time before that. Bytes of another codec, schema or format, and bytes whose checksum is wrong,
 * are refused before the codec sees them.
 */
final class Wire<V> {
    static final int HEADER = 11;
    private static final byte MAGIC = (byte) 0xC1; // the low four bits are the format
    private static final byte NEGATIVE = 1;

    private final Codec<V> codec;

    Wire(Codec<V> codec) {
        if (codec.id() < 0 || codec.id() > 255) {
            throw new IllegalArgumentException("codec id must be in range: id=" + codec.id() + " (expected: 0 to 255)");
        }
        this.codec = codec;
    }

    byte[] encode(@Nullable V value) {
        byte[] payload = value == null ? new byte[0] : codec.encode(value);
        ByteBuffer out = ByteBuffer.allocate(HEADER + payload.length);
        out.put(MAGIC).put(value == null ? NEGATIVE : 0).put((byte) codec.id()).putInt(codec.schema());
        out.putInt(0).put(payload);
        return out.putInt(HEADER - 4, checksum(out.array())).array();
    }

    /**
     * Returns the value, null for a remembered absence.
     *
     * @throws RuntimeException if the bytes are broken or foreign
     */
    @Nullable
    V decode(byte[] bytes) {
        if (bytes.length < HEADER || bytes[0] != MAGIC || (bytes[1] & ~NEGATIVE) != 0) {
            throw new IllegalArgumentException("not a value of this format");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int id = in.get(2) & 0xFF;
        int schema = in.getInt(3);
        if (id != codec.id() || schema != codec.schema()) {
            throw new IllegalArgumentException("another codec or schema: codec=" + id + ", schema=" + schema);
        }
        if (in.getInt(HEADER - 4) != checksum(bytes)) {
            throw new IllegalArgumentException("wrong checksum");
        }
        if (bytes[1] == NEGATIVE) {
            return null;
        }
        return codec.decode(in.position(HEADER).slice().asReadOnlyBuffer());
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, HEADER - 4);
        crc.update(bytes, HEADER, bytes.length - HEADER);
        return (int) crc.getValue();
    }
}
