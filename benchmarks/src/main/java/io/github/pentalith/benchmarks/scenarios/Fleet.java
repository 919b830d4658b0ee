// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.github.pentalith.loadbalance.Outcome;
import io.github.pentalith.testkit.simulation.Distribution;
import io.github.pentalith.testkit.simulation.Recorder;
import io.github.pentalith.testkit.simulation.Server;
import io.github.pentalith.testkit.simulation.ServerFailedException;
import io.github.pentalith.testkit.simulation.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A fleet of servers, the load on it and what is wrong with it.
 *
 * @param name a short name
 * @param what in words
 * @param clients how many independent clients share the load, each with a balancer and a view of its own
 * @param perSecond requests per second of all clients together
 * @param warmUp what is not measured
 * @param end when the run is over
 * @param timeout after which a client gives up, or null
 * @param sick the servers that something is wrong with: the first so many
 * @param maker makes the servers
 */
record Fleet(
        String name,
        String what,
        int clients,
        double perSecond,
        Duration warmUp,
        Duration end,
        @Nullable Duration timeout,
        int sick,
        Maker maker) {

    interface Maker {
        List<Server> make(Simulation world);
    }

    /** What a contender achieved in one run; the share is that of the calls that went to sick servers. */
    record Result(Recorder.Summary summary, double sickShare) {}

    private static final Duration DRAIN = ofSeconds(5);
    private static final Distribution SERVICE = Distribution.exponential(ofMillis(10));

    /** The comparison: mean service time 10 ms (pausing: 5 ms), one worker per server, first in, first out. */
    static List<Fleet> all() {
        return List.of(equal(), unequal(), slow(), pausing(), failing(), hanging());
    }

    static Fleet equal() {
        return new Fleet(
                "equal",
                "100 equal servers, load 0.9, 20 clients",
                20,
                0.9 * 100 * 100,
                ofSeconds(10),
                ofSeconds(50),
                null,
                0,
                world -> servers(world, 100, i -> 1.0));
    }

    static Fleet unequal() {
        return new Fleet(
                "unequal",
                "4 servers each at 0.5, 1 and 2 times the speed, load 0.75, 10 clients",
                10,
                0.75 * 14 * 100,
                ofSeconds(40),
                ofSeconds(240),
                null,
                0,
                world -> servers(world, 12, i -> i % 3 == 0 ? 0.5 : i % 3 == 1 ? 1.0 : 2.0));
    }

    static Fleet slow() {
        return new Fleet(
                "slow",
                "10 servers, one at a tenth of the speed, load 0.7, 10 clients",
                10,
                0.7 * 9.1 * 100,
                ofSeconds(40),
                ofSeconds(340),
                null,
                1,
                world -> servers(world, 10, i -> i == 0 ? 0.1 : 1.0));
    }

    static Fleet pausing() {
        return new Fleet(
                "pausing",
                "20 servers of 5 ms, each pausing for 200 ms every 5 s, load 0.6, 10 clients",
                10,
                0.6 * 20 * 200 * 0.96,
                ofSeconds(20),
                ofSeconds(120),
                null,
                0,
                world -> {
                    RandomGenerator phase = world.random("phase of pauses");
                    List<Server> servers = new ArrayList<>();
                    for (int i = 0; i < 20; i++) {
                        Server server = world.server("s" + i)
                                .service(Distribution.exponential(ofMillis(5)))
                                .build();
                        servers.add(server);
                        world.after(ofMillis(phase.nextInt(5_000)), () -> pauseForEver(world, server));
                    }
                    return servers;
                });
    }

    private static void pauseForEver(Simulation world, Server server) {
        server.pause();
        world.after(ofMillis(200), server::resume);
        world.after(ofMillis(5_000), () -> pauseForEver(world, server));
    }

    static Fleet failing() {
        return new Fleet(
                "failing",
                "10 servers, one refuses every call within 1 ms, load 0.7 of the rest, 10 clients",
                10,
                0.7 * 9 * 100,
                ofSeconds(20),
                ofSeconds(220),
                null,
                1,
                world -> {
                    List<Server> servers = servers(world, 10, i -> 1.0);
                    servers.get(0).down();
                    return servers;
                });
    }

    static Fleet hanging() {
        return new Fleet(
                "hanging",
                "10 servers, one accepts calls and never answers, clients give up after 1 s, load 0.7 of the rest, "
                        + "10 clients",
                10,
                0.7 * 9 * 100,
                ofSeconds(20),
                ofSeconds(220),
                ofSeconds(1),
                1,
                world -> {
                    List<Server> servers = servers(world, 10, i -> 1.0);
                    servers.get(0).pause();
                    return servers;
                });
    }

    interface Speed {
        double of(int server);
    }

    static List<Server> servers(Simulation world, int count, Speed speed) {
        List<Server> servers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            servers.add(
                    world.server("s" + i).service(SERVICE).speed(speed.of(i)).build());
        }
        return servers;
    }

    /** Weights as an operator who knows the machines would set them. */
    private static int[] weights(List<Server> servers) {
        return servers.stream()
                .mapToInt(server -> (int) Math.round(server.speed() * 100))
                .toArray();
    }

    Result run(Chooser.Contender contender, long seed) {
        Simulation world = Simulation.seeded(seed);
        List<Server> servers = maker.make(world);
        Recorder recorder = world.recorder();
        List<Chooser> choosers = new ArrayList<>();
        int[] weights = weights(servers);
        for (int i = 0; i < clients; i++) {
            Chooser chooser =
                    contender.factory().apply(new Chooser.View(world, servers, weights, world.random("client " + i)));
            choosers.add(chooser);
            world.poisson("requests " + i, perSecond / clients, () -> request(world, servers, recorder, chooser));
        }
        world.run(warmUp);
        long[] before = arrivals(servers);
        world.run(end.minus(warmUp));
        long[] after = arrivals(servers);
        world.run(DRAIN); // so that what is open then is stuck, not just late
        choosers.forEach(Chooser::close);
        double all = 0;
        double ill = 0;
        for (int i = 0; i < after.length; i++) {
            all += after[i] - before[i];
            ill += i < sick ? after[i] - before[i] : 0;
        }
        return new Result(recorder.between(warmUp, end), ill / all);
    }

    private static long[] arrivals(List<Server> servers) {
        return servers.stream().mapToLong(Server::arrivals).toArray();
    }

    private void request(Simulation world, List<Server> servers, Recorder recorder, Chooser chooser) {
        recorder.request(() -> {
            recorder.attempt();
            long token = chooser.pick();
            CompletableFuture<Server> call = servers.get(chooser.server(token)).call();
            if (timeout != null) {
                world.timeout(call, timeout);
            }
            return call.whenComplete((reply, error) -> chooser.done(token, outcome(error)));
        });
    }

    private static Outcome outcome(@Nullable Throwable error) {
        if (error == null) {
            return Outcome.SUCCESS;
        }
        return error instanceof ServerFailedException ? Outcome.LOCAL_ERROR : Outcome.TIMEOUT;
    }
}
