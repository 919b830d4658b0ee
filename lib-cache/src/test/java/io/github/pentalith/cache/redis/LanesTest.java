// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.testkit.RealRedis;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** Many threads on few connections, of whom all but one wait without a timer: none may be forgotten. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LanesTest {
    private static final int THREADS = 12;

    private RealRedis redis;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    @BeforeEach
    void launch() {
        redis = RealRedis.launch();
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        redis.close();
    }

    private Lanes lanes(int connections, Duration timeout) {
        return new Lanes(Server.of(redis.uri(), timeout, null), connections);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private <T> List<Future<T>> everyThread(Callable<T> task) {
        List<Future<T>> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            all.add(threads.submit(task));
        }
        return all;
    }

    @Test
    void callAndRead_manyThreadsOnOneConnection_giveEachItsOwn() throws Exception {
        Lanes lanes = lanes(1, Duration.ofSeconds(20));
        for (Future<Integer> each : everyThread(() -> {
            int right = 0;
            String name = Thread.currentThread().getName();
            for (int i = 0; i < 200; i++) {
                byte[] value = bytes(name + i);
                List<Object> set = lanes.call(List.of(
                        Command.of(Protocol.Command.SET, bytes(name), value),
                        Command.of(Protocol.Command.GET, bytes(name))));
                byte[] read = lanes.read(List.of(bytes("absent"), bytes(name)))
                        .stored()
                        .get(1);
                right += Arrays.equals((byte[]) set.get(1), value) && Arrays.equals(read, value) ? 1 : 0;
            }
            return right;
        })) {
            assertThat(each.get()).isEqualTo(200);
        }
        lanes.close();
    }

    @Test
    void read_serverThatStands_failsAllWhoWait() throws Exception {
        Lanes lanes = lanes(1, Duration.ofMillis(300));
        await().atMost(Duration.ofSeconds(60)) // a busy machine may need more than one try
                .ignoreExceptions()
                .until(() -> lanes.read(List.of(bytes("k"))).stored().size() == 1);
        redis.pause();
        for (Future<Values> each : everyThread(() -> lanes.read(List.of(bytes("k"))))) {
            assertThat(failure(each)).isInstanceOf(JedisConnectionException.class);
        }
        redis.resume();
        Lanes patient = lanes(1, Duration.ofSeconds(20));
        for (Future<Values> each : everyThread(() -> patient.read(List.of(bytes("k"))))) {
            assertThat(each.get().stored()).hasSize(1);
        }
        lanes.close();
        patient.close();
    }

    /** As if memory ran out: it ends the call of one thread, and no other thread waits for that one for good. */
    @Test
    void read_driverThatFailsWithAnError_leavesNobodyWaiting() throws Exception {
        Lanes lanes = lanes(1, Duration.ofSeconds(20));
        List<byte[]> poison = new AbstractList<>() {
            @Override
            public byte[] get(int index) {
                throw new OutOfMemoryError("as if");
            }

            @Override
            public int size() {
                return 1;
            }
        };
        List<Future<Values>> all = everyThread(() -> {
            Values last = lanes.read(List.of(bytes("k")));
            for (int i = 0; i < 50; i++) {
                last = lanes.read(i == 25 ? poison : List.of(bytes("k")));
            }
            return last;
        });
        for (Future<Values> each : all) {
            assertThat(failure(each)).isInstanceOfAny(OutOfMemoryError.class, JedisConnectionException.class);
        }
        assertThat(lanes.read(List.of(bytes("k"))).stored()).hasSize(1);
        lanes.close();
    }

    private static Throwable failure(Future<?> call) throws InterruptedException {
        try {
            return new AssertionError("it returned " + call.get());
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }
}
