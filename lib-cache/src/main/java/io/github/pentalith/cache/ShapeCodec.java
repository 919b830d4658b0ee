// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.nio.ByteBuffer;

/** The codec of the house: the bytes of one shape. */
final class ShapeCodec<T> implements Codec<T> {
    static final int ID = 1;

    private final Shape shape;
    private final int schema;

    ShapeCodec(Shape shape) {
        this.shape = shape;
        this.schema = shape.signature().hashCode();
    }

    @Override
    public int id() {
        return ID;
    }

    @Override
    public int schema() {
        return schema;
    }

    @Override
    public byte[] encode(T value) {
        WireOutput out = new WireOutput();
        shape.write(value, out);
        return out.toBytes();
    }

    @Override
    @SuppressWarnings("unchecked") // a shape reads what it writes
    public T decode(ByteBuffer bytes) {
        T value = (T) shape.read(bytes);
        if (bytes.hasRemaining()) {
            throw new IllegalArgumentException(bytes.remaining() + " bytes too many");
        }
        return value;
    }

    /** Whether equal values have equal bytes and other values other bytes. */
    boolean injective() {
        return shape.injective();
    }

    @Override
    public String toString() {
        return "Codec[" + shape.signature() + "]";
    }
}
