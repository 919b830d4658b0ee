// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.cache.redis.RedisStore;
import io.github.pentalith.testkit.RealRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What the kernel counts of this process before and after many lives of a cache. */
@EnabledOnOs(OS.LINUX) // has /proc
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LeaksIT {
    private static final int CYCLES = Nodes.LONG ? 5_000 : 200;

    private record Held(long threads, long sockets, long children) {
        static Held now() throws IOException {
            long ours = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("pentalith-cache"))
                    .count();
            return new Held(
                    ours, openSockets(), ProcessHandle.current().children().count());
        }

        /** Processes of other tests may end meanwhile. */
        boolean isNoMoreThan(Held other) {
            return threads <= other.threads && sockets <= other.sockets && children <= other.children;
        }

        private static long openSockets() throws IOException {
            try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
                long count = 0;
                for (Path descriptor : descriptors.toList()) {
                    try {
                        count += Files.readSymbolicLink(descriptor).toString().startsWith("socket:") ? 1 : 0;
                    } catch (NoSuchFileException e) {
                        // the listing's own
                    }
                }
                return count;
            }
        }
    }

    private static long kernelThreads() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.count();
        }
    }

    private static void live(RealRedis redis, int cycle) {
        RedisStore store = RedisStore.builder(redis.uri().toString())
                .timeout(Duration.ofSeconds(10))
                .build();
        try (TieredCache<String, String> cache = TieredCache.builder("users", String.class, String.class)
                .remote(store)
                .loader(key -> key + "!")
                .build()) {
            if (cycle % 4 == 1) {
                Nodes.awaitLive(cache); // else the feed may be anywhere between its connection and its first heartbeat
            }
            if (cycle % 2 == 1) {
                assertThat(cache.get("k" + cycle)).isEqualTo("k" + cycle + "!");
                cache.invalidate("k" + cycle);
            }
        }
    }

    @Test
    void caches_openedAndClosedManyTimes_leaveNothing() throws Exception {
        try (RealRedis redis = RealRedis.launch()) {
            for (int i = 0; i < 8; i++) {
                live(redis, i);
            }
            Held before = Held.now();
            long tasks = kernelThreads();
            long clients = clients(redis);
            for (int i = 0; i < CYCLES; i++) {
                live(redis, i);
            }
            Nodes.soon(() -> Held.now().isNoMoreThan(before));
            Held after = Held.now();
            System.out.printf(
                    "%d cycles: %s -> %s, kernel threads %d -> %d%n", CYCLES, before, after, tasks, kernelThreads());
            assertThat(after.threads()).isZero();
            assertThat(kernelThreads())
                    .as("of the JVM, which has some of its own")
                    .isLessThan(tasks + 10);
            Nodes.soon(() -> clients(redis) <= clients);
        }
    }

    /** What the server holds for us. */
    private static long clients(RealRedis redis) {
        List<String> lines =
                String.valueOf(redis.command("CLIENT", "LIST")).lines().toList();
        return lines.size();
    }

    /** With a server that is frozen, and with none. */
    @Test
    void caches_closedWhileRedisIsAway_leaveNothing() throws Exception {
        try (RealRedis redis = RealRedis.launch()) {
            live(redis, 1);
            Held before = Held.now();
            for (boolean frozen : List.of(true, false)) {
                if (frozen) {
                    redis.pause();
                } else {
                    redis.kill();
                }
                for (int i = 0; i < 10; i++) {
                    try (TieredCache<String, String> cache = TieredCache.builder("users", String.class, String.class)
                            .remote(RedisStore.builder(redis.uri().toString())
                                    .timeout(Duration.ofMillis(50))
                                    .build())
                            .loader(key -> key + "!")
                            .build()) {
                        assertThat(cache.get("k")).isEqualTo("k!");
                        cache.invalidate("k");
                    }
                }
                if (frozen) {
                    redis.resume();
                }
            }
            redis.start();
            Nodes.soon(() -> Held.now().isNoMoreThan(before));
        }
    }
}
