// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Records: their components in order, references with a byte that says whether they are null. */
final class RecordShape extends Shape {
    private final MethodHandle constructor; // (Object[]) -> Object
    private final MethodHandle[] accessors; // (Object) -> Object
    private final Shape[] shapes;
    private final boolean[] nullable;

    RecordShape(Class<?> type, RecordComponent[] components, Shape[] shapes, String signature, boolean injective) {
        super(signature, injective);
        this.shapes = shapes;
        this.accessors = new MethodHandle[components.length];
        this.nullable = new boolean[components.length];
        Class<?>[] types = new Class<?>[components.length];
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        try {
            for (int i = 0; i < components.length; i++) {
                types[i] = components[i].getType();
                nullable[i] = !types[i].isPrimitive();
                Method accessor = accessible(components[i].getAccessor(), type);
                accessors[i] = lookup.unreflect(accessor).asType(MethodType.methodType(Object.class, Object.class));
            }
            Constructor<?> canonical = accessible(type.getDeclaredConstructor(types), type);
            constructor = lookup.unreflectConstructor(canonical)
                    .asSpreader(Object[].class, components.length)
                    .asType(MethodType.methodType(Object.class, Object[].class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(unreachable(type), e);
        }
    }

    private static <T extends AccessibleObject> T accessible(T member, Class<?> type) {
        if (!member.trySetAccessible()) {
            throw new IllegalArgumentException(unreachable(type));
        }
        return member;
    }

    private static String unreachable(Class<?> type) {
        return "record must be reachable: type=" + type.getTypeName()
                + " (expected: its package open to io.github.pentalith.cache)";
    }

    @Override
    void write(Object value, WireOutput out) {
        for (int i = 0; i < shapes.length; i++) {
            Object part = part(value, i);
            if (nullable[i]) {
                writeNullable(shapes[i], part, out);
            } else if (part != null) {
                shapes[i].write(part, out);
            }
        }
    }

    private @Nullable Object part(Object value, int i) {
        try {
            return (Object) accessors[i].invokeExact(value);
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    @Override
    Object read(ByteBuffer in) {
        @Nullable Object[] parts = new @Nullable Object[shapes.length];
        for (int i = 0; i < shapes.length; i++) {
            parts[i] = nullable[i] ? readNullable(shapes[i], in) : shapes[i].read(in);
        }
        try {
            return (Object) constructor.invokeExact(parts);
        } catch (Throwable e) {
            throw rethrown(e);
        }
    }

    /** What the record's own code throws: an accessor that computes, a constructor that validates. */
    private static RuntimeException rethrown(Throwable e) {
        if (e instanceof Error error) {
            throw error;
        }
        return e instanceof RuntimeException unchecked ? unchecked : new IllegalArgumentException(e);
    }
}
