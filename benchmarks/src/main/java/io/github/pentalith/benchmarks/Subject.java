// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.lang.annotation.Annotation;
import java.lang.invoke.CallSite;
import java.lang.invoke.LambdaMetafactory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/** One trial's JMH object, set up and called without JMH. */
final class Subject implements AutoCloseable {
    private final Object state;
    private final Method benchmark;

    private Subject(Object state) {
        this.state = state;
        this.benchmark = annotated(Benchmark.class).findFirst().orElseThrow();
    }

    static Subject of(Class<?> type, String subject, Map<String, String> params) {
        try {
            Object state = type.getConstructor().newInstance();
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
     * The benchmark method as an object that one thread calls, with arguments of its own. It is a lambda as javac would
     * have made it, so that the compiler can inline it in a JVM that knows one subject only.
     */
    Callable<?> caller() {
        try {
            Class<?>[] types = benchmark.getParameterTypes();
            Object[] captured = new Object[1 + types.length];
            captured[0] = state;
            for (int i = 0; i < types.length; i++) {
                captured[i + 1] = types[i].getConstructor().newInstance(); // JMH's states of a thread, such as Cursor
            }
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            MethodHandle method = lookup.unreflect(benchmark);
            List<Class<?>> captures = Stream.concat(Stream.of(state.getClass()), Arrays.stream(types))
                    .toList();
            boolean silent = benchmark.getReturnType() == void.class;
            MethodType shape = MethodType.methodType(silent ? void.class : Object.class);
            CallSite site = LambdaMetafactory.metafactory(
                    lookup,
                    silent ? "run" : "call",
                    MethodType.methodType(silent ? Action.class : Callable.class, captures),
                    shape,
                    method,
                    silent ? shape : MethodType.methodType(benchmark.getReturnType()));
            Object lambda = site.getTarget().invokeWithArguments(captured);
            if (lambda instanceof Action action) {
                return () -> {
                    action.run();
                    return null;
                };
            }
            return (Callable<?>) lambda;
        } catch (Throwable e) { // as MethodHandle declares
            throw new IllegalStateException("benchmark cannot be called: " + benchmark, e);
        }
    }

    /** A benchmark that returns nothing. */
    interface Action {
        void run() throws Exception;
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
