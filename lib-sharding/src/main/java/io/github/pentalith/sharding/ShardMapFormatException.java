// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding;

/** Thrown when bytes do not hold the expected shard map. */
public final class ShardMapFormatException extends IllegalArgumentException {
    /** What is wrong. */
    public enum Reason {
        /** The bytes do not begin as a shard map does. */
        NOT_A_SHARD_MAP,
        /** The bytes were written by a later version. */
        UNKNOWN_VERSION,
        /** The bytes end too early. */
        TRUNCATED,
        /** The checksum does not match, or the content contradicts itself. */
        CORRUPT,
        /** The map was written for another hasher. */
        OTHER_HASHER,
        /** The placement algorithm is not known. */
        UNKNOWN_PLACEMENT
    }

    private static final long serialVersionUID = 1;

    /** What is wrong. */
    private final Reason reason;

    /** Where in the bytes. */
    private final int offset;

    ShardMapFormatException(Reason reason, int offset, String detail) {
        super(detail);
        this.reason = reason;
        this.offset = offset;
    }

    /** {@return what is wrong} */
    public Reason reason() {
        return reason;
    }

    /** {@return the position in the bytes where it was noticed} */
    public int offset() {
        return offset;
    }
}
