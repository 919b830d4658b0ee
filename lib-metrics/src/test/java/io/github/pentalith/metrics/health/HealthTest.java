// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.TimeSource;
import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HealthTest {
    private final VirtualTime time = VirtualTime.create();

    /** Runs probes on the calling thread: what a report starts has ended when it looks. */
    private final HealthRegistry direct = HealthRegistry.builder("test")
            .executor(Runnable::run)
            .time(TimeSource.system().ticker(time).clock(time))
            .build();

    private Health answer = Health.up();

    private HealthCheck answering() {
        return HealthCheck.readiness("db", () -> answer).cacheFor(Duration.ZERO);
    }

    private HealthReport.Check only(HealthReport report) {
        assertThat(report.checks()).hasSize(1);
        return report.checks().get(0);
    }

    @Test
    void report_ofSeveralChecks_isTheWorstThatCounts() {
        direct.register(HealthCheck.liveness("alive", Health::up));
        assertThat(direct.report().status()).isEqualTo(Health.Status.UP);
        direct.register(
                HealthCheck.readiness("optional", () -> Health.down("away")).critical(false));
        assertThat(direct.report().status()).isEqualTo(Health.Status.DEGRADED);
        assertThat(direct.report().httpStatus()).isEqualTo(200);
        direct.register(HealthCheck.readiness("unknown", () -> Health.unknown("why")));
        assertThat(direct.report().status()).isEqualTo(Health.Status.UNKNOWN);
        Registration down = direct.register(HealthCheck.startup("started", () -> Health.down("not yet")));
        assertThat(direct.report().status()).isEqualTo(Health.Status.DOWN);
        assertThat(direct.report().httpStatus()).isEqualTo(503);
        assertThat(direct.report(HealthCheck.Group.LIVENESS).status()).isEqualTo(Health.Status.UP);
        assertThat(direct.report(HealthCheck.Group.STARTUP).status()).isEqualTo(Health.Status.DOWN);
        down.close();
        assertThat(direct.report(HealthCheck.Group.STARTUP).status()).isEqualTo(Health.Status.UP);
        assertThat(direct.report().at()).isEqualTo(time.instant());
    }

    @Test
    void probe_thatThrowsOrReturnsNothing_isDown() {
        direct.register(HealthCheck.readiness("exception", () -> {
            throw new java.io.IOException("refused");
        }));
        direct.register(HealthCheck.readiness("error", () -> {
            throw new AssertionError("never");
        }));
        direct.register(HealthCheck.readiness("nothing", () -> null));
        direct.register(HealthCheck.readiness("interrupted", () -> {
            throw new InterruptedException();
        }));
        HealthReport report = direct.report();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.checks())
                .extracting(check -> check.health().details().get("reason"))
                .containsExactly(
                        "java.io.IOException: refused",
                        "java.lang.AssertionError: never",
                        "the check returned null",
                        "java.lang.InterruptedException");
        assertThat(report.checks()).allMatch(check -> check.health().status() == Health.Status.DOWN);
    }

    @Test
    void probe_thatDiesOfAMachineError_freesItsPlace() {
        AtomicInteger runs = new AtomicInteger();
        direct.register(HealthCheck.readiness("dying", () -> {
                    if (runs.incrementAndGet() == 1) {
                        throw new OutOfMemoryError("simulated");
                    }
                    return Health.up();
                })
                .cacheFor(Duration.ZERO));
        assertThatThrownBy(direct::report).isInstanceOf(OutOfMemoryError.class);
        assertThat(direct.report().status()).isEqualTo(Health.Status.UP);
    }

    @Test
    void answer_thatIsFresh_isGivenAgain() {
        AtomicInteger asked = new AtomicInteger();
        direct.register(HealthCheck.readiness("db", () -> {
                    asked.incrementAndGet();
                    return Health.up();
                })
                .cacheFor(Duration.ofSeconds(10)));
        direct.report();
        time.advance(Duration.ofMillis(9_999));
        HealthReport report = direct.report();
        assertThat(only(report).age()).isEqualTo(Duration.ofMillis(9_999));
        assertThat(asked.get()).isEqualTo(1);
        time.advance(Duration.ofMillis(1));
        assertThat(only(direct.report()).age()).isZero();
        assertThat(asked.get()).isEqualTo(2);
    }

    @Test
    void thresholds_inBothDirections_dampFlapping() {
        direct.register(answering().failureThreshold(3).successThreshold(2));
        List<Health.Status> seen = new ArrayList<>();
        for (String next : List.of("U", "D", "D", "U", "D", "D", "D", "U", "D", "U", "U", "D")) {
            answer = next.equals("U") ? Health.up() : Health.down("away");
            seen.add(only(direct.report()).health().status());
        }
        Health.Status up = Health.Status.UP;
        Health.Status down = Health.Status.DOWN;
        assertThat(seen).containsExactly(up, up, up, up, up, up, down, down, down, down, up, up);
    }

    @Test
    void failure_shortOfTheThreshold_showsInTheDetails() {
        direct.register(answering().failureThreshold(3));
        direct.report();
        answer = Health.down("away");
        assertThat(only(direct.report()).health().details())
                .containsEntry("failures", "1 of 3")
                .containsEntry("latestFailure", "away");
        answer = Health.up();
        assertThat(only(direct.report()).health().details()).isEmpty();
    }

    @Test
    void firstAnswer_thatIsDown_countsAtOnce() {
        answer = Health.down("away");
        direct.register(answering().failureThreshold(5));
        assertThat(direct.report().status()).isEqualTo(Health.Status.DOWN);
    }

    @Test
    void hungCheck_inVirtualTime_countsAgainAfterEachTimeout() {
        List<Runnable> parked = new ArrayList<>();
        HealthRegistry registry = HealthRegistry.builder("test")
                .executor(parked::add)
                .time(TimeSource.of(time))
                .build();
        registry.register(HealthCheck.readiness("slow", Health::up)
                .timeout(Duration.ofSeconds(2))
                .cacheFor(Duration.ZERO)
                .failureThreshold(2));
        Instant before = time.instant();
        HealthReport report = registry.report();
        assertThat(Duration.between(before, report.at())).isEqualTo(Duration.ofSeconds(2));
        assertThat(only(report).health().details()).containsEntry("reason", "no answer within 2000 ms");
        assertThat(only(report).duration()).isEqualTo(Duration.ofSeconds(2));

        parked.remove(0).run(); // the answer comes too late and only frees the place
        assertThat(registry.report().status()).isEqualTo(Health.Status.DOWN);
        assertThat(parked).hasSize(1);

        time.advance(Duration.ofSeconds(1));
        Instant again = time.instant();
        registry.report(); // still running: nobody waits for it, nobody starts it again
        assertThat(time.instant()).isEqualTo(again);
        assertThat(parked).hasSize(1);
    }

    @Test
    void hungCheck_thatWasUp_goesDownWhileItHangs() {
        AtomicInteger asked = new AtomicInteger();
        HealthRegistry registry = HealthRegistry.builder("test")
                .executor(task -> {
                    if (asked.incrementAndGet() == 1) {
                        task.run(); // and never again
                    }
                })
                .time(TimeSource.of(time))
                .build();
        registry.register(HealthCheck.readiness("slow", Health::up)
                .timeout(Duration.ofSeconds(2))
                .cacheFor(Duration.ZERO)
                .failureThreshold(3));
        assertThat(registry.report().status()).isEqualTo(Health.Status.UP);
        assertThat(registry.report().status()).isEqualTo(Health.Status.UP); // waits 2 s: 1 of 3
        time.advance(Duration.ofSeconds(2));
        assertThat(registry.report().status()).isEqualTo(Health.Status.UP); // 2 of 3
        assertThat(registry.report().status()).isEqualTo(Health.Status.UP); // asked at once again: no new failure
        time.advance(Duration.ofSeconds(2));
        assertThat(registry.report().status()).isEqualTo(Health.Status.DOWN); // 3 of 3
        assertThat(asked.get()).isEqualTo(2);
    }

    @Test
    void tenHungChecksOfFifty_doNotHangTheReport() {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger running = new AtomicInteger();
        try (HealthRegistry registry = HealthRegistry.of("test")) {
            for (int i = 0; i < 50; i++) {
                boolean hangs = i % 5 == 0;
                registry.register(HealthCheck.readiness("check" + i, () -> {
                            running.incrementAndGet();
                            if (hangs) {
                                release.await();
                            }
                            return Health.up();
                        })
                        .timeout(Duration.ofMillis(hangs ? 300 : 60_000))
                        .cacheFor(Duration.ofHours(1)));
            }
            HealthReport report = registry.report();
            assertThat(report.checks().stream()
                            .filter(check -> check.health().status() == Health.Status.DOWN)
                            .count())
                    .isEqualTo(10);
            assertThat(report.status()).isEqualTo(Health.Status.DOWN);
            await().atMost(Duration.ofMinutes(2)).until(() -> running.get() == 50); // the hung ones may start late
            registry.report();
            assertThat(running.get()).isEqualTo(50); // a hung check is never started twice
            assertThat(healthThreads()).isLessThanOrEqualTo(50);
            release.countDown();
        }
        await().atMost(Duration.ofMinutes(2)).until(() -> healthThreads() == 0);
    }

    private static long healthThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("pentalith-metrics-health"))
                .filter(Thread::isDaemon)
                .count();
    }

    @Test
    void concurrentReports_shareOneRun() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        ExecutorService callers = Executors.newFixedThreadPool(4);
        try (HealthRegistry registry = HealthRegistry.of("test")) {
            registry.register(HealthCheck.readiness("db", () -> {
                        asked.incrementAndGet();
                        entered.countDown();
                        release.await();
                        return Health.up();
                    })
                    .timeout(Duration.ofMinutes(1))
                    .cacheFor(Duration.ofHours(1)));
            CyclicBarrier start = new CyclicBarrier(5);
            List<java.util.concurrent.Future<HealthReport>> reports = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                reports.add(callers.submit(() -> {
                    start.await();
                    return registry.report();
                }));
            }
            start.await();
            entered.await();
            release.countDown();
            for (var report : reports) {
                assertThat(report.get(1, TimeUnit.MINUTES).status()).isEqualTo(Health.Status.UP);
            }
            assertThat(asked.get()).isEqualTo(1);
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    void report_interrupted_answersWithWhatIsKnown() {
        CountDownLatch never = new CountDownLatch(1);
        try (HealthRegistry registry = HealthRegistry.of("test")) {
            registry.register(HealthCheck.readiness("slow", () -> {
                        never.await();
                        return Health.up();
                    })
                    .timeout(Duration.ofHours(1)));
            Thread.currentThread().interrupt();
            HealthReport report = registry.report();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(report.status()).isEqualTo(Health.Status.UNKNOWN);
        }
    }

    @Test
    void executor_thatRefuses_makesTheCheckUnknown() {
        HealthRegistry registry = HealthRegistry.builder("test")
                .executor(task -> {
                    throw new RejectedExecutionException();
                })
                .build();
        registry.register(HealthCheck.readiness("db", Health::up));
        assertThat(only(registry.report()).health().details())
                .containsEntry("reason", "not asked: the executor refused");
        HealthRegistry closed = HealthRegistry.of("closed");
        closed.register(HealthCheck.readiness("db", Health::up));
        closed.close();
        assertThat(closed.report().status()).isEqualTo(Health.Status.UNKNOWN);
        registry.close(); // it owns no threads
    }

    @Test
    void scheduler_thatRefuses_isReported() {
        VirtualTime dead = VirtualTime.create();
        dead.shutdown();
        HealthRegistry registry = HealthRegistry.builder("test")
                .executor(task -> {})
                .time(TimeSource.system().scheduler(dead))
                .build();
        registry.register(HealthCheck.readiness("db", Health::up));
        assertThatThrownBy(registry::report)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("scheduler of health registry test");
    }

    @Test
    void register_aNameTwice_isRefused() {
        direct.register(HealthCheck.readiness("db", Health::up));
        assertThatThrownBy(() -> direct.register(HealthCheck.liveness("db", Health::up)))
                .hasMessageContaining("name must be free: name=db");
    }

    @Test
    void settings_outOfRange_areRefused() {
        HealthCheck check = HealthCheck.readiness("db", Health::up);
        assertThatThrownBy(() -> check.timeout(Duration.ZERO)).hasMessageContaining("timeout=PT0S");
        assertThatThrownBy(() -> check.timeout(Duration.ofDays(2))).hasMessageContaining("at most 1 day");
        assertThatThrownBy(() -> check.cacheFor(Duration.ofMillis(-1))).hasMessageContaining("age=PT-0.001S");
        assertThatThrownBy(() -> check.cacheFor(Duration.ofDays(2))).hasMessageContaining("age=PT48H");
        assertThatThrownBy(() -> check.failureThreshold(0)).hasMessageContaining("failures=0 (expected: 1 or more)");
        assertThatThrownBy(() -> check.successThreshold(0)).hasMessageContaining("successes=0");
        assertThatThrownBy(() -> HealthCheck.liveness(" ", Health::up)).hasMessageContaining("name must not be blank");
        assertThat(check.toString()).contains("db", "READINESS", "timeout=PT0.5S", "critical=true");
        assertThat(direct.toString()).isEqualTo("HealthRegistry[test, []]");
    }

    @Test
    void json_ofHostileDetails_isEscaped() {
        direct.register(HealthCheck.readiness(
                "q\"\\",
                () -> Health.degraded("a\tb\r\nc\u0001\u2028")
                        .with("count", 3)
                        .with("bytes", 4L)
                        .with("share", 0.5)
                        .with("lost", Double.NaN)
                        .with("ok", true)
                        .with("what", List.of(1))));
        direct.register(HealthCheck.readiness("plain", Health::up));
        assertThat(direct.report().toJson())
                .isEqualTo(
                        "{\"status\":\"DEGRADED\",\"components\":{\"q\\\"\\\\\":{\"status\":\"DEGRADED\",\"details\":{"
                                + "\"reason\":\"a\\tb\\r\\nc\\u0001\\u2028\",\"count\":3,\"bytes\":4,\"share\":0.5,"
                                + "\"lost\":\"NaN\",\"ok\":true,\"what\":\"[1]\"}},\"plain\":{\"status\":\"UP\"}}}");
    }
}
