// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.testkit.simulation.Distribution;
import io.github.pentalith.testkit.simulation.Load;
import io.github.pentalith.testkit.simulation.Recorder;
import io.github.pentalith.testkit.simulation.Server;
import io.github.pentalith.testkit.simulation.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What goes wrong for a service of 16 workers of 10 ms each (1600 calls a second) and its 20 clients, each with
 * policies of its own. Trouble lasts from 10 s to 20 s; the run ends at 60 s.
 */
enum Trouble {
    OUTAGE("all calls fail at once for 10 s, load 0.7", 0.7) {
        @Override
        void happen(Simulation world, Server server, List<Load> loads) {
            world.after(BEGIN, server::down);
            world.after(END, server::up);
        }
    },
    SLOWDOWN("all calls take ten times as long for 10 s, load 0.85", 0.85) {
        @Override
        void happen(Simulation world, Server server, List<Load> loads) {
            world.after(BEGIN, () -> server.speed(0.1));
            world.after(END, () -> server.speed(1));
        }
    },
    OVERLOAD_2("twice the capacity for 10 s, before and after load 0.7", 0.7) {
        @Override
        void happen(Simulation world, Server server, List<Load> loads) {
            surge(world, loads, 2);
        }
    },
    OVERLOAD_10("ten times the capacity for 10 s, before and after load 0.7", 0.7) {
        @Override
        void happen(Simulation world, Server server, List<Load> loads) {
            surge(world, loads, 10);
        }
    },
    FLAPPING("down for 1.5 s, up for 1.5 s, for 10 s; load 0.7", 0.7) {
        @Override
        void happen(Simulation world, Server server, List<Load> loads) {
            for (long at = BEGIN.toMillis(); at < END.toMillis(); at += 3_000) {
                world.after(ofMillis(at), server::down);
                world.after(ofMillis(Math.min(at + 1_500, END.toMillis())), server::up);
            }
        }
    },
    SLOW_BY_NATURE("healthy calls take 0.6 s of the 2 s; twice the capacity for 10 s, before and after load 0.7", 0.7) {
        @Override
        Server server(Simulation world) {
            return world.server("last")
                    .workers(960)
                    .service(Distribution.lognormal(ofMillis(600), 0.25))
                    .build();
        }

        @Override
        void happen(Simulation world, Server server, List<Load> loads) {
            surge(world, loads, 2);
        }
    },
    LOST_REPLIES("one call in 20 is never answered for 10 s; load 0.7", 0.7) {
        @Override
        double lost() {
            return 0.05;
        }

        @Override
        void happen(Simulation world, Server server, List<Load> loads) {}
    },
    TIERS("three tiers, each calls the next with the same policies; the last is down for 10 s; load 0.7", 0.7) {
        @Override
        void happen(Simulation world, Server server, List<Load> loads) {
            OUTAGE.happen(world, server, loads);
        }
    };

    static final Duration BEGIN = ofSeconds(10);
    static final Duration END = ofSeconds(20);
    static final double CAPACITY = 1_600;
    static final int CLIENTS = 20;
    /** Retries that a budget saves up, the default of {@code RetryBudget}. */
    static final double RESERVE = 10;

    private static final Duration STOP = ofSeconds(60);
    private static final Duration SETTLED = ofSeconds(2);

    final String what;
    private final double load;

    Trouble(String what, double load) {
        this.what = what;
        this.load = load;
    }

    /** 16 workers of 10 ms. */
    Server server(Simulation world) {
        return world.server("last").workers(16).build();
    }

    /** The share of calls that are never answered during the trouble. */
    double lost() {
        return 0;
    }

    /** True if more is asked for than the service can do, but no more goes wrong. */
    boolean isOverload() {
        return this == OVERLOAD_2 || this == OVERLOAD_10 || this == SLOW_BY_NATURE;
    }

    abstract void happen(Simulation world, Server server, List<Load> loads);

    private static void surge(Simulation world, List<Load> loads, double times) {
        world.after(BEGIN, () -> loads.forEach(each -> each.rate(times * CAPACITY / CLIENTS)));
        world.after(END, () -> loads.forEach(each -> each.rate(0.7 * CAPACITY / CLIENTS)));
    }

    /**
     * What one run showed.
     *
     * @param amplification attempts per request at the (last) server during the trouble, after the reserves of all
     *     clients have been taken off
     * @param recoverySeconds from the end of the trouble until 90 % of the requests are good for 3 s; infinite if never
     * @param goodput in the trouble, from 2 s after its beginning, as a share of capacity
     * @param good the share of good requests of the whole run
     * @param p99Millis of good requests in the trouble, from 2 s after its beginning
     * @param series good replies per second
     */
    record Result(
            double amplification,
            double recoverySeconds,
            double goodput,
            double good,
            double p99Millis,
            double[] series) {}

    interface Policies {
        /** Makes the policies of one client; names are unique in the world. */
        Pipeline pipeline(Simulation world, String name);
    }

    Result run(Policies policies, long seed) {
        Simulation world = Simulation.seeded(seed);
        Recorder recorder = world.recorder();
        Server last = server(world);
        RandomGenerator fate = world.random("lost replies");
        Supplier<CompletableFuture<Server>> counted = () -> {
            recorder.attempt();
            CompletableFuture<Server> reply = last.call();
            return isOn(world) && fate.nextDouble() < lost() ? new CompletableFuture<>() : reply;
        };
        List<Supplier<CompletableFuture<Server>>> doors =
                this == TIERS ? tiers(world, policies, counted) : List.of(counted);
        List<Load> loads = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Pipeline pipeline = policies.pipeline(world, "client " + i);
            Supplier<CompletableFuture<Server>> door = doors.get(i % doors.size());
            loads.add(world.poisson(
                    "load " + i, load * CAPACITY / CLIENTS, () -> recorder.request(() -> pipeline.callAsync(door))));
        }
        happen(world, last, loads);
        world.run(STOP);
        Recorder.Summary trouble = recorder.between(BEGIN, END);
        Recorder.Summary settled = recorder.between(BEGIN.plus(SETTLED), END);
        double reserves = (this == TIERS ? 3 : 1) * CLIENTS * RESERVE;
        double extra = Math.max(0, trouble.attempts() - trouble.requests() - reserves);
        return new Result(
                1 + extra / trouble.requests(),
                recorder.recoveryNanos(END, 0.9, ofSeconds(3)).stream()
                        .mapToDouble(nanos -> nanos / 1e9)
                        .findFirst()
                        .orElse(Double.POSITIVE_INFINITY),
                settled.goodput() / CAPACITY,
                recorder.between(Duration.ZERO, STOP.minusSeconds(3)).goodShare(),
                settled.quantileNanos(0.99) / 1e6,
                recorder.goodput(ofSeconds(1)));
    }

    private static boolean isOn(Simulation world) {
        return world.elapsed().compareTo(BEGIN) >= 0 && world.elapsed().compareTo(END) < 0;
    }

    /** Two tiers of 20 processes before the last one, each process with policies of its own and workers enough. */
    private static List<Supplier<CompletableFuture<Server>>> tiers(
            Simulation world, Policies policies, Supplier<CompletableFuture<Server>> last) {
        List<Supplier<CompletableFuture<Server>>> doors = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Server middle = middle(world, "middle " + i, policies.pipeline(world, "middle client " + i), last);
            doors.add(middle(world, "front " + i, policies.pipeline(world, "front client " + i), middle::call)::call);
        }
        return doors;
    }

    private static Server middle(
            Simulation world, String name, Pipeline pipeline, Supplier<CompletableFuture<Server>> next) {
        return world.server(name)
                .workers(1_000)
                .service(Distribution.exponential(ofMillis(1)))
                .network(Duration.ofNanos(200_000))
                .dependsOn(() -> pipeline.callAsync(next))
                .build();
    }
}
