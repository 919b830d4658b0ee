// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.cache.Stops.Stop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The races of caches that processes share, R1 to R12, on two nodes and a real Redis. Interleavings are made, not hoped
 * for: see {@link Stops}.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RacesIT {
    private static final int ROUNDS = Nodes.LONG ? 2_000 : 200;

    private Nodes nodes;

    @BeforeEach
    void launch() {
        nodes = new Nodes();
    }

    @AfterEach
    void close() {
        nodes.close();
    }

    private interface Reading {
        String read(TieredCache<String, String> cache, String key) throws Exception;
    }

    private interface Dropping {
        void drop(TieredCache<String, String> cache, String key);
    }

    /**
     * Stops a read on a at every point of its life and drops the key on a or b meanwhile: then who dropped it has the
     * new value at once, and the other node too, or when its feed has told.
     */
    private void overlap(String race, EntryOptions entry, Reading reading, Dropping dropping) throws Exception {
        TieredCache<String, String> a = nodes.live(nodes.settings("a").entry(entry));
        TieredCache<String, String> b = nodes.live(nodes.settings("b").entry(entry));
        List<String> points = List.of("a before fetch", "a after fetch", "a loading", "a before fill", "a after fill");
        for (int i = 0; i < ROUNDS; i++) {
            String key = race + i;
            TieredCache<String, String> here = i / points.size() % 2 == 0 ? a : b;
            String read = nodes.overlap(
                    key, points.get(i % points.size()), () -> reading.read(a, key), () -> dropping.drop(here, key));
            assertThat(read).isIn("old", "new");
            assertNew(key, here, here == a ? b : a, entry.tags().isEmpty());
        }
        if (entry.tags().isEmpty()) { // else the value is stored and nobody takes it
            assertThat(a.stats().remoteRefused()).isGreaterThanOrEqualTo(ROUNDS / 5 * 2);
        }
    }

    private static void assertNew(
            String key, TieredCache<String, String> here, TieredCache<String, String> there, boolean atOnce) {
        assertThat(here.get(key)).as("where it was dropped, key %s", key).isEqualTo("new");
        if (atOnce) {
            assertThat(there.get(key)).as("elsewhere, key %s", key).isEqualTo("new");
        } else {
            Nodes.soon(() -> "new".equals(there.get(key)));
        }
    }

    private static EntryOptions lasting() {
        return EntryOptions.of(Duration.ofMinutes(10)).jitter(0);
    }

    private static final Reading BULK =
            (cache, key) -> cache.getAll(List.of(key, "other")).get(key);
    private static final Reading ASYNC = (cache, key) -> cache.async().get(key).get(60, TimeUnit.SECONDS);
    private static final Reading ASYNC_BULK = (cache, key) -> cache.async()
            .getAll(List.of(key, "other"))
            .get(60, TimeUnit.SECONDS)
            .get(key);

    @Test
    void r1_loadThatOverlapsAnInvalidation_isKeptNowhere() throws Exception {
        overlap("r1-get", lasting(), TieredCache::get, TieredCache::invalidate);
    }

    @Test
    void r1_bulkLoadThatOverlapsAnInvalidation_isKeptNowhere() throws Exception {
        overlap("r1-getAll", lasting(), BULK, TieredCache::invalidate);
    }

    @Test
    void r1_asyncLoadThatOverlapsAnInvalidation_isKeptNowhere() throws Exception {
        overlap("r1-async", lasting(), ASYNC, TieredCache::invalidate);
    }

    @Test
    void r1_asyncBulkLoadThatOverlapsAnInvalidation_isKeptNowhere() throws Exception {
        overlap("r1-async-getAll", lasting(), ASYNC_BULK, TieredCache::invalidate);
    }

    @Test
    void r1_loadThatOverlapsAPut_doesNotReplaceIt() throws Exception {
        overlap("r1-put", lasting(), TieredCache::get, (cache, key) -> cache.put(key, "new"));
    }

    /** The same for refreshes, which run beside their readers: {@code first} leaves a value that is due. */
    private void overlapRefreshes(CacheBuilder<String, String> settings, Dropping first, Dropping dropping)
            throws Exception {
        Queue<Future<?>> running = new ConcurrentLinkedQueue<>();
        TieredCache<String, String> a = nodes.live(settings.executor(task -> running.add(nodes.threads.submit(task))));
        TieredCache<String, String> b = nodes.live("b");
        List<String> points =
                List.of("a before refetch", "a after refetch", "a loading", "a before fill", "a after fill");
        int rounds = ROUNDS / 2;
        for (int i = 0; i < rounds; i++) {
            String key = "k" + i;
            first.drop(a, key);
            nodes.source.put(key, "old");
            Stop stop = nodes.stops.at(points.get(i % points.size()));
            Nodes.soon(() -> a.get(key) != null && stop.isReached());
            nodes.source.put(key, "new");
            TieredCache<String, String> here = i / points.size() % 2 == 0 ? a : b;
            dropping.drop(here, key);
            stop.release();
            for (Future<?> refresh = running.poll(); refresh != null; refresh = running.poll()) {
                refresh.get();
            }
            assertNew(key, here, here == a ? b : a, false);
        }
        assertThat(a.stats().refreshes()).isGreaterThanOrEqualTo(rounds / 2);
        for (int i = 0; i < rounds; i++) {
            assertThat(List.of(a.get("k" + i), b.get("k" + i)))
                    .as("round %d", i)
                    .containsOnly("new");
        }
    }

    @Test
    void r1_refreshAheadThatOverlapsAnInvalidation_isKeptNowhere() throws Exception {
        EntryOptions eager = lasting().refreshAhead(0.999_999_9);
        overlapRefreshes(nodes.settings("a"), (a, key) -> a.put(key, "first", eager), TieredCache::invalidate);
    }

    /** XFetch with dice that always say yes, after a load that took its time. */
    @Test
    void r1_earlyRefreshThatOverlapsAnInvalidation_isKeptNowhere() throws Exception {
        EntryOptions chance = EntryOptions.of(Duration.ofSeconds(15)).jitter(0).earlyRefresh(100);
        overlapRefreshes(
                nodes.settings("a").entry(chance).random(() -> -1),
                (a, key) -> {
                    String unused = a.get(key, same -> {
                        Nodes.pass(Duration.ofMillis(10));
                        return "first";
                    });
                },
                TieredCache::invalidate);
    }

    @Test
    void r9_refreshThatOverlapsTheInvalidationOfItsTag_isKeptNowhere() throws Exception {
        EntryOptions eager = lasting().tags("t").refreshAhead(0.999_999_9);
        overlapRefreshes(
                nodes.settings("a").entry(eager),
                (a, key) -> a.put(key, "first"),
                (cache, key) -> cache.invalidateTag("t"));
    }

    @Test
    void r1_loadThatOverlapsARestartOfRedis_isRefused() throws Exception {
        TieredCache<String, String> a = nodes.live("a");
        String slow = nodes.overlap("k", "a loading", () -> a.get("k"), () -> {
            nodes.redis.kill();
            nodes.redis.start();
            a.invalidate("k");
        });
        assertThat(slow).isEqualTo("old");
        assertThat(a.get("k")).isEqualTo("new");
        Nodes.soon(() -> a.stats().pendingWrites() == 0);
        assertThat(a.get("k")).isEqualTo("new");
    }

    /** A reader has the old value of Redis in hand when the key is dropped elsewhere. */
    @Test
    void r2_staleFillOfTheLocalLevel_isRefusedOrRemoved() throws Exception {
        TieredCache<String, String> a = nodes.live("a");
        TieredCache<String, String> b = nodes.live("b");
        Nodes.rounds(ROUNDS, a, i -> {
            String key = "k" + i;
            String told = "a after changed users:{" + key + "}";
            Stop stored = nodes.stops.at(told);
            b.put(key, "old");
            stored.awaitReached();
            stored.release();
            Stop[] dropped = new Stop[1];
            String slow = nodes.overlap(key, "a after fetch", () -> a.get(key), () -> {
                dropped[0] = nodes.stops.at(told);
                b.invalidate(key);
                if (i % 2 == 0) {
                    dropped[0]
                            .awaitReached(); // then the guard has moved; else the removal may come after the insertion
                }
            });
            assertThat(slow).isEqualTo("old");
            dropped[0].awaitReached();
            dropped[0].release();
            assertThat(a.get(key)).as("round %d", i).isEqualTo("new");
            assertThat(b.get(key)).isEqualTo("new");
        });
        assertThat(a.stats().localRefused()).isGreaterThanOrEqualTo(ROUNDS / 2);
    }

    /** The old value comes on one connection, the message about its end on another, and later. */
    @Test
    void r3_messageThatIsOvertakenByTheReply_stillRemovesIt() throws Exception {
        TieredCache<String, String> a = nodes.live("a");
        TieredCache<String, String> b = nodes.live("b");
        Nodes.rounds(ROUNDS / 10, a, i -> {
            String key = "k" + i;
            long heard = a.stats().invalidationsReceived();
            b.put(key, "old");
            Nodes.awaitHeard(a, heard);
            Stop message = nodes.stops.at("a before changed users:{" + key + "}");
            String slow = nodes.overlap(key, "a after fetch", () -> a.get(key), () -> {
                b.put(key, "new");
                message.awaitReached();
            });
            assertThat(slow).isEqualTo("old");
            if (i % 10 == 0) { // the message never comes: the bound ends it
                Nodes.soon(() -> "new".equals(a.get(key)));
            }
            message.release();
            Nodes.soon(() -> "new".equals(a.get(key)) && Nodes.holds(a, key, "new"));
        });
    }

    /** Commits 1, 2; the invalidations arrive 2, 1, with readers between. */
    @Test
    void r4_twoWritersWhoseInvalidationsAreSwapped_endWithTheSecondCommit() throws Exception {
        TieredCache<String, String> a = nodes.live("a");
        TieredCache<String, String> b = nodes.live("b");
        for (int i = 0; i < ROUNDS; i++) {
            String key = "k" + i;
            int round = i;
            nodes.source.put(key, "0");
            a.get(key);
            nodes.source.put(key, "1");
            nodes.whileStopped("a before invalidate", () -> dropped(a, key), () -> {
                if (round % 2 == 0) {
                    b.get(key);
                }
                nodes.source.put(key, "2");
                b.invalidate(key);
                if (round % 3 == 0) {
                    b.get(key);
                }
            });
            assertThat(b.get(key)).as("round %d", i).isEqualTo("2");
            assertThat(a.get(key)).as("round %d", i).isEqualTo("2");
        }
    }

    private static boolean dropped(TieredCache<String, String> cache, String key) {
        cache.invalidate(key);
        return true;
    }

    /** The source takes 2 and then 1, or 1 and then 2 while the writer of 1 is told later. */
    @Test
    void r4_writesThroughThatAreSwapped_endWithTheLastCommit() throws Exception {
        TieredCache<String, String> a = nodes.live(through("a"));
        TieredCache<String, String> b = nodes.live(through("b"));
        for (int i = 0; i < ROUNDS; i++) {
            String key = "k" + i;
            boolean before = i % 2 == 0;
            nodes.whileStopped(before ? "a writing" : "a before settle", () -> written(a, key, "1"), () -> {
                b.put(key, "2");
                assertThat(b.get(key)).isEqualTo("2");
            });
            String truth = before ? "1" : "2";
            assertThat(nodes.source).containsEntry(key, truth);
            assertThat(a.get(key)).as("round %d", i).isEqualTo(truth);
            assertThat(b.get(key)).as("round %d", i).isEqualTo(truth);
        }
    }

    private static boolean written(TieredCache<String, String> cache, String key, String value) {
        cache.put(key, value);
        return true;
    }

    private CacheBuilder<String, String> through(String node) {
        return nodes.settings(node).writer((key, value, version) -> {
            nodes.stops.pass(node + " writing");
            nodes.source.put(key, value);
        });
    }

    /** Puts carry no order of the source; but all nodes and Redis agree on one of them. */
    @Test
    void r4_concurrentPuts_leaveOneValueEverywhere() throws Exception {
        TieredCache<String, String> a = nodes.live("a");
        TieredCache<String, String> b = nodes.live("b");
        for (int i = 0; i < ROUNDS; i++) {
            String key = "k" + i;
            Future<?> one = nodes.start(() -> {
                a.put(key, "1");
                return a.get(key);
            });
            Future<?> two = nodes.start(() -> {
                b.put(key, "2");
                return b.get(key);
            });
            one.get();
            two.get();
            Nodes.soon(() -> Objects.equals(a.get(key), b.get(key))
                    && a.peek(key).version() == b.peek(key).version());
        }
    }

    /** Connections that are cut, and ones that seem open and carry nothing, while keys are dropped elsewhere. */
    @Test
    void r5_messagesThatAreLost_leaveNothingStaleBeyondTheBound() throws Exception {
        try (FaultyLink link = new FaultyLink(nodes.redis.port())) {
            TieredCache<String, String> a = nodes.live(nodes.settings("a", link.uri(), Duration.ofMillis(500)));
            TieredCache<String, String> b = nodes.live("b");
            for (FaultyLink.Mode fault : List.of(FaultyLink.Mode.SOUND, FaultyLink.Mode.SWALLOWING)) {
                nodes.source.putAll(Nodes.keys(200, "old " + fault));
                b.invalidateAll(nodes.source.keySet());
                List<String> keys = List.copyOf(nodes.source.keySet());
                Nodes.soon(() -> a.getAll(keys).equals(nodes.source)
                        && keys.stream().allMatch(key -> Nodes.holds(a, key, "old " + fault)));
                long losses = a.stats().feedLosses();

                link.mode(fault);
                link.cut();
                nodes.source.putAll(Nodes.keys(200, "new " + fault));
                b.invalidateAll(keys);
                Nodes.pass(Duration.ofMillis(500));
                assertThat(a.getAll(keys)).as("beyond the bound").isEqualTo(nodes.source);
                Nodes.awaitLoss(a, losses);

                link.mode(FaultyLink.Mode.SOUND);
                Nodes.awaitLive(a);
                assertThat(a.getAll(keys)).isEqualTo(nodes.source);
                Nodes.soon(() -> a.get("k0") != null && Nodes.holds(a, "k0", "new " + fault));
            }
        }
    }

    /** A loader that reads a lagging replica brings the old value back; a second invalidation, after the lag, ends it. */
    @Test
    void r6_invalidationBeforeTheCommitIsVisible_needsASecondOne() {
        TieredCache<String, String> a = nodes.live("a");
        TieredCache<String, String> b = nodes.live("b");
        nodes.source.put("k", "old"); // what the replica shows
        a.invalidate("k");
        assertThat(b.get("k")).isEqualTo("old");
        nodes.source.put("k", "new"); // the replica has caught up
        a.invalidate("k");
        assertThat(a.get("k")).isEqualTo("new");
        Nodes.soon(() -> "new".equals(b.get("k")));
    }

    /** A writer that dies between its commit and its invalidation leaves the old value until the TTL, no longer. */
    @Test
    void r7_writerThatDiesBeforeItsInvalidation_isRepairedByTheTtl() {
        EntryOptions brief = EntryOptions.of(Duration.ofMillis(300));
        TieredCache<String, String> a = nodes.live(nodes.settings("a").entry(brief));
        TieredCache<String, String> b = nodes.live(nodes.settings("b").entry(brief));
        nodes.source.put("k", "old");
        a.get("k");
        b.get("k");
        nodes.source.put("k", "new");
        Nodes.pass(Duration.ofMillis(310));
        assertThat(a.get("k")).isEqualTo("new");
        assertThat(b.get("k")).isEqualTo("new");
    }

    /** A counter as version would begin again after FLUSHALL, and an old load would look new. */
    @Test
    void r8_loadThatOverlapsFlushall_isRefusedAndVersionsGoOn() throws Exception {
        TieredCache<String, String> a = nodes.live("a");
        TieredCache<String, String> b = nodes.live("b");
        for (int i = 0; i < ROUNDS / 4; i++) {
            String key = "k" + i;
            b.put("v", "1");
            long version = b.peek("v").version();
            String slow = nodes.overlap(key, "a loading", () -> a.get(key), () -> {
                nodes.redis.command("FLUSHALL");
                Nodes.soon(
                        () -> { // until the feed has told b, its values have the version of a clearing that is gone
                            b.put("v", "2");
                            return b.peek("v").version() > version;
                        });
            });
            assertThat(slow).isEqualTo("old");
            assertThat(b.get(key)).as("round %d", i).isEqualTo("new");
            assertThat(a.get(key)).as("round %d", i).isEqualTo("new");
        }
    }

    /** Redis comes back with the values of its snapshot; what was dropped while it was away is dropped before anybody asks. */
    @Test
    void r8_valueThatComesBackFromASnapshot_isRemovedBeforeTheFeedIsLive() {
        TieredCache<String, String> a = nodes.live("a");
        TieredCache<String, String> b = nodes.live("b");
        nodes.source.putAll(Nodes.keys(50, "old"));
        a.getAll(nodes.source.keySet());
        nodes.redis.command("SAVE");

        long losses = a.stats().feedLosses();
        nodes.redis.kill();
        Nodes.awaitLoss(a, losses);
        nodes.source.putAll(Nodes.keys(25, "new"));
        a.invalidateAll(Nodes.keys(25, "new").keySet());
        nodes.redis.start();
        Nodes.awaitLive(a);

        assertThat(nodes.redis.command("EXISTS", "users:{k40}"))
                .as("the snapshot")
                .isEqualTo(1L);
        assertThat(a.stats().pendingWrites()).isZero();
        assertThat(a.getAll(nodes.source.keySet())).isEqualTo(nodes.source);
        Nodes.soon(() -> b.getAll(nodes.source.keySet()).equals(nodes.source));
    }

    private static EntryOptions tagged() {
        return lasting().tags("one", "some {of}% them");
    }

    @Test
    void r9_loadThatOverlapsTheInvalidationOfItsTag_isKeptNowhere() throws Exception {
        overlap("r9-get", tagged(), TieredCache::get, (cache, key) -> cache.invalidateTag("some {of}% them"));
    }

    @Test
    void r9_bulkLoadThatOverlapsTheInvalidationOfItsTag_isKeptNowhere() throws Exception {
        overlap("r9-getAll", tagged(), BULK, (cache, key) -> cache.invalidateTag("one"));
    }

    @Test
    void r9_asyncLoadThatOverlapsTheInvalidationOfItsTag_isKeptNowhere() throws Exception {
        overlap("r9-async", tagged(), ASYNC, (cache, key) -> cache.invalidateTag("one"));
    }

    /** clear() is the tag that every entry has. */
    @Test
    void r9_loadThatOverlapsAClear_isKeptNowhere() throws Exception {
        overlap("r9-clear", tagged(), TieredCache::get, (cache, key) -> cache.clear());
    }

    /** The local level counts what Redis has left, on its own clock, from before it asked. */
    @Test
    void r10_localTtl_endsNoLaterThanTheRemoteOne() {
        AtomicLong time = new AtomicLong(Long.MAX_VALUE - 5); // and it may overflow
        EntryOptions exact = EntryOptions.of(Duration.ofMinutes(2)).jitter(0);
        TieredCache<String, String> a = nodes.live(nodes.settings("a").entry(exact));
        TieredCache<String, String> b =
                nodes.live(nodes.settings("b").entry(exact).ticker(time::get).maxUnverified(Duration.ofHours(1)));
        a.put("k", "v");
        long most = (Long) nodes.redis.command("PTTL", "users:{k}");
        Nodes.soon(() -> b.get("k") != null && Nodes.holds(b, "k", "v"));
        long least = (Long) nodes.redis.command("PTTL", "users:{k}");

        time.addAndGet(TimeUnit.MILLISECONDS.toNanos(least - 1));
        assertThat(Nodes.holds(b, "k", "v")).isTrue();
        time.addAndGet(TimeUnit.MILLISECONDS.toNanos(most - least + 2));
        assertThat(Nodes.holds(b, "k", "v"))
                .as("Redis' TTL is over on this clock")
                .isFalse();
    }

    /** Clocks that differ by a quarter of an hour and the age of the machine change nothing. */
    @Test
    void r11_nodesWithOtherClocks_agree() {
        long quarter = TimeUnit.MINUTES.toNanos(15);
        TieredCache<String, String> a = nodes.live(nodes.settings("a").ticker(() -> System.nanoTime() + quarter));
        TieredCache<String, String> b = nodes.live(nodes.settings("b").ticker(() -> System.nanoTime() - quarter));
        for (int i = 0; i < ROUNDS / 10; i++) {
            String key = "k" + i;
            nodes.source.put(key, "old");
            a.get(key);
            Nodes.awaitHeld(b, key, "old");
            nodes.source.put(key, "new");
            (i % 2 == 0 ? a : b).invalidate(key);
            Nodes.soon(() -> "new".equals(a.get(key)) && "new".equals(b.get(key)));
        }
        assertThat(a.stats().unverifiedNanos()).isLessThan(quarter);
    }

    /** A TTL that was meant for an older value cannot reach a newer one: value and TTL are one command. */
    @Test
    void r12_refreshedValue_keepsItsOwnTtl() {
        TieredCache<String, String> a = nodes.live("a");
        EntryOptions exact = EntryOptions.of(Duration.ofMillis(200)).jitter(0);
        nodes.redis.command("CONFIG", "RESETSTAT");
        a.put("k", "1", exact);
        a.put("k", "2", exact.ttl(Duration.ofMinutes(5)));
        Nodes.pass(Duration.ofMillis(250));

        assertThat((Long) nodes.redis.command("PTTL", "users:{k}")).isGreaterThan(200_000);
        List<String> commands = new ArrayList<>();
        String.valueOf(nodes.redis.command("INFO", "commandstats")).lines().forEach(commands::add);
        assertThat(commands)
                .noneMatch(line -> line.matches("cmdstat_p?expire(at)?:.*"))
                .anyMatch(line -> line.startsWith("cmdstat_set:"));
    }
}
