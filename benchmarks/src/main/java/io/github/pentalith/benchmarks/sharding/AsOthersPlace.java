// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.sharding;

import com.google.common.hash.Hashing;
import io.github.pentalith.benchmarks.Cursor;
import io.github.pentalith.benchmarks.Question;
import io.github.pentalith.sharding.KeyHasher;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.compat.GuavaJump;
import io.github.pentalith.sharding.compat.KafkaPartitioner;
import io.github.pentalith.sharding.compat.Ketama;
import io.github.pentalith.sharding.compat.RedisSlots;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import net.spy.memcached.DefaultHashAlgorithm;
import net.spy.memcached.KetamaNodeLocator;
import net.spy.memcached.MemcachedNode;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import redis.clients.jedis.util.JedisClusterCRC16;

/** The placements of other products, by them and by us; keys are strings of 21 characters. */
@State(Scope.Benchmark)
@Question(
        library = "sharding",
        id = "as-others-place",
        title = "Where kafka-clients, Jedis, spymemcached and Guava place a string key",
        floor = "original",
        threads = 1)
public class AsOthersPlace {
    private static final int NODES = 100;

    @Param({"pentalith", "original"})
    public String subject;

    @Param({"kafka", "redis", "ketama", "guava"})
    public String original;

    private final String[] keys = new String[4_096];
    private ToIntFunction<String> placement;

    @Setup
    public void setUp() throws UnknownHostException {
        for (int i = 0; i < keys.length; i++) {
            keys[i] = String.format("user:%016x", i * 0x9e3779b97f4a7c15L);
        }
        placement = subject.equals("pentalith") ? ours() : theirs();
    }

    private ToIntFunction<String> ours() {
        KeyHasher<String> hasher = KeyHasher.strings();
        switch (original) {
            case "kafka":
                return key -> KafkaPartitioner.partition(key, NODES);
            case "redis":
                return RedisSlots::slot;
            case "guava":
                return key -> GuavaJump.bucket(hasher.hash(key), NODES);
            default:
                List<Node> nodes = new ArrayList<>();
                for (int i = 0; i < NODES; i++) {
                    nodes.add(Node.of("10.0.0." + i + ":11211").weight(i + 1));
                }
                Ketama ketama = Ketama.of(nodes);
                return key -> ketama.locate(key).weight();
        }
    }

    private ToIntFunction<String> theirs() throws UnknownHostException {
        KeyHasher<String> hasher = KeyHasher.strings();
        switch (original) {
            case "kafka":
                return key -> BuiltInPartitioner.partitionForKey(key.getBytes(StandardCharsets.UTF_8), NODES);
            case "redis":
                return JedisClusterCRC16::getSlot;
            case "guava":
                return key -> Hashing.consistentHash(hasher.hash(key), NODES);
            default:
                List<MemcachedNode> nodes = new ArrayList<>();
                for (int i = 0; i < NODES; i++) {
                    nodes.add(memcached(
                            new InetSocketAddress(InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) i}), 11_211)));
                }
                KetamaNodeLocator ketama = new KetamaNodeLocator(nodes, DefaultHashAlgorithm.KETAMA_HASH);
                return key -> ketama.getPrimary(key) == nodes.get(0) ? 1 : 0;
        }
    }

    /** All that the locator asks a node for is its address. */
    private static MemcachedNode memcached(InetSocketAddress address) {
        return (MemcachedNode) Proxy.newProxyInstance(
                AsOthersPlace.class.getClassLoader(),
                new Class<?>[] {MemcachedNode.class},
                (proxy, method, arguments) -> method.getName().equals("hashCode")
                        ? address.hashCode()
                        : method.getName().equals("equals") ? proxy == arguments[0] : address);
    }

    @Benchmark
    public int place(Cursor cursor) {
        return placement.applyAsInt(keys[cursor.next(keys.length)]);
    }
}
