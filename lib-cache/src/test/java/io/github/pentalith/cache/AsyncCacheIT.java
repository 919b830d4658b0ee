// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pentalith.cache.Stops.Stop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The asynchronous view and early refreshes on a real Redis. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AsyncCacheIT extends RedisNodes {
    private static <T> T value(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    @Test
    void manyCalls_onTwoNodes_loadEachKeyOnceWithoutAThreadEach() throws Exception {
        TieredCache<String, String> a = node(settings().maximumLoads(4));
        TieredCache<String, String> b = node(settings().maximumLoads(4));
        awaitLive(a);
        awaitLive(b);
        int keys = 100;
        for (int i = 0; i < keys; i++) {
            source.put("k" + i, "v" + i);
        }
        List<CompletableFuture<String>> all = new ArrayList<>();
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < keys; i++) {
                all.add((round % 2 == 0 ? a : b).async().get("k" + i));
            }
        }
        for (int i = 0; i < all.size(); i++) {
            assertThat(value(all.get(i))).isEqualTo("v" + i % keys);
        }
        assertThat(loads).hasValue(keys);
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().equals("pentalith-cache-worker"))
                .hasSizeLessThanOrEqualTo(8);
        assertThat(value(a.async().getAll(List.of("k1", "k2")))).hasSize(2);
    }

    @Test
    void callerBehindAnotherProcess_waitsWithoutAThreadAndGetsItsValue() throws Exception {
        TieredCache<String, String> a = liveNode();
        TieredCache<String, String> b = liveNode();
        Stop load = nodes.stops.at("slow");
        CompletableFuture<String> first = a.async().get("k", key -> {
            nodes.stops.pass("slow");
            return "theirs";
        });
        load.awaitReached();
        CompletableFuture<String> second = b.async().get("k");
        CompletableFuture<String> third = b.async().get("k");
        load.release();
        assertThat(value(first)).isEqualTo("theirs");
        assertThat(value(second)).isEqualTo("theirs");
        assertThat(value(third)).isEqualTo("theirs");
        redis.command("SET", "~users:{l}", "1", "PX", "60000");
        TieredCache<String, String> hasty = node(settings().loadTimeout(Duration.ofMillis(100)));
        assertThatThrownBy(() -> value(hasty.async().get("l"))).hasCauseInstanceOf(CacheTimeoutException.class);
    }

    @Test
    void lookUps_staleValuesAndInvalidations_goTogether() throws Exception {
        EntryOptions brief = EntryOptions.of(Duration.ofMillis(50))
                .staleFor(Duration.ofMinutes(5))
                .jitter(0);
        TieredCache<String, String> a = node(settings().entry(brief));
        TieredCache<String, String> plain =
                node(TieredCache.builder("users", String.class, String.class).remote(store()));
        awaitLive(a);
        a.put("k", "v");
        a.put("l", "w", EntryOptions.of(Duration.ofMinutes(5)));
        assertThat(value(plain.async().get("l"))).isEqualTo("w");
        assertThat(value(plain.async().get("none"))).isNull();
        Nodes.soon(() -> a.peek("k").stale());
        redis.command("SET", "~users:{k}", "1", "PX", "60000"); // another process refreshes
        assertThat(value(a.async().get("k"))).isEqualTo("v");
        List<CompletableFuture<?>> dropped =
                List.of(a.async().invalidate("k"), a.async().invalidate("l"));
        for (CompletableFuture<?> each : dropped) {
            Object unused = value(each);
        }
        assertThat(plain.peek("k").known() || plain.peek("l").known()).isFalse();
    }

    @Test
    void keyThatCannotBeWritten_failsItsCallAndLeavesNothingBehind() throws Exception {
        Codec<String> picky = new Codec<>() {
            private final Codec<String> text = Codec.of(String.class);

            @Override
            public int id() {
                return text.id();
            }

            @Override
            public int schema() {
                return text.schema();
            }

            @Override
            public byte[] encode(String value) {
                if (value.equals("bad") && loads.get() == 0) {
                    throw new IllegalArgumentException("not this key");
                }
                return text.encode(value);
            }

            @Override
            public String decode(java.nio.ByteBuffer bytes) {
                return text.decode(bytes);
            }
        };
        TieredCache<String, String> a = node(settings().codecs(picky, Codec.of(String.class)));
        assertThatThrownBy(() -> value(a.async().get("bad"))).hasRootCauseMessage("not this key");
        loads.set(1);
        source.put("bad", "v");
        assertThat(value(a.async().get("bad"))).isEqualTo("v");
    }

    @Test
    void refreshAhead_isDoneByOneNodeForAll() {
        EntryOptions eager = EntryOptions.of(Duration.ofMinutes(10)).jitter(0).refreshAhead(0.999_99);
        TieredCache<String, String> a = node(settings().entry(eager));
        TieredCache<String, String> b = node(settings().entry(eager));
        awaitLive(a);
        awaitLive(b);
        source.put("k", "1");
        assertThat(a.get("k")).isEqualTo("1");
        source.put("k", "2");
        Nodes.soon(() -> "2".equals(a.get("k")) && "2".equals(b.get("k")));
        assertThat(a.stats().refreshes() + b.stats().refreshes()).isPositive();
        assertThat(a.stats().misses() + b.stats().misses()).isEqualTo(1);
    }

    /** The old value is in the remote level: who does not hold it himself is not to wait for a slow load. */
    @Test
    void refreshThatTakesItsTime_isWaitedForByNobody() throws Exception {
        EntryOptions eager = EntryOptions.of(Duration.ofMinutes(10)).jitter(0).refreshAhead(0.999_999_9);
        TieredCache<String, String> a = liveNode(settings().entry(eager).maximumSize(0));
        a.put("k", "old");
        source.put("k", "new");
        Stop load = nodes.stops.at("node loading");
        Nodes.soon(() -> a.get("k") != null && load.isReached());
        assertThat(a.get("k")).isEqualTo("old");
        assertThat(a.getAll(List.of("k"))).containsEntry("k", "old");
        assertThat(value(a.async().get("k"))).isEqualTo("old");
        assertThat(loads).hasValue(1);
        load.release();
        Nodes.soon(() -> "new".equals(a.get("k")));
    }

    @Test
    void conditionalLoad_seesTheValueThatRedisKept() {
        EntryOptions brief = EntryOptions.of(Duration.ofMillis(50))
                .staleFor(Duration.ofMinutes(5))
                .jitter(0);
        CacheLoader<String, String> conditional = new CacheLoader<>() {
            @Override
            public String load(String key) {
                throw new AssertionError("not this one");
            }

            @Override
            public String load(String key, LoadContext<String> context) {
                context.options(context.options().ttl(Duration.ofMinutes(10)).localTtl(Duration.ofMinutes(10)));
                return context.unchanged();
            }
        };
        TieredCache<String, String> a = node(settings().entry(brief));
        TieredCache<String, String> b = node(settings().entry(brief));
        awaitLive(a);
        awaitLive(b);
        a.put("k", "v");
        Nodes.soon(
                () -> { // a local level takes a value for stale up to a millisecond before Redis does
                    assertThat(b.get("k", conditional)).isEqualTo("v");
                    return b.stats().loads() > 0;
                });
        Nodes.soon(() -> a.peek("k").known() && !a.peek("k").stale());
    }
}
