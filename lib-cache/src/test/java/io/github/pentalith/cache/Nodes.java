// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.cache.Stops.Stop;
import io.github.pentalith.cache.TieredCache.RemoteState;
import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.testkit.RealRedis;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionTimeoutException;

/** Caches that share a real Redis and a source of truth. What it opened ends with it, and leaves no thread. */
final class Nodes implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(60);
    static final boolean LONG = "long".equals(System.getProperty("pentalith.tests"));

    final RealRedis redis;
    final Map<String, String> source = new ConcurrentHashMap<>();
    final AtomicInteger loads = new AtomicInteger();
    final Stops stops = new Stops();
    final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<TieredCache<?, ?>> open = new ArrayList<>();

    Nodes() {
        this(RealRedis.launch());
    }

    Nodes(RealRedis redis) {
        this.redis = redis;
    }

    /** A node of a name, whose calls to Redis and whose loads can be stopped; a timeout for a busy machine. */
    CacheBuilder<String, String> settings(String node) {
        return settings(node, redis.uri().toString(), Duration.ofSeconds(10));
    }

    CacheBuilder<String, String> settings(String node, String uri, Duration timeout) {
        return settings(node, RedisStore.builder(uri).timeout(timeout).build());
    }

    CacheBuilder<String, String> settings(String node, RemoteStore store) {
        return TieredCache.builder("users", String.class, String.class)
                .remote(stops.in(node, store))
                .entry(EntryOptions.of(Duration.ofMinutes(10)))
                .loader(key -> load(node, key));
    }

    private String load(String node, String key) {
        String value = source.get(key);
        loads.incrementAndGet();
        stops.pass(node + " loading");
        return value;
    }

    TieredCache<String, String> open(CacheBuilder<String, String> settings) {
        TieredCache<String, String> cache = settings.build();
        open.add(cache);
        return cache;
    }

    TieredCache<String, String> live(CacheBuilder<String, String> settings) {
        TieredCache<String, String> cache = open(settings);
        awaitLive(cache);
        return cache;
    }

    TieredCache<String, String> live(String node) {
        return live(settings(node));
    }

    static void awaitLive(TieredCache<?, ?> cache) {
        soon(() -> cache.stats().remoteState() == RemoteState.LIVE);
    }

    static boolean holds(TieredCache<String, String> cache, String key, String value) {
        Lookup<String> lookup = cache.peek(key);
        return lookup.source() == Lookup.Source.LOCAL && value.equals(lookup.value());
    }

    /** Looks until the local level has it. */
    static void awaitHeld(TieredCache<String, String> cache, String key, String value) {
        soon(() -> holds(cache, key, value));
    }

    /** Reads until the local level has it: the echo of the own fill may remove it once. */
    static void awaitHeldAfterGet(TieredCache<String, String> cache, String key, String value) {
        soon(() -> value.equals(cache.get(key)) && holds(cache, key, value));
    }

    /** Waits until the feed of a cache has told of something more than it had. */
    static void awaitHeard(TieredCache<?, ?> cache, long before) {
        soon(() -> cache.stats().invalidationsReceived() > before);
    }

    /** Waits until a cache knows that its feed was cut. */
    static void awaitLoss(TieredCache<?, ?> cache, long before) {
        soon(() -> cache.stats().feedLosses() > before);
    }

    /**
     * Whether the machine never stood still so long that a feed was taken for dead or a call ran into its timeout; then
     * more loads than one, and values that go another way, are right.
     */
    static boolean undisturbed(TieredCache<?, ?>... caches) {
        return Arrays.stream(caches)
                .map(TieredCache::stats)
                .allMatch(stats -> stats.feedLosses() == 0 && stats.remoteFailures() == 0);
    }

    /** Waits for what is a matter of microseconds, usually. */
    static void soon(Callable<Boolean> condition) {
        await().pollInterval(Duration.ofMillis(1))
                .pollDelay(Duration.ZERO)
                .atMost(PATIENCE)
                .until(condition);
    }

    /** What a server answers, as text; a sentinel that promotes a replica has it cut every connection. */
    static String reply(RealRedis server, String... words) {
        try {
            return String.valueOf(server.command(words));
        } catch (UncheckedIOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    static void pass(Duration time) {
        long begin = System.nanoTime();
        soon(() -> System.nanoTime() - begin > time.toNanos());
    }

    <T> Future<T> start(Callable<T> work) {
        return threads.submit(work);
    }

    /** What a test does between two others. */
    interface Step {
        void run() throws Exception;
    }

    /** Begins some work, stops it at a point of its life, does a step, and lets the work end. */
    <T> T whileStopped(String point, Callable<T> work, Step step) throws Exception {
        Stop stop = stops.at(point);
        Future<T> stopped = start(work);
        stop.awaitReached();
        step.run();
        stop.release();
        return stopped.get();
    }

    /** The same for a reader of a key that came when the value was old; while it is stopped, the value becomes new. */
    <T> T overlap(String key, String point, Callable<T> reading, Step step) throws Exception {
        source.put(key, "old");
        return whileStopped(point, reading, () -> {
            source.put(key, "new");
            step.run();
        });
    }

    /** One round of many, which needs that the feed of a node tells. */
    interface Round {
        void run(int number) throws Exception;
    }

    /** Rounds in which a message must come; one during which a feed was lost, as the machine stood still, is repeated. */
    static void rounds(int count, TieredCache<?, ?> hearing, Round round) throws Exception {
        int lost = 0;
        for (int i = 0; i < count; i++) {
            long losses = hearing.stats().feedLosses();
            try {
                round.run(i + lost * count); // with another key
            } catch (AssertionError | ConditionTimeoutException e) {
                if (hearing.stats().feedLosses() == losses || ++lost > 3) {
                    throw e;
                }
                awaitLive(hearing);
                i--;
            }
        }
    }

    /** The keys k0 to k(n-1), all with one value. */
    static Map<String, String> keys(int n, String value) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (int i = 0; i < n; i++) {
            keys.put("k" + i, value);
        }
        return keys;
    }

    @Override
    public void close() {
        stops.releaseAll();
        open.forEach(TieredCache::close);
        threads.shutdownNow();
        redis.close();
        assertNoThreads();
    }

    static void assertNoThreads() {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .as("threads after close")
                        .noneMatch(thread -> thread.getName().startsWith("pentalith-cache") && thread.isAlive()));
    }
}
