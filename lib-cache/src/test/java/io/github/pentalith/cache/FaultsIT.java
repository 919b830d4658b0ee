// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.cache.TieredCache.RemoteState;
import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.testkit.RealRedis;
import io.github.pentalith.testkit.RedisCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What can go wrong between two nodes and a real Redis: f1 to f8 of the list of faults (a server that is killed, frozen,
 * silent, slow, emptied, full or not the master), each while keys are dropped and readers read.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FaultsIT {
    /** Of stores whose server shall be waited for in vain; a busy machine makes it a fault more. */
    private static final Duration BRIEF = Duration.ofMillis(500);

    /** Where Redis answers, so that no time-out is mistaken for what the test is about. */
    private static final Duration LONG = Duration.ofSeconds(10);

    private static final int KEYS = 50;

    private Nodes nodes;
    private TieredCache<String, String> a;
    private TieredCache<String, String> b;

    @AfterEach
    void close() {
        nodes.close();
    }

    private void launch(Duration timeout, String... configuration) {
        RealRedis.Builder settings = RealRedis.builder();
        for (String line : configuration) {
            settings.config(line);
        }
        nodes = new Nodes(settings.launch());
        String uri = nodes.redis.uri().toString();
        a = nodes.live(nodes.settings("a", uri, timeout));
        b = nodes.live(nodes.settings("b", uri, timeout));
    }

    /**
     * Both nodes hold the old values; the fault; the keys are dropped on a, which sees the new values at once; the
     * healing; then b has the new ones, both are live, nothing is owed, and the local level of b works again. All the
     * while b reads, and no read throws or returns what never was.
     */
    private void survive(Nodes.Step fault, Nodes.Step healing) throws Exception {
        nodes.source.putAll(Nodes.keys(KEYS, "old"));
        Set<String> keys = nodes.source.keySet();
        Nodes.soon(() -> a.getAll(keys).equals(nodes.source)
                && b.getAll(keys).equals(nodes.source)
                && keys.stream().allMatch(key -> Nodes.holds(b, key, "old")));
        AtomicBoolean over = new AtomicBoolean();
        Future<Long> reader = nodes.start(() -> {
            long reads = 0;
            while (!over.get()) {
                for (String key : keys) {
                    assertThat(b.get(key)).isIn("old", "new");
                    reads++;
                }
            }
            return reads;
        });
        fault.run();
        nodes.source.putAll(Nodes.keys(KEYS, "new"));
        a.invalidateAll(keys);
        boolean told = a.stats().pendingWrites() == 0; // else Redis may tell b the old values until it is
        assertThat(a.getAll(keys)).as("in the same process").isEqualTo(nodes.source);
        Nodes.pass(Duration.ofMillis(500)); // of maxUnverified
        if (told) {
            assertThat(b.getAll(keys)).as("in the other, beyond the bound").isEqualTo(nodes.source);
        }
        healing.run();
        Nodes.soon(() -> a.stats().pendingWrites() == 0);
        Nodes.awaitLive(a);
        Nodes.awaitLive(b);
        Nodes.soon(() -> b.getAll(keys).equals(nodes.source));
        assertThat(a.getAll(keys)).isEqualTo(nodes.source);
        Nodes.soon(() -> "new".equals(b.get("k0")) && Nodes.holds(b, "k0", "new"));
        over.set(true);
        assertThat(reader.get()).isPositive();
    }

    @Test
    void f1_redisKilledAndStartedEmpty() throws Exception {
        launch(BRIEF);
        survive(
                () -> {
                    nodes.redis.kill();
                    Nodes.awaitLoss(b, 0);
                },
                () -> nodes.redis.start());
    }

    @Test
    void f1_redisKilledAndStartedWithItsData() throws Exception {
        launch(BRIEF, "appendonly yes", "appendfsync always");
        Nodes.soon(() -> {
            a.put("kept", "v");
            return a.stats().pendingWrites() == 0;
        });
        survive(() -> nodes.redis.kill(), () -> nodes.redis.start());
        assertThat(nodes.redis.command("EXISTS", "users:{kept}")).isEqualTo(1L);
        Nodes.soon(() -> "v".equals(a.get("kept"))); // there is no such key in the source
    }

    static List<Duration> f2_redisFrozen() {
        List<Duration> times = new ArrayList<>(List.of(Duration.ofMillis(200), Duration.ofSeconds(2)));
        if (Nodes.LONG) {
            times.add(Duration.ofSeconds(30));
        }
        return times;
    }

    @ParameterizedTest
    @MethodSource
    void f2_redisFrozen(Duration time) throws Exception {
        launch(BRIEF);
        Future<?>[] thaw = new Future<?>[1];
        survive(
                () -> {
                    nodes.redis.pause();
                    thaw[0] = nodes.start(() -> {
                        Nodes.pass(time);
                        nodes.redis.resume();
                        return null;
                    });
                },
                () -> thaw[0].get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"normal", "pubsub"})
    void f3_clientsKilled(String type) throws Exception {
        launch(BRIEF);
        survive(
                () -> {
                    nodes.redis.command("CLIENT", "KILL", "TYPE", type);
                    if (type.equals("normal")) { // a feed that tracks counts as one
                        Nodes.awaitLoss(b, 0);
                    }
                },
                () -> {});
    }

    @Test
    void f3_clientsPaused() throws Exception {
        launch(BRIEF);
        survive(() -> nodes.redis.command("CLIENT", "PAUSE", "1500", "ALL"), () -> {});
    }

    /** One command changes more keys than the server may buffer for a client: it cuts the feeds instead of telling them. */
    @Test
    void f3_outputBufferLimit_cutsTheFeeds() throws Exception {
        launch(BRIEF);
        survive(
                () -> {
                    nodes.redis.command("CONFIG", "SET", "client-output-buffer-limit", "normal 32kb 0 0");
                    nodes.redis.command(
                            "EVAL",
                            "for i = 1, 20000 do redis.call('SET', 'users:{junk' .. i .. '}', '') end"
                                    + " for i = 0, 49 do redis.call('DEL', 'users:{k' .. i .. '}') end",
                            "0");
                    Nodes.awaitLoss(b, 0);
                },
                () -> nodes.redis.command("CONFIG", "SET", "client-output-buffer-limit", "normal 0 0 0"));
    }

    @Test
    void f4_halfOpenConnections() throws Exception {
        throughLink(FaultyLink.Mode.SWALLOWING);
        Nodes.awaitLoss(b, 0);
    }

    @ParameterizedTest
    @EnumSource(names = {"SLOW", "TORN"})
    void f5_slowAndTornFrames(FaultyLink.Mode mode) throws Exception {
        throughLink(mode);
    }

    private void throughLink(FaultyLink.Mode mode) throws Exception {
        launch(BRIEF);
        try (FaultyLink link = new FaultyLink(nodes.redis.port())) {
            b.close();
            b = nodes.live(nodes.settings("b", link.uri(), BRIEF));
            survive(() -> link.mode(mode), () -> link.mode(FaultyLink.Mode.SOUND));
            b.close();
        }
    }

    @Test
    void f5_serverThatSleeps() throws Exception {
        launch(BRIEF, "enable-debug-command yes");
        Future<?>[] sleeping = new Future<?>[1];
        survive(
                () -> sleeping[0] = nodes.start(() -> nodes.redis.command("DEBUG", "SLEEP", "1.5")),
                () -> sleeping[0].get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"FLUSHALL", "FLUSHDB"})
    void f6_flush_isAnInvalidationOfEverything(String flush) {
        launch(LONG);
        nodes.source.putAll(Nodes.keys(KEYS, "old"));
        Set<String> keys = nodes.source.keySet();
        for (TieredCache<String, String> node : List.of(a, b)) {
            Nodes.soon(
                    () -> !node.getAll(keys).isEmpty() && keys.stream().allMatch(key -> Nodes.holds(node, key, "old")));
        }
        assertThat(nodes.loads).hasValue(KEYS);
        nodes.source.putAll(Nodes.keys(KEYS, "new"));
        nodes.redis.command(flush);
        // A node that misses before its feed has told it of the flush stores values with a version of clear() that is
        // gone with it; they are loaded once more. So both are told first, and have nothing without a question to
        // Redis.
        Nodes.soon(() -> keys.stream()
                .noneMatch(key -> a.peek(key).known() || b.peek(key).known()));
        assertThat(a.getAll(keys)).isEqualTo(nodes.source);
        Nodes.soon(() -> b.getAll(keys).equals(nodes.source));
        if (Nodes.undisturbed(a, b)) {
            assertThat(nodes.loads).as("once for each value").hasValue(2 * KEYS);
        }
    }

    /** Redis tells nobody of SWAPDB (the guide says so): clear() afterwards is what puts it right. */
    @Test
    void f6_swapdb_isPutRightByClear() {
        launch(LONG);
        nodes.source.put("k", "old");
        a.get("k");
        Nodes.awaitHeldAfterGet(b, "k", "old");
        nodes.source.put("k", "new");
        nodes.redis.command("SWAPDB", "0", "1");
        a.clear();
        Nodes.soon(() -> "new".equals(b.get("k"))); // though nobody has loaded anything since
        assertThat(a.get("k")).isEqualTo("new");
    }

    @Test
    void f6_scriptFlush_isNotNoticed() throws Exception {
        launch(LONG);
        survive(() -> nodes.redis.command("SCRIPT", "FLUSH"), () -> {});
        assertThat(a.stats().remoteFailures()).isZero(); // nobody waits in vain here
    }

    @Test
    void f7_eviction_reachesTheLocalLevels() {
        launch(LONG, "maxmemory 4mb", "maxmemory-policy allkeys-lru");
        nodes.source.put("k", "v");
        a.get("k");
        Nodes.awaitHeldAfterGet(b, "k", "v");
        nodes.redis.command(
                "EVAL", "for i = 1, 4000 do redis.call('SET', 'junk' .. i, string.rep('x', 2000)) end", "0");
        AtomicInteger more = new AtomicInteger();
        Nodes.soon(
                () -> { // Redis samples: it may take some
                    nodes.redis.command("SET", "more" + more.incrementAndGet(), "x".repeat(2_000));
                    return Long.valueOf(0).equals(nodes.redis.command("EXISTS", "users:{k}"));
                });
        Nodes.soon(() -> b.peek("k").source() == Lookup.Source.ABSENT);
    }

    /** A lease that is evicted is a lease that is void: nothing is stored under it. */
    @Test
    void f7_evictedLease_voidsTheLoad() throws Exception {
        launch(LONG);
        String slow = nodes.overlap("k", "a loading", () -> a.get("k"), () -> {
            nodes.redis.command("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
            nodes.redis.command("CONFIG", "SET", "maxmemory", "1");
            Nodes.soon(() -> Long.valueOf(0).equals(nodes.redis.command("DBSIZE")));
            nodes.redis.command("CONFIG", "SET", "maxmemory", "0");
        });
        assertThat(slow).isEqualTo("old");
        assertThat(a.get("k")).isEqualTo("new");
        assertThat(a.stats().loads()).isEqualTo(2);
    }

    @Test
    void f7_memoryFull() throws Exception {
        launch(BRIEF);
        survive(
                () -> nodes.redis.command("CONFIG", "SET", "maxmemory", "1"),
                () -> nodes.redis.command("CONFIG", "SET", "maxmemory", "0"));
    }

    @Test
    void f8_serverThatBecameAReplica_readonly() throws Exception {
        launch(BRIEF);
        survive(
                () -> nodes.redis.command("REPLICAOF", "127.0.0.1", "1"),
                () -> nodes.redis.command("REPLICAOF", "NO", "ONE"));
        assertThat(a.stats().remoteFailures()).isPositive();
    }

    @Test
    void f8_serverThatIsLoading() throws Exception {
        launch(
                BRIEF,
                "key-load-delay 20000",
                "loading-process-events-interval-bytes 1024"); // 20 ms per key, and it answers
        for (int i = 0; i < 60; i++) {
            nodes.redis.command("SET", "junk" + i, "x".repeat(1_000));
        }
        Future<?>[] starting = new Future<?>[1];
        AtomicInteger loadingSeen = new AtomicInteger();
        survive(
                () -> {
                    nodes.redis.command("SAVE");
                    do { // a machine that stands still may miss all of it
                        nodes.redis.kill();
                        starting[0] = nodes.start(() -> {
                            nodes.redis.start();
                            return null;
                        });
                        Nodes.soon(() -> loading(loadingSeen) || starting[0].isDone());
                    } while (loadingSeen.get() == 0);
                },
                () -> starting[0].get());
        assertThat(loadingSeen).hasValue(1);
    }

    private boolean loading(AtomicInteger seen) {
        try {
            nodes.redis.command("GET", "x");
            return false;
        } catch (RuntimeException e) {
            boolean loading = String.valueOf(e.getMessage()).contains("LOADING");
            if (loading) {
                seen.set(1);
            }
            return loading;
        }
    }

    /** A replica that takes over without the last deletions has old values (the guide says so): clear() ends them. */
    @Test
    void f8_failoverThatLosesDeletions_isPutRightByClear() {
        launch(BRIEF);
        try (RealRedis replica = RealRedis.builder()
                        .config("replicaof 127.0.0.1 " + nodes.redis.port())
                        .launch();
                RealRedis sentinel =
                        RealRedis.builder().sentinel("mymaster", nodes.redis).launch()) {
            Nodes.soon(() ->
                    Nodes.reply(sentinel, "SENTINEL", "replicas", "mymaster").contains("master-link-status, ok"));
            TieredCache<String, String> s = nodes.live(nodes.settings(
                    "s",
                    RedisStore.sentinel("redis://mymaster/0", sentinel.uri().toString())
                            .timeout(LONG)
                            .build()));
            nodes.source.put("k", "old");
            s.get("k");
            Nodes.soon(() -> Nodes.reply(replica, "EXISTS", "users:{k}").equals("1"));
            replica.pause();
            nodes.source.put("k", "new");
            s.invalidate("k"); // acknowledged by the master alone
            assertThat(s.stats().pendingWrites()).isZero();
            nodes.redis.kill();
            replica.resume();
            Nodes.soon(() -> Nodes.reply(replica, "ROLE").startsWith("[master"));
            Nodes.soon(() -> {
                s.clear();
                return s.stats().remoteState() == RemoteState.LIVE && s.stats().pendingWrites() == 0;
            });
            assertThat(s.get("k")).isEqualTo("new");
            s.close();
        }
    }

    /** A slot on its way from one node to another: MOVED, ASK and TRYAGAIN reach no reader. */
    @Test
    void f8_slotThatMigrates_movedAndAsk() {
        nodes = new Nodes();
        try (RedisCluster cluster = RealRedis.cluster(2)) {
            String[] uris = cluster.uris().stream().map(Object::toString).toArray(String[]::new);
            TieredCache<String, String> c = nodes.live(nodes.settings(
                    "c",
                    RedisStore.cluster(uris[0], uris[1])
                            .timeout(Duration.ofSeconds(5))
                            .build()));
            nodes.source.put("k", "1");
            assertThat(c.get("k")).isEqualTo("1");
            String slot = String.valueOf(cluster.nodes().get(0).command("CLUSTER", "KEYSLOT", "users:{k}"));
            int owner = Integer.parseInt(slot) < 8192 ? 0 : 1;
            RealRedis from = cluster.nodes().get(owner);
            RealRedis to = cluster.nodes().get(1 - owner);
            String source = String.valueOf(from.command("CLUSTER", "MYID"));
            String target = String.valueOf(to.command("CLUSTER", "MYID"));
            to.command("CLUSTER", "SETSLOT", slot, "IMPORTING", source);
            from.command("CLUSTER", "SETSLOT", slot, "MIGRATING", target);

            nodes.source.put("k", "2");
            c.invalidate("k"); // half of the keys of the entry are there, half are not
            assertThat(c.get("k")).isEqualTo("2");
            Object unused = from.command("MIGRATE", "127.0.0.1", Integer.toString(to.port()), "users:{k}", "0", "5000");
            assertThat(c.get("k")).isEqualTo("2");
            nodes.source.put("k", "3");
            c.invalidate("k");
            assertThat(c.get("k")).isEqualTo("3");

            to.command("CLUSTER", "SETSLOT", slot, "NODE", target);
            from.command("CLUSTER", "SETSLOT", slot, "NODE", target);
            Nodes.soon(() -> c.stats().pendingWrites() == 0);
            Nodes.awaitLive(c);
            assertThat(c.get("k")).isEqualTo("3");
            c.close();
        }
    }

    @Test
    void f1_strictWrites_throwInsteadOfOwing() {
        launch(BRIEF);
        TieredCache<String, String> strict = nodes.live(
                nodes.settings("s", nodes.redis.uri().toString(), BRIEF).strictWrites(true));
        nodes.source.put("k", "old");
        strict.get("k");
        nodes.redis.kill();
        assertThatThrownBy(() -> strict.invalidate("k")).isInstanceOf(RuntimeException.class);
        assertThat(strict.stats().pendingWrites()).isZero();
        assertThat(strict.get("k")).isEqualTo("old");
    }
}
