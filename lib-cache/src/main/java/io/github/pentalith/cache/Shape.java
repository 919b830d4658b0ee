// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How the values of one type are written and read. A tree that is built once from the types of the reader; bytes never
 * choose a class. Lengths in the bytes are compared with what is left of them before anything is allocated.
 */
abstract class Shape {
    private static final Map<Class<?>, Shape> SCALARS = scalars();

    private final String signature;
    private final boolean injective;

    Shape(String signature, boolean injective) {
        this.signature = signature;
        this.injective = injective;
    }

    abstract void write(Object value, WireOutput out);

    abstract Object read(ByteBuffer in);

    /** What the bytes mean, without class names: classes may be renamed. */
    final String signature() {
        return signature;
    }

    /** Whether equal values have equal bytes and other values other bytes, as keys need. */
    final boolean injective() {
        return injective;
    }

    static Shape of(Type type) {
        return of(type, Set.of());
    }

    /** {@code outer}: the records that contain this one. */
    private static Shape of(Type type, Set<Class<?>> outer) {
        if (type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
            Type[] arguments = generic.getActualTypeArguments();
            if (raw == List.class) {
                return Shapes.list(of(arguments[0], outer));
            }
            if (raw == Set.class) {
                return Shapes.set(of(arguments[0], outer));
            }
            if (raw == Map.class) {
                return Shapes.map(of(arguments[0], outer), of(arguments[1], outer));
            }
            if (raw == Optional.class) {
                return Shapes.optional(of(arguments[0], outer));
            }
        }
        if (type instanceof Class<?> plain) {
            Shape scalar = SCALARS.get(plain);
            if (scalar != null) {
                return scalar;
            }
            if (plain.isEnum()) {
                return enumeration(plain);
            }
            if (plain.isRecord()) {
                return record(plain, outer);
            }
        }
        throw new IllegalArgumentException("type has no codec: type=" + type.getTypeName()
                + " (expected: a scalar, an enum, or a record of such, of lists, sets, maps and optionals)");
    }

    private static Shape record(Class<?> type, Set<Class<?>> outer) {
        if (outer.contains(type)) {
            throw new IllegalArgumentException("record must not contain itself: type=" + type.getTypeName()
                    + " (expected: a codec of your own for recursive types)");
        }
        Set<Class<?>> inner = new HashSet<>(outer);
        inner.add(type);
        RecordComponent[] components = type.getRecordComponents();
        Shape[] shapes = new Shape[components.length];
        StringJoiner signature = new StringJoiner(",", "{", "}");
        boolean injective = true;
        for (int i = 0; i < components.length; i++) {
            shapes[i] = of(components[i].getGenericType(), inner);
            injective &= shapes[i].injective();
            signature.add(components[i].getName() + ":" + shapes[i].signature());
        }
        return new RecordShape(type, components, shapes, signature.toString(), injective);
    }

    @SuppressWarnings("EnumOrdinal") // the schema names all constants in order
    private static Shape enumeration(Class<?> type) {
        Object[] constants = type.getEnumConstants();
        StringJoiner names = new StringJoiner("|", "enum(", ")");
        for (Object constant : constants) {
            names.add(((Enum<?>) constant).name());
        }
        return scalar(
                names.toString(),
                true,
                (value, out) -> out.writeUnsigned(((Enum<?>) value).ordinal()),
                in -> constants[length(readUnsigned(in), constants.length - 1)]);
    }

    @SuppressWarnings({"JavaInstantGetSecondsGetNano", "JavaDurationGetSecondsGetNano"}) // both parts are written
    private static Map<Class<?>, Shape> scalars() {
        Map<Class<?>, Shape> map = new HashMap<>();
        both(
                map,
                boolean.class,
                Boolean.class,
                scalar("bool", true, (v, out) -> out.writeByte((Boolean) v ? 1 : 0), in -> flag(in)));
        both(map, byte.class, Byte.class, scalar("i8", true, (v, out) -> out.writeByte((Byte) v), in -> in.get()));
        both(
                map,
                short.class,
                Short.class,
                scalar("i16", true, (v, out) -> out.writeSigned((Short) v), in -> toShort(readSigned(in))));
        both(map, char.class, Character.class, scalar("c16", true, (v, out) -> out.writeUnsigned((Character) v), in ->
                (char) length(readUnsigned(in), Character.MAX_VALUE)));
        both(
                map,
                int.class,
                Integer.class,
                scalar("i32", true, (v, out) -> out.writeSigned((Integer) v), in -> Math.toIntExact(readSigned(in))));
        both(
                map,
                long.class,
                Long.class,
                scalar("i64", true, (v, out) -> out.writeSigned((Long) v), in -> readSigned(in)));
        both(
                map,
                float.class,
                Float.class,
                scalar(
                        "f32",
                        true,
                        (v, out) -> out.writeFixed(Float.floatToIntBits((Float) v), 4),
                        in -> in.getFloat()));
        both(
                map,
                double.class,
                Double.class,
                scalar(
                        "f64",
                        true,
                        (v, out) -> out.writeFixed(Double.doubleToLongBits((Double) v), 8),
                        in -> in.getDouble()));
        map.put(
                String.class,
                scalar(
                        "text",
                        true,
                        (v, out) -> out.writeText((String) v),
                        in -> WireOutput.Text.decode(readBytes(in))));
        // Arrays are equal only to themselves: no keys.
        map.put(byte[].class, scalar("bytes", false, (v, out) -> writeBytes((byte[]) v, out), in -> readBytes(in)));
        map.put(
                UUID.class,
                scalar(
                        "uuid",
                        true,
                        (v, out) -> {
                            out.writeFixed(((UUID) v).getMostSignificantBits(), 8);
                            out.writeFixed(((UUID) v).getLeastSignificantBits(), 8);
                        },
                        in -> new UUID(in.getLong(), in.getLong())));
        map.put(
                Instant.class,
                scalar(
                        "instant",
                        true,
                        (v, out) -> {
                            out.writeSigned(((Instant) v).getEpochSecond());
                            out.writeUnsigned(((Instant) v).getNano());
                        },
                        in -> Instant.ofEpochSecond(readSigned(in), nanos(in))));
        map.put(
                Duration.class,
                scalar(
                        "duration",
                        true,
                        (v, out) -> {
                            out.writeSigned(((Duration) v).toSeconds());
                            out.writeUnsigned(((Duration) v).getNano());
                        },
                        in -> Duration.ofSeconds(readSigned(in), nanos(in))));
        map.put(
                LocalDate.class,
                scalar(
                        "date",
                        true,
                        (v, out) -> out.writeSigned(((LocalDate) v).toEpochDay()),
                        in -> LocalDate.ofEpochDay(readSigned(in))));
        map.put(
                LocalDateTime.class,
                scalar(
                        "datetime",
                        true,
                        (v, out) -> {
                            out.writeSigned(((LocalDateTime) v).toLocalDate().toEpochDay());
                            out.writeUnsigned(((LocalDateTime) v).toLocalTime().toNanoOfDay());
                        },
                        in -> LocalDateTime.of(
                                LocalDate.ofEpochDay(readSigned(in)), LocalTime.ofNanoOfDay(readUnsigned(in)))));
        map.put(
                BigInteger.class,
                scalar(
                        "bigint",
                        true,
                        (v, out) -> writeBytes(((BigInteger) v).toByteArray(), out),
                        in -> new BigInteger(readBytes(in))));
        map.put(
                BigDecimal.class,
                scalar(
                        "decimal",
                        true,
                        (v, out) -> {
                            out.writeSigned(((BigDecimal) v).scale());
                            writeBytes(((BigDecimal) v).unscaledValue().toByteArray(), out);
                        },
                        in -> {
                            int scale = Math.toIntExact(readSigned(in));
                            return new BigDecimal(new BigInteger(readBytes(in)), scale);
                        }));
        return map;
    }

    private static void both(Map<Class<?>, Shape> map, Class<?> primitive, Class<?> wrapper, Shape shape) {
        map.put(primitive, shape);
        map.put(wrapper, shape);
    }

    interface Writer {
        void write(Object value, WireOutput out);
    }

    interface Reader {
        Object read(ByteBuffer in);
    }

    static Shape scalar(String signature, boolean injective, Writer writer, Reader reader) {
        return new Shape(signature, injective) {
            @Override
            void write(Object value, WireOutput out) {
                writer.write(value, out);
            }

            @Override
            Object read(ByteBuffer in) {
                return reader.read(in);
            }
        };
    }

    static void writeNullable(Shape shape, @Nullable Object value, WireOutput out) {
        out.writeByte(value == null ? 0 : 1);
        if (value != null) {
            shape.write(value, out);
        }
    }

    static @Nullable Object readNullable(Shape shape, ByteBuffer in) {
        return flag(in) ? shape.read(in) : null;
    }

    private static void writeBytes(byte[] value, WireOutput out) {
        out.writeUnsigned(value.length);
        out.writeBytes(value);
    }

    private static byte[] readBytes(ByteBuffer in) {
        byte[] bytes = new byte[readLength(in)];
        in.get(bytes);
        return bytes;
    }

    /** The length of something each of whose elements takes at least one byte. */
    static int readLength(ByteBuffer in) {
        return length(readUnsigned(in), in.remaining());
    }

    static boolean flag(ByteBuffer in) {
        byte value = in.get();
        if ((value & ~1) != 0) {
            throw new IllegalArgumentException("not a flag: " + value);
        }
        return value == 1;
    }

    private static int length(long value, int maximum) {
        if (value < 0 || value > maximum) {
            throw new IllegalArgumentException("number out of range: " + value + " (expected: 0 to " + maximum + ")");
        }
        return (int) value;
    }

    private static int nanos(ByteBuffer in) {
        return length(readUnsigned(in), 999_999_999);
    }

    private static short toShort(long value) {
        if (value != (short) value) {
            throw new IllegalArgumentException("number out of range: " + value);
        }
        return (short) value;
    }

    static long readUnsigned(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("number too long");
    }

    static long readSigned(ByteBuffer in) {
        long value = readUnsigned(in);
        return (value >>> 1) ^ -(value & 1);
    }

    @Override
    public String toString() {
        return signature;
    }
}
