// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.runner;

import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.benchmarks.Question;
import java.util.function.ToLongFunction;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What the runner itself takes, and is in every row: a round of its loop with a call through a subject, and a walk round
 * an array of a thousand keys.
 */
@State(Scope.Benchmark)
@Question(library = "runner", id = "nothing", title = "The runner's own share", floor = "constant")
public class CallNothing {
    @Param({"constant", "array"})
    public String subject;

    private final long[] numbers = new long[1_024];
    private ToLongFunction<Cursor> call;

    @Setup
    public void setUp() {
        call = switch (subject) {
            case "constant" -> cursor -> 1;
            case "array" -> cursor -> numbers[cursor.next(numbers.length)];
            default -> throw new IllegalArgumentException(subject);
        };
    }

    @Benchmark
    public long call(Cursor cursor) {
        return call.applyAsLong(cursor);
    }
}
