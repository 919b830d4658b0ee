// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.cache.TieredCache.RemoteState;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** What can go wrong with what Redis holds, allows and is told, and with loaders: f10 to f13 and f16 of the list. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PoisonIT {
    private Nodes nodes;
    private Jedis raw;

    @BeforeEach
    void launch() {
        nodes = new Nodes();
        raw = new Jedis("127.0.0.1", nodes.redis.port(), 60_000);
    }

    @AfterEach
    void close() {
        raw.close();
        nodes.close();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Versions follow the clock of Redis, but when it steps back they go on. */
    @Test
    void f10_clockOfRedisThatStepsBack_doesNotStopVersions() {
        TieredCache<String, String> a = nodes.live("a");
        a.put("k", "1");
        byte[] stored = raw.get(bytes("users:{k}"));
        long version = a.peek("k").version();
        long ahead = version + Duration.ofMinutes(15).toNanos() / 1_000;
        byte[] future = stored.clone();
        System.arraycopy(ByteBuffer.allocate(8).putLong(ahead).array(), 1, future, 0, 7);
        raw.set(bytes("users:{k}"), future); // as written before the step
        a.put("k", "2");
        assertThat(a.peek("k").value()).isEqualTo("2");
        assertThat(a.peek("k").version()).isEqualTo(ahead + 1);
    }

    /** Every one of them in Redis, read through a cache: no value, no exception, all counted. */
    @Test
    void f11_mutatedPayloads_areMissesAndNothingElse() {
        TieredCache<String, String> a = nodes.live("a");
        long seed = System.nanoTime();
        Random random = new Random(seed);
        a.put("sample", "caf\u00e9 ".repeat(20));
        byte[] sound = raw.get(bytes("users:{sample}"));
        int frame = sound.length - new Wire<>(Codec.of(String.class)).encode("caf\u00e9 ".repeat(20)).length;
        int count = Nodes.LONG ? 200_000 : 10_000;
        for (int from = 0; from < count; from += 10_000) {
            Map<String, String> none = new LinkedHashMap<>();
            Pipeline pipeline = raw.pipelined();
            for (int i = from; i < from + 10_000; i++) {
                pipeline.set(bytes("users:{m" + i + "}"), mutated(sound, frame, random));
                none.put("m" + i, "");
            }
            pipeline.sync();
            assertThat(a.getAll(none.keySet(), key -> null)).as("seed %d", seed).isEmpty();
        }
        System.out.printf("%d mutated payloads: %d misses%n", count, a.stats().decodeFailures());
        // A bulk read looks twice, without leases first, then with one for each key to load; it counts once.
        assertThat(a.stats().decodeFailures()).as("seed %d", seed).isEqualTo(count);
        assertThat(a.stats().remoteHits()).isZero();
        assertThat(a.get("sample")).startsWith("caf\u00e9");
    }

    /** Changes the header or the payload, or their length, or all of it; never only what Redis' script put before. */
    private static byte[] mutated(byte[] sound, int frame, Random random) {
        byte[] broken = sound.clone();
        switch (random.nextInt(5)) {
            case 0 -> {
                return Arrays.copyOf(sound, random.nextInt(sound.length));
            }
            case 1 -> {
                return Arrays.copyOf(sound, sound.length + 1 + random.nextInt(50));
            }
            case 2 -> {
                byte[] noise = new byte[random.nextInt(300)];
                random.nextBytes(noise);
                return noise;
            }
            case 3 -> broken[frame + random.nextInt(Wire.HEADER)] ^= (byte) (1 + random.nextInt(255));
            default -> {
                int at = frame + random.nextInt(broken.length - frame);
                broken[at] ^= (byte) (1 << random.nextInt(8));
            }
        }
        return broken;
    }

    @ParameterizedTest
    @ValueSource(strings = {"empty", "torn", "noise", "schema", "future format", "list", "hash", "too large"})
    void f11_foreignBytes_areReplacedByALoad(String kind) {
        TieredCache<String, String> a = nodes.live("a");
        nodes.source.put("k", "v");
        a.put("k", "something else");
        byte[] key = bytes("users:{k}");
        byte[] sound = raw.get(key);
        int header = sound.length - new Wire<>(Codec.of(String.class)).encode("something else").length;
        switch (kind) {
            case "empty" -> raw.set(key, new byte[0]);
            case "torn" -> raw.set(key, Arrays.copyOf(sound, sound.length - 3));
            case "noise" -> raw.set(key, bytes("O:8:\"stdClass\":0:{} ${jndi:ldap://x} rO0ABXNy"));
            case "schema" -> sound[header + 3]++;
            case "future format" -> sound[header]++;
            case "list" -> {
                raw.del(key);
                raw.rpush(key, bytes("x"));
            }
            case "hash" -> {
                raw.del(key);
                raw.hset(key, bytes("x"), bytes("y"));
            }
            default -> raw.set(key, new byte[5 << 20]);
        }
        if (kind.equals("schema") || kind.equals("future format")) {
            raw.set(key, sound);
        }
        assertThat(a.get("k")).isEqualTo("v");
        assertThat(a.stats().decodeFailures()).isPositive();
        Nodes.awaitHeldAfterGet(a, "k", "v");
    }

    @Test
    void f12_scriptsDenied_leaveLoaderAndBound() {
        nodes.redis.command("ACL", "SETUSER", "poor", "on", ">pw", "~*", "+@all", "-eval", "-evalsha");
        TieredCache<String, String> a = nodes.live(
                nodes.settings("a", "redis://poor:pw@127.0.0.1:" + nodes.redis.port(), Duration.ofSeconds(10)));
        nodes.source.put("k", "1");
        assertThat(a.get("k")).isEqualTo("1");
        assertThat(a.stats().remoteFailures()).isPositive();
        nodes.source.put("k", "2");
        a.invalidate("k");
        assertThat(a.get("k")).isEqualTo("2");
        assertThat(a.stats().pendingWrites()).isEqualTo(1);
        nodes.redis.command("ACL", "SETUSER", "poor", "+eval", "+evalsha");
        Nodes.soon(() -> a.stats().pendingWrites() == 0);
        Nodes.awaitHeldAfterGet(a, "k", "2");
    }

    @Test
    void f12_clientTrackingDenied_leavesTheBound() {
        nodes.redis.command("ACL", "SETUSER", "poor", "on", ">pw", "~*", "+@all", "-client");
        TieredCache<String, String> a = nodes.open(
                nodes.settings("a", "redis://poor:pw@127.0.0.1:" + nodes.redis.port(), Duration.ofSeconds(10))
                        .maxUnverified(Duration.ofMillis(50)));
        nodes.source.put("k", "1");
        assertThat(a.get("k")).isEqualTo("1");
        nodes.source.put("k", "2");
        raw.del("users:{k}"); // nobody is told
        Nodes.soon(() -> "2".equals(a.get("k")));
        assertThat(a.stats().remoteState()).isEqualTo(RemoteState.UNVERIFIED);
    }

    private void assertNoLease(String key) {
        assertThat(raw.exists("~users:{" + key + "}")).as("a lease of %s", key).isFalse();
    }

    @Test
    void f13_loaderThatThrows_givesItsLeaseBack() {
        TieredCache<String, String> a = nodes.live("a");
        for (Exception error : List.of(new IllegalStateException("unchecked"), new java.io.IOException("checked"))) {
            assertThatThrownBy(() -> a.get("k", key -> {
                        throw error;
                    }))
                    .satisfies(thrown -> assertThat(thrown == error || thrown.getCause() == error)
                            .isTrue());
            assertNoLease("k");
        }
        assertThatThrownBy(() -> a.get("k", key -> {
                    throw new StackOverflowError("deep");
                }))
                .isInstanceOf(StackOverflowError.class);
        assertNoLease("k");
        assertThat(a.get("k", key -> "v")).isEqualTo("v");
    }

    @Test
    void f13_loaderThatHangs_stopsNobodyElse() throws Exception {
        TieredCache<String, String> a = nodes.live(nodes.settings("a").loadTimeout(Duration.ofSeconds(2)));
        TieredCache<String, String> b = nodes.live(nodes.settings("b").loadTimeout(Duration.ofSeconds(60)));
        // The first load of all creates the tag of all entries, which ends flights.
        assertThat(a.get("first", key -> "1")).isEqualTo("1");
        Nodes.soon(() -> b.peek("first").known() && Nodes.holds(a, "first", "1"));
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Future<String> hung = nodes.start(() -> a.get("k", key -> {
            loading.countDown();
            never.await();
            return "late";
        }));
        loading.await();
        if (Nodes.undisturbed(a)) { // else it does not know whether the flight is still good, and asks Redis itself
            assertThatThrownBy(() -> a.get("k")).isInstanceOf(CacheTimeoutException.class);
        }
        assertThat(b.get("k", key -> "v")).as("when the lease is over").isEqualTo("v");
        never.countDown();
        assertThat(hung.get()).isEqualTo("late");
        Nodes.soon(() -> "v".equals(a.get("k")));
    }

    @Test
    void f13_loaderThatReturnsNull_isRememberedAsLongAsItMay() {
        TieredCache<String, String> forgets = nodes.live("a");
        AtomicInteger loads = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            assertThat(forgets.get("k", key -> {
                        loads.incrementAndGet();
                        return null;
                    }))
                    .isNull();
            assertNoLease("k");
        }
        assertThat(loads).hasValue(3);
        TieredCache<String, String> remembers = nodes.live(
                nodes.settings("b").entry(EntryOptions.of(Duration.ofMinutes(1)).negativeTtl(Duration.ofMinutes(1))));
        for (int i = 0; i < 3; i++) {
            assertThat(remembers.get("k", key -> {
                        loads.incrementAndGet();
                        return null;
                    }))
                    .isNull();
        }
        assertThat(loads).hasValue(4);
    }

    @Test
    void f13_loaderThatAsksForItsOwnKey_failsAtOnce() {
        TieredCache<String, String> a = nodes.live("a");
        assertThatThrownBy(() -> a.get("k", key -> a.get(key)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a load asks for its own key");
        assertThatThrownBy(() -> a.getAll(List.of("k", "l"), key -> a.get(key)))
                .isInstanceOf(IllegalStateException.class);
        assertNoLease("k");
        assertThat(a.get("k", key -> a.get("other", same -> "nested") + "!")).isEqualTo("nested!");
    }

    @Test
    void f13_loaderThatIsInterrupted_keepsTheFlagAndFailsNobodyElse() throws Exception {
        TieredCache<String, String> a = nodes.live("a");
        CountDownLatch loading = new CountDownLatch(1);
        AtomicInteger flagged = new AtomicInteger();
        Thread leader = new Thread(() -> {
            try {
                String unused = a.get("k", key -> {
                    loading.countDown();
                    new CountDownLatch(1).await();
                    return "never";
                });
            } catch (CacheLoadException | CancellationException e) {
                flagged.set(Thread.currentThread().isInterrupted() ? 1 : 0);
            }
        });
        leader.start();
        loading.await();
        Future<String> follower = nodes.start(() -> a.get("k", key -> "v"));
        leader.interrupt();
        leader.join();
        assertThat(flagged).hasValue(1);
        assertThat(follower.get()).isEqualTo("v");
    }

    record Old(String name) {}

    record New(String name, int age) {}

    /** Two versions of a program at once: each reads its own values, misses the other's, and nobody fails. */
    @Test
    void f16_twoVersionsAtOnce_missEachOthersValues() {
        TieredCache<String, Old> old = open(Old.class);
        TieredCache<String, New> now = open(New.class);
        for (int i = 0; i < 50; i++) {
            String key = "k" + i % 5;
            assertThat(old.get(key, same -> new Old("o"))).isEqualTo(new Old("o"));
            assertThat(now.get(key, same -> new New("n", 1))).isEqualTo(new New("n", 1));
        }
        assertThat(old.stats().decodeFailures()).isPositive();
        assertThat(now.stats().decodeFailures()).isPositive();
        assertThat(old.stats().remoteFailures() + now.stats().remoteFailures()).isZero();
        old.close();
        now.close();
    }

    private <V> TieredCache<String, V> open(Class<V> type) {
        TieredCache<String, V> cache = TieredCache.builder("users", String.class, type)
                .remote(io.github.pentalith.cache.redis.RedisStore.builder(
                                nodes.redis.uri().toString())
                        .timeout(Duration.ofSeconds(10))
                        .build())
                .build();
        Nodes.awaitLive(cache);
        return cache;
    }
}
