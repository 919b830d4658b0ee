// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BulkheadTest {
    private static final Duration PATIENCE = ofSeconds(60);

    private final ExecutorService pool = Executors.newCachedThreadPool();

    @AfterEach
    void pool_ends() throws InterruptedException {
        pool.shutdownNow();
        assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void full_refusesAtOnce() throws Exception {
        Bulkhead bulkhead = Bulkhead.of("db", 2);
        Permit one = bulkhead.acquire();
        bulkhead.run(() -> {
            RejectedCallException e =
                    catchThrowableOfType(RejectedCallException.class, () -> bulkhead.call(() -> "never"));
            assertThat(e.reason()).isEqualTo(RejectedCallException.Reason.BULKHEAD_FULL);
            assertThat(e.retryAfter()).isNull();
        });
        assertThatThrownBy(() -> bulkhead.run(() -> {
                    throw new IOException();
                }))
                .isInstanceOf(IOException.class);
        assertThat(bulkhead.call(() -> "room again")).isEqualTo("room again");
        one.close();
        one.close(); // twice is once
        assertThat(bulkhead.stats()).isEqualTo(new Bulkhead.Stats("db", 2, 0, 0, 4, 1));
        assertThat(bulkhead).hasToString("Bulkhead[db, limit=2]");
        assertThat(bulkhead.name()).isEqualTo("db");
        assertThat(bulkhead.admission().timed()).isFalse();
    }

    @Test
    void waiters_areServedInOrder() throws Exception {
        Bulkhead bulkhead = Bulkhead.builder("db").limit(1).maxWait(ofHours(1)).build();
        Permit held = bulkhead.acquire();
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        List<Future<?>> waiters = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int number = i;
            waiters.add(pool.submit(() -> bulkhead.run(() -> order.add(number))));
            await().atMost(PATIENCE).until(() -> bulkhead.stats().waiting() == number + 1);
        }
        held.success();
        for (Future<?> waiter : waiters) {
            waiter.get(60, TimeUnit.SECONDS);
        }
        assertThat(order).containsExactly(0, 1, 2, 3, 4);
        assertThat(bulkhead.stats()).isEqualTo(new Bulkhead.Stats("db", 1, 0, 0, 6, 0));
    }

    @Test
    void waiter_whoseTimeIsUp_leavesNoTrace() {
        Bulkhead bulkhead = Bulkhead.builder("db").limit(1).maxWait(ofMillis(5)).build();
        try (Permit held = bulkhead.acquire()) {
            for (int i = 0; i < 4; i++) {
                assertThatThrownBy(bulkhead::acquire).isInstanceOf(RejectedCallException.class);
            }
            assertThat(held).isNotNull();
        }
        bulkhead.acquire().success();
        assertThat(bulkhead.stats()).isEqualTo(new Bulkhead.Stats("db", 1, 0, 0, 2, 4));
        assertThat(bulkhead).hasToString("Bulkhead[db, limit=1, maxWait=PT0.005S]");
    }

    @Test
    void waiter_underADeadline_waitsNoLonger() {
        Bulkhead bulkhead = Bulkhead.builder("db").limit(1).maxWait(ofHours(1)).build();
        Pipeline pipeline = Pipeline.builder("p").bulkhead(bulkhead).build();
        try (Permit held = bulkhead.acquire()) {
            Deadline.after(ofMillis(5))
                    .run(() ->
                            assertThatThrownBy(() -> pipeline.run(() -> {})).isInstanceOf(RejectedCallException.class));
            assertThat(held).isNotNull();
        }
        assertThat(bulkhead.stats()).isEqualTo(new Bulkhead.Stats("db", 1, 0, 0, 1, 1));
    }

    @Test
    void waiter_interrupted_isRefusedWithTheFlagSet() {
        Bulkhead bulkhead = Bulkhead.builder("db").limit(1).maxWait(ofHours(1)).build();
        try (Permit held = bulkhead.acquire()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(bulkhead::acquire).isInstanceOf(RejectedCallException.class);
            assertThat(Thread.interrupted()).isTrue();
            assertThat(held).isNotNull();
        }
        assertThat(bulkhead.stats().waiting()).isZero();
    }

    @Test
    void limit_changedAtRunTime_takesEffect() throws Exception {
        Bulkhead bulkhead = Bulkhead.builder("db").limit(1).maxWait(ofHours(1)).build();
        Permit one = bulkhead.acquire();
        Future<Permit> waiting = pool.submit(bulkhead::acquire);
        await().atMost(PATIENCE).until(() -> bulkhead.stats().waiting() == 1);
        bulkhead.limit(2);
        Permit two = waiting.get(60, TimeUnit.SECONDS);
        bulkhead.limit(1);
        Future<Permit> next = pool.submit(bulkhead::acquire);
        await().atMost(PATIENCE).until(() -> bulkhead.stats().waiting() == 1);
        one.success();
        assertThat(bulkhead.stats().waiting()).isEqualTo(1); // two are allowed to end first
        two.success();
        next.get(60, TimeUnit.SECONDS).close();
        assertThat(bulkhead.limit()).isEqualTo(1);
        assertThat(bulkhead.stats().inFlight()).isZero();
    }

    @Test
    void threads_timeoutsInterruptsAndLimits_neverExceedNorLoseAPlace() throws Exception {
        Bulkhead bulkhead = Bulkhead.builder("db").limit(3).maxWait(ofMillis(1)).build();
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(6);
        for (int t = 0; t < 6; t++) {
            pool.submit(() -> {
                for (int i = 0; i < 3_000; i++) {
                    if (ThreadLocalRandom.current().nextInt(50) == 0) {
                        Thread.currentThread().interrupt();
                    }
                    try {
                        bulkhead.run(() -> {
                            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                            if (ThreadLocalRandom.current().nextInt(8) == 0) {
                                Thread.yield();
                            }
                            inside.decrementAndGet();
                        });
                    } catch (RejectedCallException e) {
                        Thread.interrupted();
                    }
                    Thread.interrupted();
                }
                done.countDown();
            });
        }
        assertThat(done.await(120, TimeUnit.SECONDS)).isTrue();
        assertThat(most.get()).isBetween(1, 3);
        Bulkhead.Stats stats = bulkhead.stats();
        assertThat(stats.inFlight()).isZero();
        assertThat(stats.waiting()).isZero();
        assertThat(stats.admitted() + stats.rejected()).isEqualTo(18_000);
    }

    @Test
    void placesInCells_areAllThere_andAreNotTakenTwice() throws Exception {
        Bulkhead bulkhead =
                Bulkhead.builder("db").limit(256).maxWait(ofHours(1)).build();
        bulkhead.gate().layOut(); // as if one had lost a race
        assertThat(bulkhead.stats().inFlight()).isZero();
        List<Permit> permits = new ArrayList<>();
        for (int i = 0; i < 256; i++) {
            permits.add(bulkhead.acquire());
        }
        assertThat(bulkhead.admission().tryAcquire(Admission.UNTIMED)).isEqualTo(Admission.UNKNOWN_WAIT);
        Future<String> waiting = pool.submit(() -> bulkhead.call(() -> "its turn"));
        await().atMost(PATIENCE).until(() -> bulkhead.stats().waiting() == 1);
        permits.remove(0).close();
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo("its turn");
        permits.forEach(Permit::close);
        assertThat(bulkhead.stats()).isEqualTo(new Bulkhead.Stats("db", 256, 0, 0, 257, 0));
    }

    @Test
    void threads_throughCells_neverExceedTheLimit() throws Exception {
        int limit = 256;
        Bulkhead bulkhead = Bulkhead.of("db", limit);
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch done = new CountDownLatch(4);
        for (int t = 0; t < 4; t++) {
            pool.submit(() -> {
                List<Permit> held = new ArrayList<>();
                for (int i = 0; i < 20_000; i++) {
                    bulkhead.gate().layOut();
                    boolean full = false;
                    try {
                        held.add(bulkhead.acquire());
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    } catch (RejectedCallException e) {
                        full = true;
                    }
                    while (held.size() > (full ? 0 : i / 64 % 100)) { // full now and then, and all but empty
                        inside.decrementAndGet();
                        held.remove(held.size() - 1).close();
                    }
                }
                inside.addAndGet(-held.size());
                held.forEach(Permit::close);
                done.countDown();
            });
        }
        assertThat(done.await(120, TimeUnit.SECONDS)).isTrue();
        assertThat(most.get()).isBetween(1, limit);
        Bulkhead.Stats stats = bulkhead.stats();
        assertThat(stats.inFlight()).isZero();
        assertThat(stats.admitted() + stats.rejected()).isEqualTo(80_000);
    }
}
