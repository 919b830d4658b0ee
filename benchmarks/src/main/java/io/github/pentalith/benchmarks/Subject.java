// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.lang.annotation.Annotation;
import java.lang.invoke.LambdaConversionException;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** One trial's JMH object, set up and called without JMH. */
final class Subject implements AutoCloseable {
    private final Object state;
    private final Method benchmark;
    private final MethodHandle calls;

    private Subject(Object state) {
        this.state = state;
        this.benchmark = annotated(Benchmark.class).findFirst().orElseThrow();
        this.calls = calls(benchmark);
    }

    static Subject of(Class<?> type, String subject, Map<String, String> params) {
        try {
            Object state = padded(type);
            type.getField(Trial.SUBJECT).set(state, subject);
            for (Map.Entry<String, String> param : params.entrySet()) {
                Field field = type.getField(param.getKey());
                field.set(state, parsed(field.getType(), param.getValue()));
            }
            Subject made = new Subject(state);
            made.invoke(Setup.class);
            return made;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("subject cannot be set up: " + type.getName() + ", " + subject, e);
        }
    }

    private static Object parsed(Class<?> type, String value) {
        if (type == int.class) {
            return Integer.parseInt(value);
        } else if (type == long.class) {
            return Long.parseLong(value);
        } else if (type == double.class) {
            return Double.parseDouble(value);
        } else if (type == boolean.class) {
            return Boolean.parseBoolean(value);
        }
        return value;
    }

    /**
     * The benchmark method for one thread to call, with arguments of its own, through a lambda as javac would have made
     * it. All threads have the same class of lambda, so that the compiler sees one and inlines it.
     */
    Loop loop() {
        try {
            Object[] captured = new Object[1 + benchmark.getParameterCount()];
            captured[0] = state;
            for (int i = 1; i < captured.length; i++) {
                captured[i] = padded(benchmark.getParameterTypes()[i - 1]); // JMH's states of a thread, such as Cursor
            }
            return Loop.over(calls.invokeWithArguments(captured));
        } catch (Throwable e) { // as MethodHandle declares
            throw new IllegalStateException("benchmark cannot be called: " + benchmark, e);
        }
    }

    /** Makes a call of the benchmark out of its state and arguments. */
    private static MethodHandle calls(Method benchmark) {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            Class<?> call = Loop.callOf(benchmark.getReturnType());
            MethodHandle method = lookup.unreflect(benchmark);
            MethodType shape = MethodType.methodType(call.getMethods()[0].getReturnType());
            return LambdaMetafactory.metafactory(
                            lookup, "call", method.type().changeReturnType(call), shape, method, shape)
                    .getTarget();
        } catch (ReflectiveOperationException | LambdaConversionException e) {
            throw new IllegalStateException("benchmark cannot be called: " + benchmark, e);
        }
    }

    /**
     * An object of the subclass that JMH's annotation processor made, whose fields share no cache line with those of its
     * neighbours: threads that each go round with a {@link Cursor} would else slow each other down.
     */
    private static Object padded(Class<?> type) throws ReflectiveOperationException {
        String name = type.getPackageName() + ".jmh_generated." + type.getSimpleName() + "_jmhType";
        return Class.forName(name).getConstructor().newInstance();
    }

    @Override
    public void close() {
        try {
            invoke(TearDown.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("subject cannot be torn down: " + state.getClass(), e);
        }
    }

    private void invoke(Class<? extends Annotation> annotation) throws ReflectiveOperationException {
        for (Method method : annotated(annotation).toList()) {
            try {
                method.invoke(state);
            } catch (InvocationTargetException e) {
                throw new IllegalStateException(method + " failed", e.getCause());
            }
        }
    }

    private Stream<Method> annotated(Class<? extends Annotation> annotation) {
        return Arrays.stream(state.getClass().getMethods()).filter(method -> method.isAnnotationPresent(annotation));
    }
}
