// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.cache.TieredCache.RemoteState;
import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.testkit.RealRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What two nodes on a real Redis do together. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RedisStoreIT extends RedisNodes {
    @Test
    void get_onTwoNodes_loadsOnceAndEndsInBothLocalLevels() {
        source.put("k", "v");
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();

        assertThat(a.get("k")).isEqualTo("v");
        assertThat(b.get("k")).isEqualTo("v");

        assertThat(loads).hasValue(1);
        awaitHeld(a, "k", "v");
        awaitHeld(b, "k", "v");
    }

    @Test
    void get_ofAnAbsentKey_remembersTheAbsenceInBothLevels() {
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();

        assertThat(a.get("none")).isNull();
        assertThat(b.get("none")).isNull();
        assertThat(a.get("none")).isNull();

        assertThat(loads).hasValue(1);
    }

    @Test
    void invalidate_onOneNode_reachesTheOther() {
        source.put("k", "old");
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();
        a.get("k");
        awaitHeld(b, "k", "old");

        source.put("k", "new");
        a.invalidate("k");

        assertThat(a.get("k")).isEqualTo("new");
        Nodes.soon(() -> "new".equals(b.get("k")));
    }

    @Test
    void put_onOneNode_reachesTheOtherAndItself() {
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();
        a.put("k", "1");
        awaitHeld(b, "k", "1");

        a.put("k", "2");

        assertThat(a.get("k")).isEqualTo("2");
        Nodes.soon(() -> "2".equals(b.get("k")));
        assertThat(b.peek("k").version()).isPositive();
        assertThat(loads).hasValue(0);
    }

    @Test
    void foreignWriters_andFlushall_invalidateLocalLevels() {
        source.put("k", "v");
        TieredCache<String, String> a = liveNode();
        a.get("k");
        awaitHeld(a, "k", "v");

        redis.command("DEL", "users:{k}");
        Nodes.soon(() -> a.peek("k").source() == Lookup.Source.ABSENT);

        a.get("k");
        awaitHeld(a, "k", "v");
        redis.command("FLUSHALL");
        Nodes.soon(() -> a.peek("k").source() == Lookup.Source.ABSENT);
    }

    @Test
    void get_afterAnInvalidationElsewhere_doesNotJoinTheOldFlight() throws Exception {
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();
        String slow = nodes.overlap("k", "node loading", () -> a.get("k"), () -> {
            b.invalidate("k"); // there is only a lease to remove
            Nodes.soon(() -> "new".equals(a.get("k"))); // when it has heard; while it has not, it waits with the first
        });
        assertThat(slow).isEqualTo("old");
        assertThat(a.get("k")).isEqualTo("new");
    }

    /** Readers on one node, a writer on another; when it is quiet, nobody has an old value. */
    @Test
    void r2AndR3_readersAgainstAWriter_leaveNothingStale() throws Exception {
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(Nodes.LONG ? 60 : 2);
        AtomicInteger round = new AtomicInteger();
        int keys = 32;
        List<Future<?>> readers = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            readers.add(threads.submit(() -> {
                while (System.nanoTime() - until < 0) {
                    for (int i = 0; i < keys; i++) {
                        a.get("k" + i);
                    }
                }
            }));
        }
        while (System.nanoTime() - until < 0) {
            int value = round.incrementAndGet();
            for (int i = 0; i < keys; i++) {
                source.put("k" + i, "v" + value);
                b.invalidate("k" + i);
            }
        }
        for (Future<?> reader : readers) {
            reader.get();
        }
        Nodes.pass(Duration.ofMillis(500)); // the bound
        for (int i = 0; i < keys; i++) {
            assertThat(a.get("k" + i)).isEqualTo("v" + round.get());
            assertThat(b.get("k" + i)).isEqualTo("v" + round.get());
        }
    }

    @Test
    void stampede_onTwoNodes_loadsEachKeyOnce() throws Exception {
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();
        Map<String, AtomicInteger> perKey = new ConcurrentHashMap<>();
        CountDownLatch start = new CountDownLatch(1);
        CountDownLatch arrived = new CountDownLatch(16);
        CacheLoader<String, String> slow = key -> {
            perKey.computeIfAbsent(key, k -> new AtomicInteger()).incrementAndGet();
            if (key.equals("k0")) {
                arrived.await(); // so that all of them want the first key while it is loaded
            }
            return key + "!";
        };
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < 16; t++) {
            TieredCache<String, String> node = t % 2 == 0 ? a : b;
            done.add(threads.submit(() -> {
                start.await();
                arrived.countDown();
                for (int i = 0; i < 20; i++) {
                    assertThat(node.get("k" + i, slow)).isEqualTo("k" + i + "!");
                }
                return null;
            }));
        }
        start.countDown();
        for (Future<?> each : done) {
            each.get();
        }
        assertThat(perKey)
                .hasSize(20)
                .allSatisfy((key, count) -> assertThat(count).hasValue(1));
    }

    @Test
    void leaseOfAHolderThatDied_lapsesAndAnotherLoads() {
        source.put("k", "v");
        TieredCache<String, String> a = liveNode();
        redis.command("SET", "~users:{k}", "1", "PX", "300"); // as if a process had taken it and died

        assertThat(a.get("k")).isEqualTo("v");
        assertThat(loads).hasValue(1);
    }

    @Test
    void lateFill_afterItsLeaseLapsed_isRefused() {
        TieredCache<String, String> a = node(settings().loadTimeout(Duration.ofMillis(100)));
        awaitLive(a);

        assertThat(a.get("k", key -> {
                    Nodes.soon(() -> redis.command("EXISTS", "~users:{k}").equals(0L));
                    return "late";
                }))
                .isEqualTo("late");

        assertThat(a.stats().remoteRefused()).isEqualTo(1);
        assertThat(a.peek("k").known()).isFalse();
    }

    @Test
    void waiters_behindABusyLease_timeOut() {
        TieredCache<String, String> a = node(settings().loadTimeout(Duration.ofMillis(200)));
        awaitLive(a);
        redis.command("SET", "~users:{k}", "1", "PX", "60000");

        assertThatThrownBy(() -> a.get("k"))
                .isInstanceOf(CacheTimeoutException.class)
                .hasMessageContaining("users");
        assertThat(a.stats().timeouts()).isEqualTo(1);
    }

    @Test
    void failedLoad_givesItsLeaseBack() {
        TieredCache<String, String> a = liveNode();
        assertThatThrownBy(() -> a.get("k", key -> {
                    throw new IllegalArgumentException("no");
                }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no");
        assertThat(redis.command("EXISTS", "~users:{k}")).isEqualTo(0L);
    }

    @Test
    void staleValue_isServedWhileAnotherRefreshesAndWhenTheLoadFails() {
        EntryOptions brief = EntryOptions.of(Duration.ofMillis(50))
                .staleFor(Duration.ofMinutes(5))
                .jitter(0);
        TieredCache<String, String> a = node(settings().entry(brief));
        TieredCache<String, String> b = node(settings().entry(brief));
        awaitLive(a);
        source.put("k", "1");
        a.get("k");
        Nodes.soon(() -> b.peek("k").stale());

        AtomicBoolean failed = new AtomicBoolean();
        Nodes.soon(
                () -> { // a local level takes a value for stale up to a millisecond before Redis does
                    assertThat(a.get("k", key -> {
                                // This load has the lease: the other node is served at once.
                                assertThat(b.get("k")).isEqualTo("1");
                                failed.set(true);
                                throw new IllegalStateException("down");
                            }))
                            .isEqualTo("1");
                    return failed.get();
                });
        assertThat(a.get("k", key -> "2")).isEqualTo("2");
        assertThat(a.stats().staleServed() + b.stats().staleServed()).isEqualTo(2);
    }

    @Test
    void invalidatedValue_isNotServedAsStale() {
        EntryOptions brief = EntryOptions.of(Duration.ofMinutes(5)).staleFor(Duration.ofMinutes(5));
        TieredCache<String, String> a = node(settings().entry(brief));
        awaitLive(a);
        source.put("k", "1");
        a.get("k");
        a.get("k");
        a.invalidate("k");

        assertThatThrownBy(() -> a.get("k", key -> {
                    throw new IllegalStateException("down");
                }))
                .hasMessage("down");
    }

    @Test
    void redisKilled_readersGoOnAndEverythingComesBack() {
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();
        source.put("k", "1");
        awaitHeldBy(a, "k", "1");
        awaitHeldBy(b, "k", "1");

        redis.kill();
        source.put("k", "2");
        a.invalidate("k");
        assertThat(a.get("k")).isEqualTo("2");
        assertThat(a.stats().pendingWrites()).isEqualTo(1);
        // b has not heard: what it gives is bounded.
        Nodes.soon(() -> "2".equals(b.get("k")));

        redis.start();
        Nodes.soon(() -> a.stats().pendingWrites() == 0);
        awaitLive(b);
        assertThat(a.get("k")).isEqualTo("2");
        assertThat(b.get("k")).isEqualTo("2");
        awaitHeldBy(b, "k", "2");
    }

    @Test
    void redisFrozen_readersWaitOnceShortlyAndThenNotAtAll() {
        TieredCache<String, String> a = liveNode(settings(hasty()));
        source.put("k", "v");
        awaitHeldBy(a, "k", "v");

        redis.pause();
        long failed = a.stats().remoteFailures();
        AtomicInteger reads = new AtomicInteger();
        Nodes.soon(
                () -> { // some wait for an answer, until one finds the breaker open
                    String key = "m" + reads.getAndIncrement();
                    source.put(key, "v");
                    long asked = nodes.stops.passed("node before fetch");
                    assertThat(a.get(key)).isEqualTo("v");
                    return nodes.stops.passed("node before fetch") == asked;
                });
        assertThat(a.stats().remoteFailures() - failed).isGreaterThanOrEqualTo(reads.get());
        assertThat(a.stats().pendingWrites()).isZero();

        redis.resume();
        awaitLive(a);
        awaitHeldBy(a, "m0", "v");
    }

    /** Each way to tell the others that what they hold is old. */
    enum Telling {
        INVALIDATE(cache -> cache.invalidate("k")),
        PUT(cache -> cache.put("k", "2")),
        TAG(cache -> cache.invalidateTag("tag")),
        CLEAR(TieredCache::clear);

        private final Consumer<TieredCache<String, String>> way;

        Telling(Consumer<TieredCache<String, String>> way) {
            this.way = way;
        }

        void tell(TieredCache<String, String> cache) {
            way.accept(cache);
        }
    }

    private static EntryOptions tagged() {
        return EntryOptions.of(Duration.ofMinutes(10)).tags("tag");
    }

    @ParameterizedTest
    @EnumSource
    void writesWhileRedisIsAway_areDoneWhenItIsBack(Telling how) {
        TieredCache<String, String> a = liveNode(settings(hasty()).entry(tagged()));
        TieredCache<String, String> b = liveNode(settings(hasty()).entry(tagged()));
        source.put("k", "1");
        awaitHeldBy(a, "k", "1");
        awaitHeldBy(b, "k", "1");
        redis.pause();
        source.put("k", "2");

        how.tell(a);

        assertThat(a.stats().pendingWrites()).isEqualTo(1);
        assertThat(a.get("k")).isEqualTo("2");
        redis.resume();
        Nodes.soon(() -> a.stats().pendingWrites() == 0);
        Nodes.soon(() -> "2".equals(b.get("k")));
        awaitHeldBy(a, "k", "2");
    }

    @ParameterizedTest
    @EnumSource
    void strictWrites_whileRedisIsAway_throwAndForgetLocally(Telling how) {
        TieredCache<String, String> a = liveNode(settings().strictWrites(true).entry(tagged()));
        source.put("k", "1");
        awaitHeldBy(a, "k", "1");
        redis.kill();
        source.put("k", "2");

        assertThatThrownBy(() -> how.tell(a)).isInstanceOf(RuntimeException.class);
        assertThat(a.stats().pendingWrites()).isZero();
        assertThat(a.get("k")).isEqualTo("2");
    }

    @Test
    void put_whileRedisIsAway_isHeldForTheBoundAndRemovesTheOldValueLater() {
        TieredCache<String, String> a = liveNode(settings(hasty()).maxUnverified(Duration.ofSeconds(60)));
        a.put("k", "1");
        redis.pause();
        a.put("k", "2");
        assertThat(a.get("k")).isEqualTo("2");
        redis.resume();
        Nodes.soon(() -> a.stats().pendingWrites() == 0);
        assertThat(redis.command("EXISTS", "users:{k}")).isEqualTo(0L);
    }

    @Test
    void clear_dropsWhatThisCacheHoldsOnAllNodesAndNothingElse() {
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();
        TieredCache<String, String> other =
                node(TieredCache.builder("other", String.class, String.class).remote(store()));
        other.put("k1", "x");
        for (int i = 0; i < 500; i++) {
            source.put("k" + i, "old");
        }
        a.getAll(source.keySet());
        awaitHeldBy(b, "k1", "old");
        source.replaceAll((key, value) -> "new");

        a.clear();

        assertThat(a.peek("k1").known()).isFalse();
        assertThat(a.getAll(source.keySet())).isEqualTo(source);
        Nodes.soon(() -> "new".equals(b.get("k1")));
        assertThat(b.getAll(source.keySet())).isEqualTo(source);
        assertThat(other.get("k1")).isEqualTo("x");
        assertThat(loads).hasValue(1_000);
    }

    @Test
    void brokenAndForeignBytes_areAMissAndACount() {
        source.put("k", "v");
        TieredCache<String, String> a = liveNode();
        redis.command("SET", "users:{k}", "junk");
        assertThat(a.peek("k").known()).isFalse();
        assertThat(a.get("k")).isEqualTo("v");
        redis.command("DEL", "users:{k}");
        redis.command("LPUSH", "users:{k}", "a list");
        assertThat(a.get("k")).isEqualTo("v");
        assertThat(a.stats().decodeFailures()).isGreaterThanOrEqualTo(3);
        assertThat(a.get("k")).isEqualTo("v");
        assertThat(loads).hasValue(2);
    }

    @Test
    void valueOfAnotherSchema_isReplaced() {
        TieredCache<String, String> strings = liveNode();
        TieredCache<String, Long> longs = TieredCache.builder("users", String.class, Long.class)
                .remote(store())
                .build();
        Nodes.awaitLive(longs);
        strings.put("k", "text");

        assertThat(longs.get("k")).isNull();
        assertThat(longs.get("k", key -> 7L)).isEqualTo(7L);
        assertThat(longs.stats().decodeFailures()).isEqualTo(2);
        longs.close();
    }

    @Test
    void valueThatIsTooLarge_isHeldInThisProcessOnly() {
        TieredCache<String, String> a = node(settings().maximumValueBytes(100).maxUnverified(Duration.ofSeconds(60)));
        awaitLive(a);
        source.put("k", "x".repeat(200));
        assertThat(a.get("k")).hasSize(200);
        assertThat(a.peek("k").source()).isEqualTo(Lookup.Source.LOCAL);
        a.put("k", "y".repeat(200));
        assertThat(a.get("k")).startsWith("y");
        assertThat(redis.command("EXISTS", "users:{k}")).isEqualTo(0L);
        assertThat(a.stats().encodeFailures()).isEqualTo(2);
    }

    @Test
    void getAll_mixesLevelsAndLoadsTheRestTogether() {
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();
        b.put("remote", "r");
        b.put("gone", "old");
        b.invalidate("gone");
        List<Integer> bulks = new ArrayList<>();
        CacheLoader<String, String> bulk = new CacheLoader<>() {
            @Override
            public String load(String key) {
                throw new AssertionError("one by one");
            }

            @Override
            public Map<String, String> loadAll(java.util.Set<? extends String> keys) {
                bulks.add(keys.size());
                return Map.of("x", "X", "y", "Y");
            }
        };
        Map<String, String> all = a.getAll(List.of("x", "remote", "none", "y", "x"), bulk);

        assertThat(all).containsExactly(Map.entry("x", "X"), Map.entry("remote", "r"), Map.entry("y", "Y"));
        assertThat(bulks).containsExactly(3);
        assertThat(b.getAll(List.of("x", "y", "none"), bulk)).hasSize(2);
        assertThat(bulks).as("all three are known now").containsExactly(3);
    }

    @Test
    void getAll_withKeysThatAnotherLoads_waitsForThem() throws Exception {
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch proceed = new CountDownLatch(1);
        Future<String> slow = threads.submit(() -> a.get("s", key -> {
            loading.countDown();
            proceed.await();
            return "slow";
        }));
        loading.await();
        Future<Map<String, String>> onB = threads.submit(() -> b.getAll(List.of("s", "t"), key -> key + "!"));
        Future<Map<String, String>> onA = threads.submit(() -> a.getAll(List.of("s", "u"), key -> key + "!"));
        Nodes.soon(() -> a.peek("t").known() && a.peek("u").known());
        proceed.countDown();

        assertThat(slow.get()).isEqualTo("slow");
        assertThat(onB.get()).containsEntry("s", "slow").containsEntry("t", "t!");
        assertThat(onA.get()).containsEntry("s", "slow").containsEntry("u", "u!");
    }

    @Test
    void remoteLevelAlone_worksWithoutALocalOne() {
        TieredCache<String, String> a = node(settings().maximumSize(0));
        source.put("k", "v");
        assertThat(a.get("k")).isEqualTo("v");
        assertThat(a.get("k")).isEqualTo("v");
        assertThat(a.peek("k").source()).isEqualTo(Lookup.Source.REMOTE);
        assertThat(a.stats().localHits()).isZero();
        assertThat(a.stats().remoteHits()).isEqualTo(1);
        assertThat(loads).hasValue(1);
    }

    @Test
    void get_withoutALoader_readsBothLevelsOnly() {
        TieredCache<String, String> a =
                node(TieredCache.builder("users", String.class, String.class).remote(store()));
        awaitLive(a);
        assertThat(a.get("k")).isNull();
        a.put("k", "v");
        assertThat(a.get("k")).isEqualTo("v");
        assertThat(a.getAll(List.of("k", "l"))).containsExactly(Map.entry("k", "v"));
        assertThat(redis.command("EXISTS", "~users:{l}")).isEqualTo(0L);
    }

    @Test
    void unknownScript_isSentAgain() {
        source.put("k", "v");
        TieredCache<String, String> a = liveNode();
        a.get("k");
        redis.command("SCRIPT", "FLUSH");
        a.invalidate("k");
        source.put("k", "w");
        assertThat(a.get("k")).isEqualTo("w");
        assertThat(a.stats().remoteFailures()).isZero();
    }

    @Test
    void memoryFull_readersAndInvalidationsGoOn() {
        source.put("k", "v");
        TieredCache<String, String> a = liveNode();
        a.get("k");
        redis.command("CONFIG", "SET", "maxmemory", "1");
        assertThat(a.get("other", key -> "loaded")).isEqualTo("loaded");
        source.put("k", "w");
        a.invalidate("k");
        redis.command("CONFIG", "SET", "maxmemory", "0");
        Nodes.soon(() -> a.stats().pendingWrites() == 0);
        Nodes.soon(() -> "w".equals(a.get("k")));
    }

    @Test
    void password_isUsedAndShownNowhere() {
        try (RealRedis locked = RealRedis.builder().password("hunter2").launch()) {
            RedisStore store = RedisStore.builder(locked.uri().toString())
                    .timeout(Duration.ofSeconds(5))
                    .build();
            try (TieredCache<String, String> a = TieredCache.builder("users", String.class, String.class)
                    .remote(store)
                    .build()) {
                awaitLive(a);
                a.put("k", "v");
                assertThat(a.peek("k").value()).isEqualTo("v");
                assertThat(a.toString() + store).doesNotContain("hunter2");
            }
        }
        assertThatThrownBy(() -> RedisStore.of("http://u:hunter2@h")).hasMessageNotContaining("hunter2");
        assertThatThrownBy(() -> RedisStore.of("redis://u:hunter2 @h")).hasMessageNotContaining("hunter2");
    }

    @Test
    void wrongPassword_leavesTheCacheWorkingWithoutRemote() {
        try (RealRedis locked = RealRedis.builder().password("hunter2").launch();
                TieredCache<String, String> a = TieredCache.builder("users", String.class, String.class)
                        .remote(RedisStore.of("redis://:wrong@127.0.0.1:" + locked.port()))
                        .build()) {
            assertThat(a.get("k", key -> "v")).isEqualTo("v");
            assertThat(a.stats().remoteState()).isEqualTo(RemoteState.UNVERIFIED);
            assertThat(a.stats().remoteFailures()).isPositive();
        }
    }

    @Test
    void trackingDenied_boundsTheLocalLevelInstead() {
        redis.command("ACL", "SETUSER", "poor", "on", ">pw", "~*", "+@all", "-client|tracking");
        TieredCache<String, String> a = node(settings()
                .remote(RedisStore.builder("redis://poor:pw@127.0.0.1:" + redis.port())
                        .timeout(Duration.ofSeconds(5))
                        .build())
                .maxUnverified(Duration.ofMillis(50)));
        source.put("k", "1");
        assertThat(a.get("k")).isEqualTo("1");
        assertThat(a.get("k")).isEqualTo("1");
        source.put("k", "2");
        redis.command("DEL", "users:{k}"); // nobody is told
        Nodes.soon(() -> "2".equals(a.get("k")));
        assertThat(a.stats().remoteState()).isEqualTo(RemoteState.UNVERIFIED);
    }

    @Test
    void concurrentCallers_onOneConnection_getTheirOwnAnswers() throws Exception {
        RedisStore narrow = RedisStore.builder(redis.uri().toString())
                .timeout(Duration.ofSeconds(20))
                .connections(1)
                .build();
        TieredCache<String, String> a = node(settings().remote(narrow).maximumSize(0));
        for (int i = 0; i < 50; i++) {
            a.put("k" + i, "v" + i);
        }
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < 16; t++) {
            done.add(threads.submit(() -> {
                for (int i = 0; i < 1_000; i++) {
                    assertThat(a.get("k" + i % 50)).isEqualTo("v" + i % 50);
                }
            }));
        }
        for (Future<?> each : done) {
            each.get();
        }
        assertThat(loads).hasValue(0);
    }

    @Test
    void interruptedWaiter_keepsItsFlag() throws Exception {
        TieredCache<String, String> a = liveNode();
        redis.command("SET", "~users:{k}", "1", "PX", "60000");
        AtomicInteger flagged = new AtomicInteger();
        Thread waiter = new Thread(() -> {
            try {
                a.get("k");
            } catch (java.util.concurrent.CancellationException e) {
                flagged.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
            }
        });
        waiter.start();
        Nodes.soon(() -> !a.stats().name().isEmpty() && waiter.isAlive());
        waiter.interrupt();
        waiter.join();
        assertThat(flagged).hasValue(1);
    }

    @Test
    void closedStore_refusesCalls() {
        RedisStore store = store();
        assertThatThrownBy(() -> store.invalidate(List.of(new byte[0])))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no subscription");
        TieredCache<String, String> a = node(settings().remote(store));
        a.close();
        a.close();
        assertThatThrownBy(() -> a.get("k")).hasMessage("cache users is closed");
    }
}
