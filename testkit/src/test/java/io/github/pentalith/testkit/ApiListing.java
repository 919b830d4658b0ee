// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Public types and their members as sorted text, one line each, so that a change of the API is a visible diff. */
final class ApiListing {
    private ApiListing() {}

    static String of(List<Class<?>> types) {
        StringBuilder text = new StringBuilder();
        types.stream().sorted(Comparator.comparing(Class::getName)).forEach(type -> {
            text.append(header(type)).append('\n');
            members(type).forEach(member -> text.append("  ").append(member).append('\n'));
        });
        return text.toString();
    }

    private static String header(Class<?> type) {
        String kind = type.isAnnotation()
                ? "@interface"
                : type.isInterface() ? "interface" : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
        String parents = Arrays.stream(type.getGenericInterfaces())
                .map(Type::getTypeName)
                .sorted()
                .collect(Collectors.joining(", "));
        Class<?> parent = type.getSuperclass();
        boolean plain = parent == null || parent == Object.class || parent == Record.class || parent == Enum.class;
        return (type.isSealed() ? "sealed " : "")
                + (Modifier.isFinal(type.getModifiers()) && !type.isRecord() && !type.isEnum() ? "final " : "")
                + kind + " " + type.getName() + variables(type.getTypeParameters())
                + (plain ? "" : " extends " + type.getGenericSuperclass().getTypeName())
                + (parents.isEmpty() ? "" : " implements " + parents);
    }

    private static Iterable<String> members(Class<?> type) {
        TreeSet<String> lines = new TreeSet<>();
        for (Field field : type.getDeclaredFields()) {
            if (listed(field.getModifiers()) && !field.isSynthetic()) {
                lines.add(
                        modifiers(field.getModifiers()) + field.getGenericType().getTypeName() + " " + field.getName());
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (listed(constructor.getModifiers()) && !constructor.isSynthetic()) {
                lines.add("new" + signature(constructor));
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (listed(method.getModifiers()) && !method.isSynthetic()) {
                lines.add(modifiers(method.getModifiers())
                        + (method.isDefault() ? "default " : "")
                        + variables(method.getTypeParameters())
                        + method.getGenericReturnType().getTypeName() + " " + method.getName() + signature(method));
            }
        }
        return lines;
    }

    private static String signature(Executable executable) {
        List<String> parameters = new ArrayList<>();
        for (Type parameter : executable.getGenericParameterTypes()) {
            parameters.add(parameter.getTypeName());
        }
        String thrown = Arrays.stream(executable.getGenericExceptionTypes())
                .map(Type::getTypeName)
                .collect(Collectors.joining(", "));
        return "(" + String.join(", ", parameters) + ")" + (thrown.isEmpty() ? "" : " throws " + thrown);
    }

    private static String variables(TypeVariable<?>[] variables) {
        return variables.length == 0
                ? ""
                : Arrays.stream(variables)
                        .map(variable -> variable.getName()
                                + (variable.getBounds()[0] == Object.class
                                        ? ""
                                        : " extends "
                                                + Arrays.stream(variable.getBounds())
                                                        .map(Type::getTypeName)
                                                        .collect(Collectors.joining(" & "))))
                        .collect(Collectors.joining(", ", "<", "> "));
    }

    private static String modifiers(int modifiers) {
        return (Modifier.isStatic(modifiers) ? "static " : "") + (Modifier.isAbstract(modifiers) ? "abstract " : "");
    }

    private static boolean listed(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }
}
