// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.sharding;

import com.dynatrace.hash4j.consistent.ConsistentBucketHasher;
import com.dynatrace.hash4j.consistent.ConsistentHashing;
import com.dynatrace.hash4j.hashing.Hasher64;
import com.google.common.hash.HashFunction;
import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.KeyHasher;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.Placement;
import io.github.pentalith.sharding.ShardMap;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** One way to find the node of a key. All of them return an object out of an array or a map, as a user needs it. */
abstract class Locator {
    abstract Object locate(String key);

    abstract Object locateHash(long hash);

    static Locator of(String subject, int count) {
        List<Node> nodes = IntStream.range(0, count)
                .mapToObj(i -> Node.of("node-" + i + ".example"))
                .toList();
        return switch (subject) {
            // The default; with very many nodes, at least four slots for each.
            case "pentalith" -> ours(Placement.slots(Math.max(65_536, Integer.highestOneBit(count) * 8)), nodes);
            case "pentalith-ring" -> ours(Placement.ring(), nodes);
            case "modulo" -> new Modulo(nodes);
            case "guava" -> new GuavaJump(nodes);
            case "hash4j" -> new JumpBack(nodes);
            case "tree-map-ring" -> new TreeMapRing(nodes);
            case "binary-search-ring" -> new BinarySearchRing(nodes);
            default -> throw new IllegalArgumentException(subject);
        };
    }

    /** Ours, in a program that has all kinds of placements loaded and in use, so that calls of them are real calls. */
    private static Ours ours(Placement choice, List<Node> nodes) {
        int sum = 0;
        for (Placement other : List.of(
                Placement.slots(),
                Placement.ring(),
                Placement.rendezvous(),
                Placement.maglev(1_009),
                Placement.modulo())) {
            Ours locator = new Ours(ShardMap.builder(KeyHasher.strings())
                    .placement(other)
                    .nodes(nodes.subList(0, 5))
                    .build());
            for (int i = 0; i < 20_000; i++) {
                sum += locator.locateHash(i * 0x9e3779b97f4a7c15L).hashCode();
            }
        }
        Ours locator = new Ours(ShardMap.builder(KeyHasher.strings())
                .placement(choice)
                .nodes(nodes)
                .build());
        locator.sum = sum;
        return locator;
    }

    private static final class Ours extends Locator {
        int sum;

        private final HashShardMap<String> map;

        Ours(HashShardMap<String> map) {
            this.map = map;
        }

        @Override
        Object locate(String key) {
            return map.locate(key);
        }

        @Override
        Object locateHash(long hash) {
            return map.locateHash(hash);
        }
    }

    /** What a router does that never has to move anything: the floor. The hash is ours, so only the step after differs. */
    private static final class Modulo extends Locator {
        private final KeyHasher<String> hasher = KeyHasher.strings();
        private final Node[] nodes;

        Modulo(List<Node> nodes) {
            this.nodes = nodes.toArray(Node[]::new);
        }

        @Override
        Object locate(String key) {
            return locateHash(hasher.hash(key));
        }

        @Override
        Object locateHash(long hash) {
            return nodes[(int) Long.remainderUnsigned(hash, nodes.length)];
        }
    }

    /** Guava's jump consistent hash; murmur3_128 over the characters is the hash that its documentation recommends. */
    private static final class GuavaJump extends Locator {
        private final HashFunction hasher = com.google.common.hash.Hashing.murmur3_128();
        private final Node[] nodes;

        GuavaJump(List<Node> nodes) {
            this.nodes = nodes.toArray(Node[]::new);
        }

        @Override
        Object locate(String key) {
            return nodes[com.google.common.hash.Hashing.consistentHash(hasher.hashUnencodedChars(key), nodes.length)];
        }

        @Override
        Object locateHash(long hash) {
            return nodes[com.google.common.hash.Hashing.consistentHash(hash, nodes.length)];
        }
    }

    /** hash4j's fastest: JumpBackHash on xorshift, with its recommended komihash. */
    private static final class JumpBack extends Locator {
        private final Hasher64 hasher = com.dynatrace.hash4j.hashing.Hashing.komihash5_0();
        private final ConsistentBucketHasher buckets = ConsistentHashing.jumpBackHashXorshiftL7R9();
        private final Node[] nodes;

        JumpBack(List<Node> nodes) {
            this.nodes = nodes.toArray(Node[]::new);
        }

        @Override
        Object locate(String key) {
            return locateHash(hasher.hashCharsToLong(key));
        }

        @Override
        Object locateHash(long hash) {
            return nodes[buckets.getBucket(hash, nodes.length)];
        }
    }

    /** The ring that most tutorials build and many programs run: 160 points a node in a TreeMap. The hash is ours. */
    static final class TreeMapRing extends Locator {
        private static final int POINTS = 160;

        private final KeyHasher<String> hasher = KeyHasher.strings();
        private final TreeMap<Long, Node> ring = new TreeMap<>();

        TreeMapRing(List<Node> nodes) {
            for (Node node : nodes) {
                for (int i = 0; i < POINTS; i++) {
                    ring.put(hasher.hash(node.id() + "#" + i), node);
                }
            }
        }

        @Override
        Object locate(String key) {
            return locateHash(hasher.hash(key));
        }

        @Override
        Object locateHash(long hash) {
            Map.Entry<Long, Node> entry = ring.ceilingEntry(hash);
            return (entry == null ? ring.firstEntry() : entry).getValue();
        }
    }

    /** The same ring, sorted once into an array: what a careful program does. */
    private static final class BinarySearchRing extends Locator {
        private final KeyHasher<String> hasher = KeyHasher.strings();
        private final long[] points;
        private final Node[] owners;

        BinarySearchRing(List<Node> nodes) {
            TreeMap<Long, Node> ring = new TreeMapRing(nodes).ring;
            points = ring.keySet().stream().mapToLong(Long::longValue).toArray();
            owners = ring.values().toArray(Node[]::new);
        }

        @Override
        Object locate(String key) {
            return locateHash(hasher.hash(key));
        }

        @Override
        Object locateHash(long hash) {
            int at = Arrays.binarySearch(points, hash);
            int after = at < 0 ? -at - 1 : at;
            return owners[after < owners.length ? after : 0];
        }
    }
}
