// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.sharding;

import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.sharding.load.HotKeys;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Counting a call by its key, in a stream where the k-th key is as frequent as 1/k. */
@State(Scope.Benchmark)
@Question(
        library = "sharding",
        id = "record-hot-key",
        title = "Counting a call by its key, to find the hot ones",
        floor = "counters-of-all-keys")
public class RecordHotKey {
    @Param({"pentalith", "pentalith-one-in-16", "counters-of-all-keys"})
    public String subject;

    private final String[] keys = new String[1 << 14];
    private HotKeys<String> hot;
    private final ConcurrentHashMap<String, LongAdder> all = new ConcurrentHashMap<>();

    @Setup
    public void setUp() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < keys.length; i++) {
            keys[i] = ("user:" + (long) Math.pow(20_000, random.nextDouble())).intern();
        }
        hot = subject.equals("counters-of-all-keys")
                ? null
                : HotKeys.<String>builder("benchmark")
                        .counters(128)
                        .sampleOneIn(subject.equals("pentalith") ? 1 : 16)
                        .build();
    }

    @Benchmark
    public void record(Cursor cursor) {
        String key = keys[cursor.next(keys.length)];
        if (hot != null) {
            hot.record(key);
        } else {
            all.computeIfAbsent(key, any -> new LongAdder()).increment();
        }
    }
}
