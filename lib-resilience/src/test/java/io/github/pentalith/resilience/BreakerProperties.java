// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.resilience;

import static io.github.pentalith.resilience.CircuitBreaker.State.CLOSED;
import static io.github.pentalith.resilience.CircuitBreaker.State.HALF_OPEN;
import static io.github.pentalith.resilience.CircuitBreaker.State.OPEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.resilience.CircuitBreaker.State;
import io.github.pentalith.testkit.VirtualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Laws of the breaker under random schedules of calls, verdicts, silences and time. */
class BreakerProperties {
    private static final Map<State, Set<State>> ALLOWED =
            Map.of(CLOSED, Set.of(OPEN), OPEN, Set.of(HALF_OPEN), HALF_OPEN, Set.of(CLOSED, OPEN));

    /** Runs a schedule and returns its history. */
    private static final class Schedule implements CircuitBreaker.Observer {
        final VirtualTime time;
        final Random random;
        final int probes;
        final CircuitBreaker breaker;
        final List<String> history = new ArrayList<>();
        final List<Permit> underWay = new ArrayList<>();
        State state = CLOSED;
        long issued;
        long reported;

        Schedule(long origin, long seed, int probes, boolean timed) {
            this.time = VirtualTime.startingAt(Instant.EPOCH, origin);
            this.random = new Random(seed);
            this.probes = probes;
            CircuitBreaker.Builder builder = CircuitBreaker.builder("b")
                    .probes(probes)
                    .openFor(Duration.ofSeconds(1), Duration.ofSeconds(4))
                    .probeLease(Duration.ofSeconds(5))
                    .random(new Random(seed))
                    .failWhen(e -> {
                        if (e instanceof IllegalStateException) {
                            throw new IllegalArgumentException("predicate");
                        }
                        return !(e instanceof UnsupportedOperationException);
                    })
                    .ticker(time)
                    .observer(this);
            this.breaker = (timed ? builder.window(Duration.ofSeconds(10)) : builder.window(20))
                    .minimumCalls(5)
                    .build();
        }

        @Override
        public void onStateChange(String name, State from, State to) {
            history.add(from + ">" + to + "@" + time.elapsed());
            // L3: only the changes that there are, each told once, each from where the last one led.
            assertThat(ALLOWED.get(from)).contains(to);
            assertThat(from).isEqualTo(state);
            state = to;
            if (random.nextInt(10) == 0) {
                throw new IllegalStateException("observer");
            }
        }

        void step() {
            switch (random.nextInt(4)) {
                case 0 -> time.advance(Duration.ofMillis(random.nextInt(700)));
                case 1, 2 -> enter();
                default -> report();
            }
        }

        void enter() {
            State before = breaker.state();
            try {
                underWay.add(breaker.acquire());
                issued++;
                assertThat(breaker.state()).isNotEqualTo(OPEN);
            } catch (RejectedCallException e) {
                assertThat(before).isNotEqualTo(CLOSED);
                assertThat(e.retryAfter()).isPositive();
            }
        }

        void report() {
            if (underWay.isEmpty()) {
                return;
            }
            Permit permit = underWay.remove(random.nextInt(underWay.size()));
            switch (random.nextInt(8)) {
                case 0, 1 -> permit.success();
                case 2 -> permit.failure(new IllegalArgumentException());
                case 3 -> permit.failure(new StackOverflowError());
                case 4 -> permit.failure(new CancellationException());
                case 5 -> permit.failure(new IllegalStateException());
                case 6 -> permit.close();
                default -> {
                    underWay.add(permit); // reports late, or never
                    return;
                }
            }
            reported++;
            if (random.nextBoolean()) {
                permit.success(); // twice is once
            }
        }

        /** L1. */
        void checkBooks() {
            CircuitBreaker.Stats stats = breaker.stats();
            assertThat(stats.successes() + stats.failures() + stats.released()).isEqualTo(reported);
            assertThat(reported + underWay.size()).isEqualTo(issued);
        }

        /** L2: a fresh lease admits at most the probes. */
        void checkProbes() {
            if (breaker.state() != HALF_OPEN) {
                return;
            }
            int admitted = 0;
            while (breaker.state() == HALF_OPEN && admitted <= probes) {
                try {
                    underWay.add(breaker.acquire());
                    issued++;
                    admitted++;
                } catch (RejectedCallException e) {
                    break;
                }
            }
            assertThat(admitted).isLessThanOrEqualTo(probes);
        }

        /** G14: whatever happened, a healthy dependency closes the breaker soon. */
        void checkRecovery() {
            Duration start = time.elapsed();
            while (breaker.state() != CLOSED) {
                try (Permit permit = breaker.acquire()) {
                    permit.success();
                } catch (RejectedCallException e) {
                    time.advance(Duration.ofMillis(200));
                }
                assertThat(time.elapsed().minus(start)).isLessThan(Duration.ofMillis(4_800 + 5_000 + 1_000));
            }
        }
    }

    @Property(tries = 400)
    void schedules_ofAnyKind_keepTheLaws(
            @ForAll long origin,
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 6) int probes,
            @ForAll boolean timed) {
        Schedule schedule = new Schedule(origin, seed, probes, timed);
        int steps = "long".equals(System.getProperty("pentalith.tests")) ? 5_000 : 250;
        for (int i = 0; i < steps; i++) {
            schedule.step();
        }
        schedule.checkProbes();
        schedule.checkBooks();
        schedule.checkRecovery();
    }

    /** L5: verdicts of calls that another phase admitted change nothing, however many come and whatever they say. */
    @Property(tries = 200)
    void verdicts_ofAnEarlierPhase_changeNothing(@ForAll long seed, @ForAll @IntRange(min = 1, max = 30) int late) {
        Random random = new Random(seed);
        VirtualTime time = VirtualTime.create();
        CircuitBreaker breaker = CircuitBreaker.builder("b")
                .window(10)
                .minimumCalls(3)
                .openFor(Duration.ofSeconds(1))
                .ticker(time)
                .build();
        List<Permit> old = new ArrayList<>();
        for (int i = 0; i < late; i++) {
            old.add(breaker.acquire());
        }
        for (int i = 0; i < 3; i++) {
            try (Permit permit = breaker.acquire()) {
                permit.failure(new IllegalArgumentException());
            }
        }
        List<Permit> probes = new ArrayList<>();
        if (random.nextBoolean()) {
            time.advance(Duration.ofSeconds(1));
            probes.add(breaker.acquire());
        }
        State before = breaker.state();
        for (Permit permit : old) {
            switch (random.nextInt(3)) {
                case 0 -> permit.success();
                case 1 -> permit.failure(new StackOverflowError());
                default -> permit.close();
            }
            assertThat(breaker.state()).isEqualTo(before);
        }
        assertThat(breaker.stats().stale() + breaker.stats().released()).isEqualTo(late);
        if (before == HALF_OPEN) { // and no place of a probe was freed or taken
            probes.add(breaker.acquire());
            probes.add(breaker.acquire());
            assertThat(breaker.state()).isEqualTo(HALF_OPEN);
            probes.forEach(Permit::success);
            assertThat(breaker.state()).isEqualTo(CLOSED);
        }
    }

    /** L6: only differences of the clock matter. */
    @Property(tries = 100)
    void schedules_onAShiftedClock_areTheSame(@ForAll long shift, @ForAll long seed, @ForAll boolean timed) {
        Schedule here = new Schedule(0, seed, 3, timed);
        Schedule there = new Schedule(shift, seed, 3, timed);
        for (int i = 0; i < 300; i++) {
            here.step();
            there.step();
        }
        assertThat(there.history).isEqualTo(here.history);
        assertThat(there.breaker.stats()).isEqualTo(here.breaker.stats());
    }
}
