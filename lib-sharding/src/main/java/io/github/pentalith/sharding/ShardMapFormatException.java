// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

/**
 * Thrown by {@link HashShardMap#fromBytes}: the bytes are not those of the expected map. No bytes, however damaged, give
 * another exception or, but for a chance of 1 in 4 billion, a wrong map.
 *
 * <p><b>Thread-safety:</b> immutable.
 */
public final class ShardMapFormatException extends IllegalArgumentException {
    /** What is wrong. */
    public enum Reason {
        /** The bytes do not begin as those of a map do. */
        NOT_A_SHARD_MAP,
        /** The bytes were written by a later version of this library, in another format. */
        UNKNOWN_VERSION,
        /** The bytes end too early. */
        TRUNCATED,
        /** The checksum does not match, bytes follow the end, or the content contradicts itself. */
        CORRUPT,
        /** The map was written with another hasher: its keys would be looked for in the wrong places. */
        OTHER_HASHER,
        /** The placement is not known, because a later version of this library has it. */
        UNKNOWN_PLACEMENT
    }

    private static final long serialVersionUID = 1;

    /** What is wrong. */
    private final Reason reason;

    /** Where it was noticed. */
    private final int offset;

    ShardMapFormatException(Reason reason, int offset, String detail) {
        super(detail + ": reason=" + reason + ", offset=" + offset);
        this.reason = reason;
        this.offset = offset;
    }

    /** {@return what is wrong} */
    public Reason reason() {
        return reason;
    }

    /** {@return the position in the bytes at which it was noticed} */
    public int offset() {
        return offset;
    }
}
