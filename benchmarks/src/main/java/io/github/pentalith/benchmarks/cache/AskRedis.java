// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.cache;

import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.testkit.RealRedis;
import java.util.function.IntFunction;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A question to a Redis of the subject's own. */
@State(Scope.Benchmark)
public abstract class AskRedis {
    /** How many different things there are to ask for. */
    static final int ROUND = 1_024;

    private RealRedis redis;
    private IntFunction<Object> ask;

    /** Fills the server; answers what asks it for the i-th thing, where i is less than {@link #ROUND}. */
    abstract IntFunction<Object> start(RealRedis redis) throws Exception;

    @Setup
    public void setUp() throws Exception {
        redis = RealRedis.launch();
        ask = start(redis);
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        redis.close();
    }

    @Benchmark
    public Object ask(Cursor cursor) {
        return ask.apply(cursor.next(ROUND));
    }
}
