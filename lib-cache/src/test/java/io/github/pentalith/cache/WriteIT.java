// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Versions, writing through and write intents on a real Redis. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WriteIT extends RedisNodes {
    private final List<Long> versions = Collections.synchronizedList(new ArrayList<>());

    private TieredCache<String, String> throughNode() {
        return liveNode(settings().writer(this::write));
    }

    private void write(String key, String value, long version) {
        versions.add(version);
        if (value == null) {
            source.remove(key);
        } else {
            source.put(key, value);
        }
    }

    @Test
    void r4_writersThatSawTheSameVersion_doNotOverwriteEachOther() {
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();
        assertThat(a.replaceIfVersion("k", a.peek("k").version(), "1")).isTrue();
        assertThat(b.replaceIfVersion("k", 0, "none was there")).isFalse();
        long seen = b.peek("k").version();

        assertThat(a.replaceIfVersion("k", seen, "2")).isTrue();
        assertThat(b.replaceIfVersion("k", seen, "late")).isFalse();

        assertThat(a.get("k")).isEqualTo("2");
        awaitHeld(b, "k", "2");
        assertThat(b.peek("k").version()).isGreaterThan(seen);
        b.invalidate("k");
        assertThat(a.replaceIfVersion("k", seen, "late")).isFalse();
        redis.kill();
        assertThatThrownBy(() -> a.replaceIfVersion("k", seen, "3")).isInstanceOf(RuntimeException.class);
    }

    @Test
    void replaceIfVersion_withAWriter_writesOnce() throws Exception {
        TieredCache<String, String> a = throughNode();
        TieredCache<String, String> b = throughNode();
        a.put("k", "0");
        long seen = a.peek("k").version();
        assertThat(seen).isEqualTo(versions.get(0));
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            TieredCache<String, String> node = i % 2 == 0 ? a : b;
            String value = "v" + i;
            all.add(threads.submit(() -> {
                start.await();
                return node.replaceIfVersion("k", seen, value);
            }));
        }
        start.countDown();
        int won = 0;
        for (Future<Boolean> each : all) {
            won += each.get() ? 1 : 0;
        }
        assertThat(won).isEqualTo(1);
        assertThat(versions).hasSize(2);
        Nodes.soon(() -> source.get("k").equals(a.get("k")) && source.get("k").equals(b.get("k")));
    }

    @Test
    void replaceIfVersion_checksItsArguments() {
        TieredCache<String, String> small = node(settings().maximumValueBytes(30));
        assertThatThrownBy(() -> small.replaceIfVersion("k", -1, "v"))
                .hasMessage("version must be in range: version=-1 (expected: 0 for none, or what peek told)");
        assertThatThrownBy(() -> small.replaceIfVersion("k", 0, "v".repeat(31)))
                .hasMessage("value must fit the remote level: cache=users (expected: encodable, at most 30 bytes)");
        assertThat(small.stats().encodeFailures()).isEqualTo(1);
    }

    @Test
    void put_withAWriter_reachesTheSourceAndAllNodes() {
        TieredCache<String, String> a = throughNode();
        TieredCache<String, String> b = throughNode();
        a.put("k", "1");
        awaitHeld(b, "k", "1");
        a.put("k", "2");
        assertThat(source).containsEntry("k", "2");
        assertThat(a.get("k")).isEqualTo("2");
        Nodes.soon(() -> "2".equals(b.get("k")));
        assertThat(loads).hasValue(0);
        b.remove("k");
        assertThat(source).doesNotContainKey("k");
        Nodes.soon(() -> a.get("k") == null);
        assertThat(versions).isSorted().doesNotHaveDuplicates();
        assertThat(a.stats().writes() + b.stats().writes()).isEqualTo(3);
    }

    /** The source takes 1 and then 2, but who wrote 1 is told later. */
    @Test
    void r4_writesThatOverlap_endWithWhatTheSourceHas() throws Exception {
        TieredCache<String, String> slow = throughNode();
        TieredCache<String, String> quick = throughNode();
        for (int i = 0; i < 100; i++) {
            String key = "k" + i;
            boolean swapped = i % 2 == 0;
            WriteIntent<String, String> first = slow.beginWrite(key);
            if (swapped) {
                quick.put(key, "2");
                source.put(key, "1");
            } else {
                source.put(key, "1");
                quick.put(key, "2");
            }
            assertThat(first.store("1")).as("overlapped").isFalse();
            String truth = swapped ? "1" : "2";
            assertThat(quick.get(key)).as("key %s", key).isEqualTo(truth);
            assertThat(slow.get(key)).as("key %s", key).isEqualTo(truth);
        }
    }

    /** Many writers of few keys on both nodes; the source orders by version. */
    @Test
    void r4_manyWriters_leaveTheLastCommitEverywhere() throws Exception {
        AtomicInteger next = new AtomicInteger();
        CacheWriter<String, String> writer = (key, value, version) -> {
            Thread.yield();
            source.put(key, String.valueOf(value));
        };
        TieredCache<String, String> a = liveNode(settings().writer(writer));
        TieredCache<String, String> b = liveNode(settings().writer(writer));
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            TieredCache<String, String> node = t % 2 == 0 ? a : b;
            all.add(threads.submit(() -> {
                for (int i = 0; i < (Nodes.LONG ? 20_000 : 500); i++) {
                    String key = "k" + ThreadLocalRandom.current().nextInt(4);
                    node.put(key, "v" + next.incrementAndGet());
                    String unused = node.get(key);
                }
            }));
        }
        for (Future<?> each : all) {
            each.get();
        }
        source.forEach((key, value) -> {
            Nodes.soon(() -> value.equals(a.get(key)));
            Nodes.soon(() -> value.equals(b.get(key)));
        });
    }

    /** R6 and R7: between its begin and its end nothing is cached, wherever the load began. */
    @Test
    void r6_loadsDuringAWrite_areKeptNowhere() throws Exception {
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();
        source.put("k", "old");
        awaitHeldBy(a, "k", "old");
        awaitHeldBy(b, "k", "old");
        try (WriteIntent<String, String> intent = a.beginWrite("k")) {
            assertThat(intent.version()).isPositive();
            Nodes.soon(() -> b.peek("k").source() == Lookup.Source.ABSENT);
            assertThat(b.get("k")).isEqualTo("old"); // it is still true
            assertThat(b.getAll(List.of("k"))).containsEntry("k", "old");
            assertThat(a.get("k")).isEqualTo("old");
            assertThat(b.peek("k").known()).isFalse();
            b.put("k", "a put of old");
            assertThat(b.peek("k").known()).isFalse();
            String slow = nodes.overlap(
                    "k",
                    "node loading",
                    () -> b.get("k"),
                    () -> assertThat(intent.store("new")).isTrue());
            assertThat(slow).isEqualTo("old");
            assertThatThrownBy(() -> intent.store("twice")).isInstanceOf(IllegalStateException.class);
        }
        assertThat(a.get("k")).isEqualTo("new");
        assertThat(b.get("k")).isEqualTo("new");
        awaitHeld(b, "k", "new");
    }

    @Test
    void r7_writerThatDiesAfterItsCommit_leavesNothingOldBehind() {
        TieredCache<String, String> a = liveNode(settings().writeTimeout(Duration.ofMillis(300)));
        TieredCache<String, String> b = liveNode();
        source.put("k", "old");
        awaitHeldBy(b, "k", "old");
        WriteIntent<String, String> lost = a.beginWrite("k");
        source.put("k", "new"); // and the process dies
        Nodes.soon(() -> "new".equals(b.get("k")));
        Nodes.soon(() -> {
            String unused = b.get("k");
            return b.peek("k").source() == Lookup.Source.LOCAL;
        });
        assertThat(b.get("k")).isEqualTo("new");
        assertThat(lost.store("late")).as("its time is over").isFalse();
        Nodes.soon(() -> "new".equals(b.get("k")));
    }

    @Test
    void writeThatFails_leavesTheOldValueLoadable() {
        TieredCache<String, String> a = node(settings().writer((key, value, version) -> {
            throw new IOException("disk full");
        }));
        awaitLive(a);
        source.put("k", "old");
        awaitHeldBy(a, "k", "old");
        assertThatThrownBy(() -> a.put("k", "new"))
                .isInstanceOf(CacheWriteException.class)
                .hasMessage("cache users: the write failed: java.io.IOException: disk full")
                .satisfies(e -> assertThat(((CacheWriteException) e).name()).isEqualTo("users"));
        assertThat(a.get("k")).isEqualTo("old");
        awaitHeldBy(a, "k", "old");
        assertThat(a.stats().writeFailures()).isEqualTo(1);
    }

    @Test
    void writesWhileRedisIsAway_areWrittenAndOwed_orRefusedIfStrict() {
        TieredCache<String, String> a = liveNode(settings(hasty()).writer(this::write));
        TieredCache<String, String> strict =
                liveNode(settings(hasty()).writer(this::write).strictWrites(true));
        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> strict.put("k", "1"));
        versions.clear();
        a.put("k", "1");
        redis.pause();
        assertThatThrownBy(() -> strict.put("k", "never")).isInstanceOf(RuntimeException.class);
        assertThat(source).containsEntry("k", "1");
        a.put("k", "2");
        assertThat(source).containsEntry("k", "2");
        assertThat(versions.get(1)).isZero();
        assertThat(a.get("k")).isEqualTo("2");
        assertThat(a.stats().pendingWrites()).isEqualTo(1);
        redis.resume();
        Nodes.soon(() -> a.stats().pendingWrites() == 0);
        assertThat(a.get("k")).isEqualTo("2");
    }
}
