// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.cache.Stops.Stop;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

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
        String read(TieredCache<String, String> cache, String key);
    }

    private interface Dropping {
        void drop(TieredCache<String, String> cache, String key);
    }

    /** Stops a read on a at every point of its life, drops the key on a or b meanwhile, and counts who is stale. */
    private void overlap(String race, Reading reading, Dropping dropping) throws Exception {
        TieredCache<String, String> a = nodes.live("a");
        TieredCache<String, String> b = nodes.live("b");
        List<String> points = List.of("a before fetch", "a after fetch", "a loading", "a before fill", "a after fill");
        int staleOnA = 0;
        int staleOnB = 0;
        for (int i = 0; i < ROUNDS; i++) {
            String key = race + i;
            nodes.source.put(key, "old");
            Stop stop = nodes.stops.at(points.get(i % points.size()));
            Future<String> slow = nodes.start(() -> reading.read(a, key));
            stop.awaitReached();
            nodes.source.put(key, "new");
            dropping.drop(i / points.size() % 2 == 0 ? a : b, key);
            stop.release();
            assertThat(slow.get()).isIn("old", "new");
            staleOnA += "new".equals(a.get(key)) ? 0 : 1;
            staleOnB += "new".equals(b.get(key)) ? 0 : 1;
        }
        System.out.printf("%s: stale %d/%d on a, %d/%d on b%n", race, staleOnA, ROUNDS, staleOnB, ROUNDS);
        assertThat(staleOnA).isZero();
        assertThat(staleOnB).isZero();
        assertThat(a.stats().remoteRefused()).isGreaterThanOrEqualTo(ROUNDS / 5 * 2);
    }

    @Test
    void r1_loadThatOverlapsAnInvalidation_isKeptNowhere() throws Exception {
        overlap("r1-get", TieredCache::get, TieredCache::invalidate);
    }

    @Test
    void r1_bulkLoadThatOverlapsAnInvalidation_isKeptNowhere() throws Exception {
        overlap("r1-getAll", (cache, key) -> cache.getAll(List.of(key, "other")).get(key), TieredCache::invalidate);
    }

    @Test
    void r1_loadThatOverlapsAPut_doesNotReplaceIt() throws Exception {
        overlap("r1-put", TieredCache::get, (cache, key) -> cache.put(key, "new"));
    }

    @Test
    void r1_loadThatOverlapsARestartOfRedis_isRefused() throws Exception {
        TieredCache<String, String> a = nodes.live("a");
        nodes.source.put("k", "old");
        Stop stop = nodes.stops.at("a loading");
        Future<String> slow = nodes.start(() -> a.get("k"));
        stop.awaitReached();
        nodes.redis.kill();
        nodes.redis.start();
        nodes.source.put("k", "new");
        a.invalidate("k");
        stop.release();
        assertThat(slow.get()).isEqualTo("old");
        assertThat(a.get("k")).isEqualTo("new");
        Nodes.soon(() -> a.stats().pendingWrites() == 0);
        assertThat(a.get("k")).isEqualTo("new");
    }

    /** A reader has the old value of Redis in hand when the key is dropped elsewhere. */
    @Test
    void r2_staleFillOfTheLocalLevel_isRefusedOrRemoved() throws Exception {
        TieredCache<String, String> a = nodes.live("a");
        TieredCache<String, String> b = nodes.live("b");
        for (int i = 0; i < ROUNDS; i++) {
            String key = "k" + i;
            String told = "a after changed users:{" + key + "}";
            Stop stored = nodes.stops.at(told);
            b.put(key, "old");
            stored.awaitReached();
            stored.release();
            Stop stop = nodes.stops.at("a after fetch");
            Future<String> slow = nodes.start(() -> a.get(key));
            stop.awaitReached();
            nodes.source.put(key, "new");
            Stop dropped = nodes.stops.at(told);
            b.invalidate(key);
            if (i % 2 == 0) {
                dropped.awaitReached(); // then the guard has moved; else the removal may come after the insertion
            }
            stop.release();
            assertThat(slow.get()).isEqualTo("old");
            dropped.awaitReached();
            dropped.release();
            assertThat(a.get(key)).as("round %d", i).isEqualTo("new");
            assertThat(b.get(key)).isEqualTo("new");
        }
        assertThat(a.stats().localRefused()).isBetween(ROUNDS / 2L, (long) ROUNDS);
    }

    /** The old value comes on one connection, the message about its end on another, and later. */
    @Test
    void r3_messageThatIsOvertakenByTheReply_stillRemovesIt() throws Exception {
        TieredCache<String, String> a = nodes.live("a");
        TieredCache<String, String> b = nodes.live("b");
        for (int i = 0; i < ROUNDS / 10; i++) {
            String key = "k" + i;
            nodes.source.put(key, "new");
            long heard = a.stats().invalidationsReceived();
            b.put(key, "old");
            Nodes.awaitHeard(a, heard);
            Stop reply = nodes.stops.at("a after fetch");
            Stop message = nodes.stops.at("a before changed users:{" + key + "}");
            Future<String> slow = nodes.start(() -> a.get(key));
            reply.awaitReached();
            b.put(key, "new");
            message.awaitReached();
            reply.release();
            assertThat(slow.get()).isEqualTo("old");
            if (i % 10 == 0) { // the message never comes: the bound ends it
                Nodes.soon(() -> "new".equals(a.get(key)));
            }
            heard = a.stats().invalidationsReceived();
            message.release();
            Nodes.awaitHeard(a, heard);
            Nodes.soon(() -> "new".equals(a.get(key)));
        }
    }

    /** Commits 1, 2; the invalidations arrive 2, 1, with readers between. */
    @Test
    void r4_twoWritersWhoseInvalidationsAreSwapped_endWithTheSecondCommit() throws Exception {
        TieredCache<String, String> a = nodes.live("a");
        TieredCache<String, String> b = nodes.live("b");
        for (int i = 0; i < ROUNDS; i++) {
            String key = "k" + i;
            nodes.source.put(key, "0");
            a.get(key);
            nodes.source.put(key, "1");
            Stop first = nodes.stops.at("a before invalidate");
            Future<?> late = nodes.start(() -> {
                a.invalidate(key);
                return null;
            });
            first.awaitReached();
            if (i % 2 == 0) {
                b.get(key);
            }
            nodes.source.put(key, "2");
            b.invalidate(key);
            if (i % 3 == 0) {
                b.get(key);
            }
            first.release();
            late.get();
            assertThat(b.get(key)).as("round %d", i).isEqualTo("2");
            assertThat(a.get(key)).as("round %d", i).isEqualTo("2");
        }
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
            Nodes.soon(() -> a.get(key).equals(b.get(key))
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
                assertThat(a.stats().feedLosses()).isGreaterThan(losses);

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
            nodes.source.put(key, "old");
            Stop stop = nodes.stops.at("a loading");
            Future<String> slow = nodes.start(() -> a.get(key));
            stop.awaitReached();
            nodes.source.put(key, "new");
            nodes.redis.command("FLUSHALL");
            Nodes.soon(
                    () -> { // until the feed has told b, its values have the version of a clearing that is gone
                        b.put("v", "2");
                        return b.peek("v").version() > version;
                    });
            stop.release();
            assertThat(slow.get()).isEqualTo("old");
            assertThat(b.get(key)).as("round %d", i).isEqualTo("new");
            assertThat(a.get(key)).as("round %d", i).isEqualTo("new");
        }
    }

    /** Redis comes back with the values of its snapshot; what was dropped while it was away is dropped before anybody asks. */
    @Test
    void r8_valueThatComesBackFromASnapshot_isRemovedBeforeTheFeedIsLive() {
        TieredCache<String, String> a =
                nodes.live(nodes.settings("a", nodes.redis.uri().toString(), Duration.ofSeconds(1)));
        TieredCache<String, String> b = nodes.live("b");
        nodes.source.putAll(Nodes.keys(50, "old"));
        a.getAll(nodes.source.keySet());
        nodes.redis.command("SAVE");

        nodes.redis.kill();
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

    /** clear() is the tag that every entry has. */
    @Test
    void r9_loadThatOverlapsAClear_isKeptNowhere() throws Exception {
        TieredCache<String, String> a = nodes.live("a");
        TieredCache<String, String> b = nodes.live("b");
        for (int i = 0; i < ROUNDS; i++) {
            String key = "k" + i;
            TieredCache<String, String> clearing = i % 2 == 0 ? a : b;
            nodes.source.put(key, "old");
            Stop stop = nodes.stops.at("a loading");
            Future<String> slow = nodes.start(() -> a.get(key));
            stop.awaitReached();
            nodes.source.put(key, "new");
            clearing.clear();
            stop.release();
            assertThat(slow.get()).isEqualTo("old");
            assertThat(clearing.get(key)).as("who cleared, round %d", i).isEqualTo("new");
            Nodes.soon(() -> "new".equals(a.get(key)) && "new".equals(b.get(key))); // when the feed has told
        }
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

    /** No wall clock is read anywhere: neither skew nor a step can matter. */
    @Test
    void r11_mainCode_readsNoWallClock() throws Exception {
        List<String> calls = new ArrayList<>();
        Path main = Path.of(TieredCache.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(main)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                new ClassReader(Files.readAllBytes(file)).accept(new Calls(calls), ClassReader.SKIP_DEBUG);
            }
        }
        assertThat(calls)
                .contains("java/lang/System.nanoTime")
                .doesNotContain("java/lang/System.currentTimeMillis", "java/time/Instant.now")
                .noneMatch(call -> call.startsWith("java/time/Clock.") || call.startsWith("java/util/Date."));
    }

    private static final class Calls extends ClassVisitor {
        private final List<String> calls;

        Calls(List<String> calls) {
            super(Opcodes.ASM9);
            this.calls = calls;
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] errors) {
            return new MethodVisitor(Opcodes.ASM9) {
                @Override
                public void visitMethodInsn(int code, String owner, String called, String type, boolean ofInterface) {
                    calls.add(owner + "." + called);
                }

                @Override
                public void visitInvokeDynamicInsn(String called, String type, Handle factory, Object... constants) {
                    for (Object constant : constants) {
                        if (constant instanceof Handle handle) {
                            calls.add(handle.getOwner() + "." + handle.getName());
                        }
                    }
                }
            };
        }
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
