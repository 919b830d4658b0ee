// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The shapes of collections. What is read is unmodifiable; elements may be null. */
final class Shapes {
    private Shapes() {}

    static Shape list(Shape element) {
        return Shape.scalar(
                "[" + element + "]",
                element.injective(),
                (value, out) -> writeAll((List<?>) value, element, out),
                in -> {
                    int size = Shape.readLength(in);
                    List<Object> list = new ArrayList<>(size);
                    readAll(size, list, element, in);
                    return Collections.unmodifiableList(list);
                });
    }

    /** Not injective, like maps: equal sets may iterate in different orders. */
    static Shape set(Shape element) {
        return Shape.scalar(
                "set[" + element + "]", false, (value, out) -> writeAll((Set<?>) value, element, out), in -> {
                    int size = Shape.readLength(in);
                    Set<Object> set = new LinkedHashSet<>();
                    readAll(size, set, element, in);
                    return Collections.unmodifiableSet(set);
                });
    }

    static Shape map(Shape key, Shape value) {
        return Shape.scalar(
                "map[" + key + "=" + value + "]",
                false,
                (map, out) -> {
                    out.writeUnsigned(((Map<?, ?>) map).size());
                    ((Map<?, ?>) map).forEach((k, v) -> {
                        Shape.writeNullable(key, k, out);
                        Shape.writeNullable(value, v, out);
                    });
                },
                in -> readMap(key, value, in));
    }

    @SuppressWarnings("NullAway") // maps and lists that were written with nulls are read with nulls
    private static Object readMap(Shape key, Shape value, ByteBuffer in) {
        int size = Shape.readLength(in);
        Map<Object, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < size; i++) {
            map.put(Shape.readNullable(key, in), Shape.readNullable(value, in));
        }
        return Collections.unmodifiableMap(map);
    }

    static Shape optional(Shape element) {
        return Shape.scalar(
                "opt[" + element + "]",
                element.injective(),
                (value, out) -> Shape.writeNullable(element, ((Optional<?>) value).orElse(null), out),
                in -> Optional.ofNullable(Shape.readNullable(element, in)));
    }

    private static void writeAll(Collection<?> values, Shape element, WireOutput out) {
        out.writeUnsigned(values.size());
        for (Object value : values) {
            Shape.writeNullable(element, value, out);
        }
    }

    @SuppressWarnings("NullAway")
    private static void readAll(int size, Collection<Object> into, Shape element, ByteBuffer in) {
        for (int i = 0; i < size; i++) {
            into.add(Shape.readNullable(element, in));
        }
    }
}
