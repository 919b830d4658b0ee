// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.sharding;

import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.KeyHasher;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.Placement;
import io.github.pentalith.sharding.ShardMap;
import java.util.List;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** From a key to three owners in different zones, into an array of the caller. */
@State(Scope.Benchmark)
@Question(
        library = "sharding",
        id = "key-to-replicas",
        title = "From a key to three owners in as many zones, of 100 nodes",
        floor = "pentalith",
        threads = 1)
public class KeyToReplicas {
    @Param({
        "pentalith",
        "pentalith-ring",
        "pentalith-rendezvous",
        "pentalith-jump-back",
        "pentalith-maglev",
        "pentalith-modulo"
    })
    public String subject;

    private final String[] keys = new String[1_024];
    private final Node[] owners = new Node[3];
    private HashShardMap<String> map;

    @Setup
    public void setUp() {
        List<Node> nodes = IntStream.range(0, 100)
                .mapToObj(i -> Node.of("node-" + i + ".example").zone("zone-" + i % 4))
                .toList();
        map = ShardMap.builder(KeyHasher.strings())
                .placement(placement())
                .nodes(nodes)
                .build();
        for (int i = 0; i < keys.length; i++) {
            keys[i] = "user:" + i;
            map.replicas(keys[i], owners); // slots remember the answer
        }
    }

    private Placement placement() {
        return switch (subject) {
            case "pentalith" -> Placement.slots();
            case "pentalith-ring" -> Placement.ring();
            case "pentalith-rendezvous" -> Placement.rendezvous();
            case "pentalith-jump-back" -> Placement.jumpBack();
            case "pentalith-maglev" -> Placement.maglev(65_537);
            case "pentalith-modulo" -> Placement.modulo();
            default -> throw new IllegalArgumentException(subject);
        };
    }

    @Benchmark
    public Object replicas(Cursor cursor) {
        map.replicas(keys[cursor.next(keys.length)], owners);
        return owners[2];
    }
}
