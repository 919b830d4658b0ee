// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.node;

import io.github.pentalith.cache.Codec;
import io.github.pentalith.shortener.link.Link;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Links as bytes in Redis: flags, times, then the texts with their lengths. Whoever changes this changes
 * {@link #schema()}, and nodes of both versions simply miss each other's entries.
 */
final class LinkCodec implements Codec<Link> {
    private static final int PERMANENT = 1;
    private static final int EXPIRES = 2;
    private static final int OWNED = 4;

    @Override
    public int id() {
        return 64;
    }

    @Override
    public int schema() {
        return 1;
    }

    @Override
    public byte[] encode(Link link) {
        byte[] code = bytes(link.code());
        byte[] longUrl = bytes(link.longUrl());
        byte[] owner = bytes(link.owner());
        Instant expiresAt = link.expiresAt();
        int flags = (link.permanent() ? PERMANENT : 0)
                | (expiresAt != null ? EXPIRES : 0)
                | (link.owner() != null ? OWNED : 0);
        ByteBuffer bytes = ByteBuffer.allocate(1 + 8 + 12 + 12 + code.length + longUrl.length + owner.length)
                .put((byte) flags)
                .putLong(link.createdAt().toEpochMilli())
                .putLong(expiresAt == null ? 0 : expiresAt.getEpochSecond())
                .putInt(expiresAt == null ? 0 : expiresAt.getNano());
        for (byte[] text : new byte[][] {code, longUrl, owner}) {
            bytes.putInt(text.length).put(text);
        }
        return bytes.array();
    }

    @Override
    public Link decode(ByteBuffer bytes) {
        int flags = bytes.get();
        Instant createdAt = Instant.ofEpochMilli(bytes.getLong());
        Instant expiresAt = Instant.ofEpochSecond(bytes.getLong(), bytes.getInt());
        String code = text(bytes);
        String longUrl = text(bytes);
        String owner = text(bytes);
        return new Link(
                code,
                longUrl,
                (flags & OWNED) != 0 ? owner : null,
                createdAt,
                (flags & EXPIRES) != 0 ? expiresAt : null,
                (flags & PERMANENT) != 0);
    }

    private static byte[] bytes(@Nullable String text) {
        return text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ByteBuffer from) {
        byte[] bytes = new byte[from.getInt()];
        from.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
