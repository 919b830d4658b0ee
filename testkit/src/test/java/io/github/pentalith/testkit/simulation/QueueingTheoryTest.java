// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine against textbook formulas, with fixed seeds; the tolerances are several standard errors wide. */
class QueueingTheoryTest {
    private static final Duration WARM_UP = ofSeconds(100);
    private static final int REQUESTS = 300_000;

    /** Mean time in the system in units of the mean service time, at a load per worker. */
    private static double meanTime(int workers, Distribution service, double load) {
        Simulation world = Simulation.seeded(20_261_124);
        Server server = world.server("s").workers(workers).service(service).build();
        Recorder recorder = world.recorder();
        double perSecond = load * workers / (service.mean().toNanos() / 1e9);
        world.poisson("users", perSecond, () -> recorder.request(server::call));
        Duration end = WARM_UP.plusSeconds((long) (REQUESTS / perSecond));
        world.run(end);
        return recorder.between(WARM_UP, end).meanNanos() / service.mean().toNanos();
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.5, 0.7, 0.8})
    void meanTime_ofMM1_is1DividedBy1MinusLoad(double load) {
        double mean = meanTime(1, Distribution.exponential(ofMillis(10)), load);
        assertThat(mean).isCloseTo(1 / (1 - load), withPercentage(3));
    }

    @ParameterizedTest
    @CsvSource({"2, 0.7", "4, 0.8", "16, 0.85", "50, 0.9"})
    void meanTime_ofMMc_isErlangs(int workers, double load) {
        double mean = meanTime(workers, Distribution.exponential(ofMillis(10)), load);
        double waiting = erlangC(workers, load) / (workers * (1 - load));
        assertThat(mean).isCloseTo(1 + waiting, withPercentage(3));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.7})
    void meanTime_ofMG1_isPollaczekAndKhinchins(double load) {
        double variation = Math.expm1(0.7 * 0.7); // of a lognormal with sigma 0.7, squared
        double lognormal = meanTime(1, Distribution.lognormal(ofMillis(10), 0.7), load);
        assertThat(lognormal).isCloseTo(1 + load / (1 - load) * (1 + variation) / 2, withPercentage(3));
        double constant = meanTime(1, Distribution.constant(ofMillis(10)), load);
        assertThat(constant).isCloseTo(1 + load / (1 - load) / 2, withPercentage(3));
    }

    /** The probability of waiting in M/M/c, by the stable recursion of Erlang B. */
    private static double erlangC(int workers, double load) {
        double offered = workers * load;
        double blocked = 1;
        for (int i = 1; i <= workers; i++) {
            blocked = offered * blocked / (i + offered * blocked);
        }
        return blocked / (1 - load * (1 - blocked));
    }

    /** N clients, no waiting: by Little's law each takes thinking + service per request. */
    @ParameterizedTest
    @ValueSource(ints = {1, 20})
    void closedLoop_withoutQueueing_obeysLittlesLaw(int clients) {
        Simulation world = Simulation.seeded(5);
        Server server = world.server("s").workers(clients).build();
        Load load = world.closed("c", clients, Distribution.exponential(ofMillis(30)), server::call);
        world.run(ofSeconds(1_000));
        assertThat(load.started() / 1_000.0).isCloseTo(clients / 0.040, withPercentage(2));
    }

    /** The example of the guide: the server works through calls that nobody waits for any more. */
    @Test
    void slowdown_withoutAnyPolicy_isFeltLongAfterItsEnd() {
        Simulation world = Simulation.seeded(7);
        Server db = world.server("db")
                .workers(16)
                .service(Distribution.exponential(ofMillis(10)))
                .build();
        Recorder recorder = world.recorder();
        world.poisson(
                "users",
                1_000,
                () -> recorder.request(() -> {
                    recorder.attempt();
                    return world.timeout(db.call(), ofMillis(250));
                }));
        world.after(ofSeconds(10), () -> db.speed(0.1));
        world.after(ofSeconds(20), () -> db.speed(1));
        world.run(ofSeconds(60));
        double backlog = 10 * (1_000 - 160);
        double drained = backlog / (1_600 - 1_000);
        assertThat(recorder.recoveryNanos(ofSeconds(20), 0.9, ofSeconds(3)).orElseThrow() / 1e9)
                .isCloseTo(drained, withPercentage(10));
    }
}
