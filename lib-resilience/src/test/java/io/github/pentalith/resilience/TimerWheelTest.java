// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final TimerWheel wheel = new TimerWheel();

    private static final class Bell extends Alarm {
        final AtomicInteger rings = new AtomicInteger();
        volatile long rungAt;
        volatile boolean broken;

        Bell(boolean reusable) {
            super(reusable);
        }

        @Override
        void ring() {
            rungAt = System.nanoTime();
            rings.incrementAndGet();
            if (broken) {
                throw new IllegalStateException("bell");
            }
        }
    }

    private Bell set(boolean reusable, Duration delay) {
        Bell bell = new Bell(reusable);
        wheel.set(bell, System.nanoTime() + delay.toNanos());
        return bell;
    }

    private void awaitRing(Bell bell) {
        await().atMost(PATIENCE).until(() -> bell.rings.get() == 1);
    }

    @Test
    void alarms_setInAnyOrder_ringOnceAndNotBeforeTheirTime() {
        List<Bell> bells = new ArrayList<>();
        List<Long> times = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2_000; i++) {
            Bell bell = new Bell(i % 2 == 0);
            long at = System.nanoTime() + random.nextLong(1_200_000_000L); // more than a turn of the wheel
            wheel.set(bell, at);
            bells.add(bell);
            times.add(at);
        }
        await().atMost(PATIENCE).until(() -> bells.stream().allMatch(bell -> bell.rings.get() == 1));
        for (int i = 0; i < bells.size(); i++) {
            assertThat(bells.get(i).rungAt - times.get(i)).isNotNegative();
            assertThat(bells.get(i).stop()).isTrue();
        }
    }

    @Test
    void alarm_stopped_neverRings() {
        Bell once;
        Bell again;
        Bell past;
        boolean rung;
        do { // until both are stopped before their time, which comes soon
            once = set(false, Duration.ofMillis(20));
            again = set(true, Duration.ofMillis(20));
            past = set(false, Duration.ofMillis(100));
            rung = once.stop();
            rung |= again.stop();
        } while (rung);
        awaitRing(past);
        assertThat(once.rings).hasValue(0);
        assertThat(again.rings).hasValue(0);
        assertThat(once.stop()).isFalse();
    }

    @Test
    void alarm_setAgainToALaterTime_ringsThen() {
        Bell bell;
        do { // until it is stopped before its time, which comes soon
            bell = set(true, Duration.ofMillis(20));
        } while (bell.stop());
        long later = System.nanoTime() + Duration.ofMillis(150).toNanos();
        assertThat(TimerWheel.tooLate(bell, later)).isFalse();
        wheel.set(bell, later);
        awaitRing(bell);
        assertThat(bell.rungAt - later).isNotNegative();
        assertThat(bell.stop()).isTrue();
        AtomicInteger rings = bell.rings;
        wheel.set(bell, System.nanoTime());
        await().atMost(PATIENCE).until(() -> rings.get() == 2);
    }

    @Test
    void alarm_filedForALaterTime_isTooLateForAnEarlierOne() {
        Bell bell = set(true, Duration.ofHours(1));
        assertThat(bell.stop()).isFalse();
        assertThat(TimerWheel.tooLate(bell, System.nanoTime())).isTrue();
    }

    @Test
    void alarm_thatThrows_doesNotStopTheTimer() {
        Bell broken = new Bell(false);
        broken.broken = true;
        wheel.set(broken, System.nanoTime());
        awaitRing(broken);
        awaitRing(set(false, Duration.ofMillis(1)));
    }

    @Test
    void manyStoppedAlarms_areSweptAway() {
        for (int i = 0; i < 10_000; i++) {
            Bell bell = set(false, Duration.ofHours(1));
            if (i % 10 > 0) {
                assertThat(bell.stop()).isFalse();
            }
        }
        awaitRing(set(false, Duration.ZERO)); // the last that was set rings first: the others may still be on their way
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(wheel.size()).isBetween(1_000, 2 * (1_000 + 1) + 1_024 + 1));
    }

    /** Setting, stopping and ringing race: each alarm either rings or is stopped, never both. */
    @Test
    void races_ofStopAndRing_haveOneWinner() throws Exception {
        List<Thread> owners = new ArrayList<>();
        AtomicInteger wrong = new AtomicInteger();
        for (int t = 0; t < 3; t++) {
            SplittableRandom random = new SplittableRandom(t);
            Thread owner = new Thread(() -> {
                Bell bell = new Bell(true);
                int rings = 0;
                for (int i = 0; i < 500; i++) {
                    long at = System.nanoTime() + random.nextLong(2_000_000);
                    if (TimerWheel.tooLate(bell, at)) {
                        bell = new Bell(true);
                        rings = 0;
                    }
                    wheel.set(bell, at);
                    long until = at - 200_000 + random.nextLong(1_500_000);
                    while (System.nanoTime() - until < 0) {
                        Thread.onSpinWait();
                    }
                    rings += bell.stop() ? 1 : 0;
                    if (bell.rings.get() != rings) {
                        wrong.incrementAndGet();
                    }
                }
            });
            owners.add(owner);
            owner.start();
        }
        for (Thread owner : owners) {
            owner.join(PATIENCE.toMillis());
            assertThat(owner.isAlive()).isFalse();
        }
        assertThat(wrong).hasValue(0);
    }
}
