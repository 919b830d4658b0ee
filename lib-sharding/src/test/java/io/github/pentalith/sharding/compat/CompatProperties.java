// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.sharding.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.google.common.hash.Funnels;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import io.github.pentalith.sharding.HashShardMap;
import io.github.pentalith.sharding.KeyHasher;
import io.github.pentalith.sharding.Node;
import io.github.pentalith.sharding.Placement;
import io.github.pentalith.sharding.ShardMap;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.spy.memcached.DefaultHashAlgorithm;
import net.spy.memcached.KetamaNodeKeyFormatter;
import net.spy.memcached.KetamaNodeLocator;
import net.spy.memcached.MemcachedNode;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import redis.clients.jedis.util.JedisClusterCRC16;

/** Law L21: the same as the originals, on random keys of all lengths and kinds and on their corners. */
class CompatProperties {
    /** Of each kind of key so many; a million in the long form. */
    private static final int KEYS = "long".equals(System.getProperty("pentalith.tests")) ? 1_000_000 : 50_000;

    static {
        // It asserts 160 points a node, which weights do not give.
        String locator = "net.spy.memcached.KetamaNodeLocator";
        CompatProperties.class.getClassLoader().setClassAssertionStatus(locator, false);
    }

    private static byte[] bytes(Random random) {
        byte[] key = new byte[random.nextInt(301)];
        random.nextBytes(key);
        return key;
    }

    /** ASCII, Latin-1, any code units (unpaired surrogates too), and now and then braces. */
    private static String text(Random random) {
        int kind = random.nextInt(4);
        int length = random.nextInt(random.nextInt(8) == 0 ? 301 : 40);
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            int bound = kind < 2 ? 0x80 : kind == 2 ? 0x100 : 0x10000;
            text.append(random.nextInt(12) == 0 ? "{}".charAt(random.nextInt(2)) : (char) random.nextInt(bound));
        }
        return text.toString();
    }

    @Property(tries = 2)
    void kafka_anyKey_isThePartitionOfItsClient(@ForAll long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < KEYS; i++) {
            int partitions = 1 + random.nextInt(i % 2 == 0 ? 64 : 100_000);
            byte[] key = bytes(random);
            assertThat(KafkaPartitioner.partition(key, partitions))
                    .isEqualTo(BuiltInPartitioner.partitionForKey(key, partitions));
            String text = text(random);
            assertThat(KafkaPartitioner.partition(text, partitions))
                    .isEqualTo(BuiltInPartitioner.partitionForKey(text.getBytes(StandardCharsets.UTF_8), partitions));
        }
    }

    @Example
    void kafka_keysThatUsersPosted_haveTheirPartitions() {
        assertThat(KafkaPartitioner.partition("fd7af248-ce5c-46a5-93d7-1c0c9005b99d", 32))
                .isEqualTo(26);
        assertThat(KafkaPartitioner.partition("354afe16-939a-4ea8-8e17-8bb0840b6886", 10))
                .isEqualTo(4);
        assertThat(KafkaPartitioner.partition("f562ac3b-2224-4e25-a0ab-56094e10c239", 10))
                .isEqualTo(5);
        assertThat(KafkaPartitioner.partition("", 1_000_000)).isEqualTo(275_646_681 % 1_000_000);
    }

    @Example
    void kafka_asAShardMap_placesOnTheNodeOfThePartition() {
        List<Node> nodes =
                IntStream.range(0, 12).mapToObj(i -> Node.of("p" + (12 - i))).toList();
        HashShardMap<String> map = ShardMap.builder(KafkaPartitioner.strings())
                .placement(Placement.modulo())
                .nodes(nodes)
                .build();
        HashShardMap<byte[]> bytes = ShardMap.builder(KafkaPartitioner.bytes())
                .placement(Placement.modulo())
                .nodes(nodes)
                .build();
        Random random = new Random(3);
        for (int i = 0; i < 1_000; i++) {
            String key = text(random);
            byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
            Node expected = nodes.get(BuiltInPartitioner.partitionForKey(utf8, 12));
            assertThat(map.locate(key)).isSameAs(expected);
            assertThat(bytes.locate(utf8)).isSameAs(expected);
        }
    }

    @Example
    void kafka_badArguments_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KafkaPartitioner.partition("k", 0))
                .withMessage("partitions must be positive: partitions=0 (expected: 1 or more)");
        assertThatNullPointerException()
                .isThrownBy(() -> KafkaPartitioner.partition((String) null, 1))
                .withMessage("key");
        assertThatNullPointerException()
                .isThrownBy(() -> KafkaPartitioner.partition((byte[]) null, 1))
                .withMessage("key");
    }

    @Property(tries = 2)
    void redis_anyKey_isTheSlotOfJedis(@ForAll long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < KEYS; i++) {
            byte[] key = bytes(random);
            assertThat(RedisSlots.slot(key)).isEqualTo(JedisClusterCRC16.getSlot(key));
            String text = text(random);
            assertThat(RedisSlots.slot(text)).as(text).isEqualTo(JedisClusterCRC16.getSlot(text));
            assertThat(RedisSlots.slot(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(RedisSlots.slot(text));
        }
    }

    @Example
    void redis_cornersOfTheSpecification_haveTheirSlots() {
        Map<String, Integer> slots =
                new HashMap<>(Map.of("foo", 12_182, "bar", 5_061, "123456789", 12_739, "{user1000}.following", 3_443));
        slots.putAll(Map.of("{user1000}.followers", 3_443, "foo{}{bar}", 8_363, "foo{{bar}}zap", 4_015));
        slots.putAll(Map.of("foo{bar}{zap}", 5_061, "{}x", 10_595, "", 0, "é", 10_180));
        slots.forEach((key, slot) -> assertThat(RedisSlots.slot(key)).as(key).isEqualTo(slot));
        assertThatNullPointerException()
                .isThrownBy(() -> RedisSlots.slot((byte[]) null))
                .withMessage("key");
    }

    @Example
    void redis_asAShardMap_hasTheSlotsOfRedis() {
        List<Node> nodes = IntStream.range(0, 5).mapToObj(i -> Node.of("m" + i)).toList();
        HashShardMap<String> map = ShardMap.builder(RedisSlots.strings())
                .placement(Placement.slots(RedisSlots.COUNT))
                .nodes(nodes)
                .build();
        Random random = new Random(4);
        for (int i = 0; i < 1_000; i++) {
            String key = text(random);
            long hash = RedisSlots.strings().hash(key);
            assertThat(hash >>> 50).isEqualTo(JedisClusterCRC16.getSlot(key));
            assertThat(RedisSlots.bytes().hash(key.getBytes(StandardCharsets.UTF_8)))
                    .isEqualTo(hash);
            assertThat(map.locate(key)).isSameAs(map.locateHash(hash));
        }
    }

    /** All that the locator asks a node for is its address. */
    private static MemcachedNode memcached(InetSocketAddress address) {
        return (MemcachedNode) Proxy.newProxyInstance(
                CompatProperties.class.getClassLoader(),
                new Class<?>[] {MemcachedNode.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getSocketAddress" -> address;
                    case "hashCode" -> address.hashCode();
                    case "equals" -> proxy == arguments[0];
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    /** Addresses with a name of their own, so that no resolver is asked. */
    private static InetSocketAddress address(String host, int i, int port) throws Exception {
        byte[] ip = {10, 0, (byte) (i >> 8), (byte) i};
        return new InetSocketAddress(
                host == null ? InetAddress.getByAddress(ip) : InetAddress.getByAddress(host, ip), port);
    }

    @Property(tries = 30)
    void ketama_anyKeyAndNodes_isTheNodeOfSpymemcached(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        boolean libmemcached = random.nextBoolean();
        boolean weighted = random.nextBoolean();
        int most = random.nextBoolean() ? 1 : 20;
        List<MemcachedNode> theirs = new ArrayList<>();
        List<Node> ours = new ArrayList<>();
        Map<InetSocketAddress, Integer> weights = new HashMap<>();
        for (int i = 1 + random.nextInt(40); i > 0; i--) {
            String host = libmemcached || random.nextBoolean() ? "cache-" + i : null;
            int port = random.nextInt(3) == 0 ? 11_212 : 11_211;
            InetSocketAddress address = address(host, i, port);
            theirs.add(memcached(address));
            int weight = 1 + random.nextInt(most);
            weights.put(address, weight);
            String id = libmemcached
                    ? host + (port == 11_211 ? "" : ":" + port)
                    : (host == null ? "" : host + "/") + "10.0.0." + i + ":" + port;
            ours.add(Node.of(id).weight(weight));
        }
        KetamaNodeLocator original = new KetamaNodeLocator(
                theirs,
                DefaultHashAlgorithm.KETAMA_HASH,
                libmemcached ? KetamaNodeKeyFormatter.Format.LIBMEMCACHED : KetamaNodeKeyFormatter.Format.SPYMEMCACHED,
                weighted ? weights : new HashMap<>());
        Ketama ketama = weighted ? Ketama.weighted(ours) : Ketama.of(ours);
        assertThat(ketama.nodes()).isEqualTo(ours);
        for (int i = 0; i < KEYS / 15; i++) {
            String key = text(random);
            assertThat(Ketama.hash(key)).isEqualTo(DefaultHashAlgorithm.KETAMA_HASH.hash(key));
            int expected = theirs.indexOf(original.getPrimary(key));
            assertThat(ketama.locate(key)).as(key).isSameAs(ours.get(expected));
        }
    }

    @Example
    void ketama_knownKeys_haveTheirNodes() {
        List<Node> nodes = IntStream.rangeClosed(1, 4)
                .mapToObj(i -> Node.of("10.0.0." + i + ":11211").weight(i))
                .toList();
        Ketama ketama = Ketama.of(nodes);
        assertThat(ketama).hasToString("Ketama[nodes=4, points=640]");
        assertThat(Ketama.hash("foo")).isEqualTo(3_675_831_724L);
        Map.of("foo", 3, "bar", 1, "a", 3, "key-1", 4, "key-3", 2)
                .forEach((key, node) -> assertThat(ketama.locate(key)).isEqualTo(nodes.get(node - 1)));
        Ketama weighted = Ketama.weighted(nodes);
        Map.of("a", 4, "key-1", 3, "key-2", 2)
                .forEach((key, node) -> assertThat(weighted.locate(key)).isEqualTo(nodes.get(node - 1)));
    }

    @Example
    void ketama_badNodes_areRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Ketama.of(List.of()))
                .withMessage("nodes must not be empty: nodes=[] (expected: at least 1)");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> Ketama.weighted(List.of(Node.of("a"), Node.of("a").weight(2))))
                .withMessage("nodes must have distinct ids: id=a (expected: each id once)");
        assertThatNullPointerException()
                .isThrownBy(() -> Ketama.of(List.of(Node.of("a"))).locate(null))
                .withMessage("key");
    }

    @Property(tries = 2)
    void guavaJump_anyHash_isGuavasBucket(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < KEYS; i++) {
            long hash = i < 3 ? i - 1 : random.nextLong();
            int buckets = 1 + random.nextInt(i % 2 == 0 ? 100 : Integer.MAX_VALUE - 1);
            assertThat(GuavaJump.bucket(hash, buckets)).isEqualTo(Hashing.consistentHash(hash, buckets));
        }
    }

    @Example
    void guavaJump_knownHashes_haveTheirBuckets() {
        assertThat(GuavaJump.bucket(42, 57)).isEqualTo(43);
        assertThat(GuavaJump.bucket(0xDEAD10CCL, 666)).isEqualTo(361);
        assertThat(GuavaJump.bucket(10_863_919_174_838_991L, 11)).isEqualTo(6);
        assertThat(GuavaJump.bucket(-1, 1_000)).isEqualTo(313);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GuavaJump.bucket(1, 0))
                .withMessage("buckets must be positive: buckets=0 (expected: 1 or more)");
    }

    @Property(tries = 20)
    void guavaHashing_anyFunction_isItsHashAndWithTheJumpItsBucket(@ForAll long seed) {
        Random random = new Random(seed);
        KeyHasher<CharSequence> murmur =
                GuavaHashing.hasher("murmur", Hashing.murmur3_128(), Funnels.stringFunnel(StandardCharsets.UTF_8));
        KeyHasher<byte[]> sip = GuavaHashing.hasher("sip", Hashing.sipHash24(), Funnels.byteArrayFunnel());
        assertThat(murmur.id()).isEqualTo("murmur");
        for (int i = 0; i < 200; i++) {
            String text = text(random);
            HashCode expected = Hashing.murmur3_128().hashString(text, StandardCharsets.UTF_8);
            assertThat(murmur.hash(text)).isEqualTo(expected.asLong());
            assertThat(GuavaJump.bucket(murmur.hash(text), 100)).isEqualTo(Hashing.consistentHash(expected, 100));
            byte[] bytes = bytes(random);
            assertThat(sip.hash(bytes))
                    .isEqualTo(Hashing.sipHash24().hashBytes(bytes).asLong());
        }
    }

    @Example
    void guavaHashing_aFunctionOfFewBits_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GuavaHashing.hasher("crc", Hashing.crc32(), Funnels.byteArrayFunnel()))
                .withMessage("function must have 64 bits: function=Hashing.crc32(), bits=32"
                        + " (expected: 64 or more, such as murmur3_128)");
    }
}
