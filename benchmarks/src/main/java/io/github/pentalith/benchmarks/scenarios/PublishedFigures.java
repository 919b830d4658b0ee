// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.github.pentalith.benchmarks.scenarios.Chooser.Contender;
import io.github.pentalith.loadbalance.Policy;
import io.github.pentalith.testkit.simulation.Distribution;
import io.github.pentalith.testkit.simulation.Recorder;
import io.github.pentalith.testkit.simulation.Server;
import io.github.pentalith.testkit.simulation.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Experiments that others have published, repeated with the real policies.
 *
 * <ul>
 *   <li>The supermarket model: M. Mitzenmacher, "The power of two choices in randomized load balancing", 2001,
 *       doi:10.1109/71.963420. The mean time with d choices at load l is the sum over i of l^((d^i - d) / (d - 1)).
 *   <li>Balls into bins: Y. Azar, A. Broder, A. Karlin, E. Upfal, "Balanced allocations", 1999,
 *       doi:10.1137/S0097539795288490. The fullest of n bins with n balls holds ln ln n / ln d + O(1).
 *   <li>Linkerd, "Beyond round robin: load balancing for latency", 2016: 11 backends, 1000 requests a second, one
 *       backend takes 2 s for 30 of 60 s. Share of requests under one second: round robin 95 %, least loaded 99 %, Peak
 *       EWMA 99.9 %.
 * </ul>
 */
final class PublishedFigures {
    private PublishedFigures() {}

    static List<Bar> check(int seeds) {
        List<Bar> bars = new ArrayList<>();
        bars.add(supermarket(1, 0.9, 0.05));
        for (double load : new double[] {0.5, 0.7, 0.8, 0.9}) {
            bars.add(supermarket(2, load, 0.03));
        }
        bars.add(supermarket(2, 0.95, 0.06));
        bars.add(supermarket(3, 0.9, 0.03));
        bars.add(ballsIntoBins(1, 100));
        bars.add(ballsIntoBins(2, 100));
        bars.addAll(linkerd(seeds));
        return bars;
    }

    /** One client that makes all the requests sees all the load: its own view is the truth, as the model has it. */
    static Bar supermarket(int choices, double load, double tolerance) {
        int n = 500;
        Fleet fleet = new Fleet(
                "supermarket",
                "",
                1,
                load * n * 100,
                ofSeconds(8),
                ofSeconds(20),
                null,
                0,
                world -> Fleet.servers(world, n, i -> 1.0));
        Policy policy = choices == 1 ? Policy.random() : Policy.leastRequest(choices);
        double mean = fleet.run(Balanced.of("", policy), 1).summary().meanNanos() / 10e6;
        return Bar.near(
                "supermarket model, mean time, d=" + choices + ", load " + load,
                meanTime(choices, load),
                tolerance,
                mean);
    }

    private static double meanTime(int d, double load) {
        if (d == 1) {
            return 1 / (1 - load);
        }
        double sum = 0;
        double power = d;
        for (int i = 1; i < 40; i++) {
            sum += Math.pow(load, (power - d) / (d - 1));
            power *= d;
        }
        return sum;
    }

    /** The fullest of 4096 bins, worst of several tries: 9 or fewer with one choice (usually), 4 or fewer with two. */
    static Bar ballsIntoBins(int choices, int tries) {
        int n = 4096;
        int fullest = 0;
        for (int seed = 1; seed <= tries; seed++) {
            Simulation world = Simulation.seeded(seed);
            List<Server> bins = Fleet.servers(world, n, i -> 1.0);
            Policy policy = choices == 1 ? Policy.random() : Policy.leastRequest(choices);
            int[] balls = new int[n];
            try (Chooser chooser = Balanced.of("", policy)
                    .factory()
                    .apply(new Chooser.View(world, bins, new int[n], world.random("client")))) {
                for (int i = 0; i < n; i++) {
                    balls[chooser.server(chooser.pick())]++;
                }
            }
            fullest = Math.max(fullest, Arrays.stream(balls).max().orElseThrow());
        }
        String what = "fullest of 4096 bins, worst of " + tries + ", d=" + choices;
        return choices == 1 ? new Bar(what, 7, 11, fullest) : new Bar(what, 3, 4, fullest);
    }

    /** The base latency of the original is not known to us: what it reached is a floor, but for round robin's arithmetic. */
    static List<Bar> linkerd(int seeds) {
        String what = "Linkerd's experiment, share under 1 s, ";
        return List.of(
                Bar.near(what + "roundRobin()", 0.9545, 0.001, linkerd(Balanced.of("", Policy.roundRobin()), seeds)),
                Bar.atLeast(what + "leastRequest()", 0.99, linkerd(Balanced.of("", Policy.leastRequest()), seeds)),
                Bar.atLeast(what + "peakEwma()", 0.999, linkerd(Balanced.of("", Policy.peakEwma()), seeds)));
    }

    private static double linkerd(Contender contender, int seeds) {
        double worst = 1;
        for (int seed = 1; seed <= seeds; seed++) {
            worst = Math.min(worst, linkerd(contender, (long) seed));
        }
        return worst;
    }

    private static double linkerd(Contender contender, long seed) {
        Duration end = ofSeconds(60);
        Fleet fleet = new Fleet("Linkerd", "", 1, 1_000, Duration.ZERO, end, null, 0, world -> {
            List<Server> servers = new ArrayList<>();
            for (int i = 0; i < 11; i++) {
                servers.add(world.server("s" + i)
                        .workers(10_000)
                        .service(Distribution.lognormal(ofMillis(50), 0.25))
                        .build());
            }
            world.after(ofSeconds(15), () -> servers.get(0).speed(1 / 40.0));
            world.after(ofSeconds(45), () -> servers.get(0).speed(1));
            return servers;
        });
        Recorder.Summary summary = fleet.run(contender, seed).summary();
        return summary.shareWithin(ofSeconds(1));
    }
}
