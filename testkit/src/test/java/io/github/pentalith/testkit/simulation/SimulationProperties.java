// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.testkit.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class SimulationProperties {

    /** A world with everything in it, written down event by event. */
    private static List<String> story(long seed, int workers, int queue) {
        Simulation world = Simulation.seeded(seed);
        List<String> story = new ArrayList<>();
        Server database = world.server("database")
                .workers(workers)
                .queue(queue)
                .service(Distribution.lognormal(ofMillis(10), 1))
                .build();
        Server front = world.server("front")
                .workers(2 * workers)
                .network(ofMillis(1))
                .service(Distribution.pareto(ofMillis(2), 1.5))
                .dropAbandoned()
                .dependsOn(() -> world.timeout(database.call(), ofMillis(100)))
                .build();
        database.failureRate(0.05);
        RandomGenerator chaos = world.random("chaos");
        world.poisson(
                "users",
                60.0 * workers,
                () -> world.timeout(front.call(), ofMillis(150))
                        .whenComplete((reply, error) -> story.add(world.nanos() + " user " + error)));
        world.closed(
                "batch",
                3,
                Distribution.exponential(ofMillis(5)),
                () -> database.call().whenComplete((reply, error) -> story.add(world.nanos() + " batch " + error)));
        for (int i = 1; i <= 8; i++) {
            List<Runnable> acts =
                    List.of(database::down, database::up, database::pause, database::resume, () -> database.speed(0.5));
            world.after(ofMillis(100L * i), acts.get(chaos.nextInt(acts.size())));
        }
        world.run(ofSeconds(1));
        story.add(database + " " + front + " " + database.arrivals() + " " + database.wasted() + " " + front.dropped());
        return story;
    }

    @Property(tries = 30)
    void run_sameSeed_givesTheSameStory(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 8) int workers, @ForAll @IntRange(max = 50) int queue) {
        List<String> story = story(seed, workers, queue);
        assertThat(story(seed, workers, queue)).isEqualTo(story);
        assertThat(story(seed + 1, workers, queue)).isNotEqualTo(story);
    }

    /** Whatever happens to a server, each call gets one reply in the end and no worker is lost. */
    @Property(tries = 60)
    void calls_underAnyFault_areConserved(@ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int workers) {
        Simulation world = Simulation.seeded(seed);
        Server server = world.server("s").workers(workers).queue(20).build();
        long[] replies = new long[1];
        Load load = world.poisson("users", 120.0 * workers, () -> server.call().whenComplete((r, e) -> replies[0]++));
        RandomGenerator chaos = world.random("chaos");
        for (int i = 1; i <= 40; i++) {
            List<Runnable> acts = List.of(server::down, server::up, server::pause, server::resume);
            world.after(ofMillis(50L * i), acts.get(chaos.nextInt(acts.size())));
        }
        world.run(ofSeconds(2));
        server.resume();
        server.up();
        load.stop();
        world.run(ofSeconds(30));
        assertThat(server.load()).isZero();
        assertThat(replies[0]).isEqualTo(server.arrivals()).isEqualTo(load.started());
        assertThat(server.completed() + server.failed()).isEqualTo(server.arrivals());
    }

    /** Of a false alarm in a build, which takes new seeds each time. */
    private static final double CHANCE = 1e-10;

    @Property(tries = 5, edgeCases = EdgeCasesMode.NONE)
    void poisson_countsPerSecond_areEvenOverTimeAndGapsExponential(@ForAll long seed) {
        Simulation world = Simulation.seeded(seed);
        long[] perSecond = new long[100];
        List<Double> gaps = new ArrayList<>();
        long[] last = new long[1];
        world.poisson("users", 200, () -> {
            perSecond[(int) (world.nanos() / 1_000_000_000)]++;
            gaps.add((world.nanos() - last[0]) / 1e9);
            last[0] = world.nanos();
        });
        world.run(ofSeconds(100).minusNanos(1));
        double significance = Statistics.sidak(CHANCE, 10);
        assertThat(Statistics.chiSquare(perSecond).isRandom(significance)).isTrue();
        double[] sample = gaps.stream().mapToDouble(Double::doubleValue).toArray();
        assertThat(Statistics.kolmogorovSmirnov(sample, x -> -Math.expm1(-200 * x))
                        .isRandom(significance))
                .isTrue();
    }
}
