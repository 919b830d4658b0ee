// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.sharding;

import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.benchmarks.Question;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** From a key to its node, the hashing of a string of some 20 characters included. */
@State(Scope.Benchmark)
@Question(library = "sharding", id = "key-to-node", title = "From a string key to its node", floor = "modulo")
public class KeyToNode {
    @Param({"pentalith", "pentalith-ring", "modulo", "guava", "hash4j", "tree-map-ring"})
    public String subject;

    @Param({"100", "1000"})
    public int nodes;

    private final String[] keys = new String[4_096];
    private Locator locator;

    @Setup
    public void setUp() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < keys.length; i++) {
            keys[i] = "user:" + Long.toUnsignedString(random.nextLong(), 36) + ":" + i;
        }
        locator = Locator.of(subject, nodes);
    }

    @Benchmark
    public Object locate(Cursor cursor) {
        return locator.locate(keys[cursor.next(keys.length)]);
    }
}
