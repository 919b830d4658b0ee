// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LoopTest {
    private static final int TIMES = 100_000;
    private static final AtomicInteger CALLS = new AtomicInteger();

    /** Of each kind of answer; none is a number that a cache of boxes holds. */
    static Stream<Arguments> calls() {
        Object answer = new Object();
        return Stream.of(
                Arguments.of(void.class, (Loop.VoidCall) CALLS::incrementAndGet),
                Arguments.of(boolean.class, (Loop.BooleanCall) () -> CALLS.incrementAndGet() > 0),
                Arguments.of(byte.class, (Loop.LongCall) CALLS::incrementAndGet),
                Arguments.of(int.class, (Loop.LongCall) () -> 1_000 + CALLS.incrementAndGet()),
                Arguments.of(long.class, (Loop.LongCall) () -> 1_000L + CALLS.incrementAndGet()),
                Arguments.of(float.class, (Loop.DoubleCall) () -> 0.5f + CALLS.incrementAndGet()),
                Arguments.of(double.class, (Loop.DoubleCall) () -> 0.5 + CALLS.incrementAndGet()),
                Arguments.of(String.class, (Loop.ObjectCall) () -> CALLS.incrementAndGet() > 0 ? answer : "none"));
    }

    @ParameterizedTest
    @MethodSource("calls")
    void repeat_ofAnyAnswer_callsSoOftenAndAllocatesNothing(Class<?> answer, Object call) throws Exception {
        assertThat(call).isInstanceOf(Loop.callOf(answer));
        Loop loop = Loop.over(call);
        loop.repeat(1);
        CALLS.set(0);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        loop.repeat(TIMES);
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(CALLS).hasValue(TIMES);
        assertThat(bytes).isLessThan(TIMES); // a box is 16 bytes; what else the thread allocates is once
    }
}
