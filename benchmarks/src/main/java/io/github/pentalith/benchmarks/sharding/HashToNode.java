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

/** From a 64-bit hash to its node: the placement alone; the default one and the plain remainder at any number of nodes. */
@State(Scope.Benchmark)
@Question(
        library = "sharding",
        id = "hash-to-node",
        title = "From a 64-bit hash to its node",
        floor = "modulo",
        threads = 1,
        without = "(ring|guava|hash4j) .*nodes=(100|10000|100000)\\)")
public class HashToNode {
    @Param({"pentalith", "pentalith-ring", "modulo", "guava", "hash4j", "tree-map-ring", "binary-search-ring"})
    public String subject;

    @Param({"10", "100", "1000", "10000", "100000"})
    public int nodes;

    private final long[] hashes = new long[4_096];
    private Locator locator;

    @Setup
    public void setUp() {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = random.nextLong();
        }
        locator = Locator.of(subject, nodes);
    }

    @Benchmark
    public Object locate(Cursor cursor) {
        return locator.locateHash(hashes[cursor.next(hashes.length)]);
    }
}
