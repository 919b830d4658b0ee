// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import static io.github.pentalith.benchmarks.scenarios.Bar.number;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import io.github.pentalith.resilience.Backoff;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.resilience.Retry;
import io.github.pentalith.resilience.RetryBudget;
import io.github.pentalith.testkit.simulation.Simulation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Retry storms: what clients make of an outage, a slowdown, an overload, with no policy, with plain retries and with
 * {@code Pipeline.standard}.
 *
 * <p>Arguments: the number of seeds (20 unless given), and a file for the Markdown (none unless given).
 */
public final class Storm {
    private static final double RATIO = 0.1;
    private static final Duration TIMEOUT = ofMillis(250);
    private static final Duration DEADLINE = ofSeconds(2);

    private Storm() {}

    /** A row of the tables. */
    record Contender(String name, boolean judged, Trouble.Policies policies) {}

    static List<Contender> contenders() {
        return List.of(
                new Contender("no retry", false, (world, name) -> plain(world, name, 1, RetryBudget.unlimited())),
                new Contender("3 attempts", false, (world, name) -> plain(world, name, 3, RetryBudget.unlimited())),
                new Contender(
                        "3 attempts, budget", false, (world, name) -> plain(world, name, 3, RetryBudget.ratio(RATIO))),
                new Contender(
                        "Pipeline.standard",
                        true,
                        (world, name) -> in(world, name, builder -> builder.standard(DEADLINE))));
    }

    /** Retries as everybody writes them, with the timeouts that go with them. */
    private static Pipeline plain(Simulation world, String name, int attempts, RetryBudget budget) {
        Retry retry = Retry.of(attempts, Backoff.exponential(ofMillis(50)).cap(ofSeconds(1)))
                .budget(budget);
        return in(
                world,
                name,
                builder -> builder.deadline(DEADLINE).attemptTimeout(TIMEOUT).retry(retry));
    }

    /** The real pipeline, on the time and the randomness of a simulation. */
    private static Pipeline in(Simulation world, String name, UnaryOperator<Pipeline.Builder> policies) {
        return policies.apply(Pipeline.builder(name))
                .ticker(world.time())
                .scheduler(world.time())
                .executor(world.time())
                .random(world.random("pipeline " + name))
                .build();
    }

    /** The worst of several seeds, and the goodput of the first. */
    static Trouble.Result worst(Trouble trouble, Contender contender, int seeds) {
        Trouble.Result worst = trouble.run(contender.policies(), 1);
        for (int seed = 2; seed <= seeds; seed++) {
            Trouble.Result next = trouble.run(contender.policies(), seed);
            worst = new Trouble.Result(
                    Math.max(worst.amplification(), next.amplification()),
                    Math.max(worst.recoverySeconds(), next.recoverySeconds()),
                    Math.min(worst.goodput(), next.goodput()),
                    Math.min(worst.good(), next.good()),
                    Math.max(worst.p99Millis(), next.p99Millis()),
                    worst.series());
        }
        return worst;
    }

    static List<Bar> bars(Trouble trouble, Contender contender, Trouble.Result worst) {
        String who = trouble + ", " + contender.name() + ": ";
        List<Bar> bars = new ArrayList<>();
        double allowed = trouble == Trouble.TIERS ? Math.pow(1 + RATIO, 3) : 1 + RATIO;
        bars.add(Bar.atMost(who + "amplification", allowed, worst.amplification()));
        bars.add(Bar.atMost(who + "seconds to recover", 2, worst.recoverySeconds()));
        if (trouble == Trouble.OVERLOAD_2) {
            bars.add(Bar.atLeast(who + "goodput / capacity", 0.95, worst.goodput()));
        } else if (trouble == Trouble.OVERLOAD_10) {
            bars.add(Bar.atLeast(who + "goodput / capacity", 0.90, worst.goodput()));
        }
        return bars;
    }

    /** A line of blocks, one per second, full at capacity. */
    static String sparkline(double[] perSecond) {
        StringBuilder line = new StringBuilder();
        Arrays.stream(perSecond)
                .limit(45)
                .forEach(rate -> line.append("\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588"
                        .charAt((int) Math.min(7, 8 * rate / Trouble.CAPACITY))));
        return line.toString();
    }

    public static void main(String[] arguments) throws IOException {
        int seeds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 20;
        StringBuilder report = new StringBuilder("# Retry storms, simulated\n\n"
                + "Written by `io.github.pentalith.benchmarks.scenarios.Storm` with " + seeds
                + " seeds; the worst seed counts. 20 clients with policies of their own, one service of 16 workers and "
                + "10 ms (1600/s), first in, first out, which works for clients that have left, too. A client waits 2 s in all, "
                + "without `Pipeline.standard` 250 ms for an attempt. Trouble lasts from 10 s to 20 s.\n\n"
                + "All policies are the real pipeline on virtual time. *Amplification*: attempts per request in the "
                + "trouble, after the reserves. *Recovery*: until 90 % are good for 3 s. *Goodput*: share of capacity in "
                + "the trouble from its third second. The line: goodput of the first 45 s, seed 1.\n");
        List<Bar> bars = new ArrayList<>();
        for (Trouble trouble : Trouble.values()) {
            report.append("\n## ")
                    .append(trouble)
                    .append("\n\n")
                    .append(trouble.what)
                    .append(".\n\n");
            MarkdownTable table = new MarkdownTable(
                    "policies", "amplification", "recovery s", "goodput", "good %", "p99 ms", "goodput over time");
            for (Contender contender : contenders()) {
                Trouble.Result worst = worst(trouble, contender, seeds);
                table.row(
                        contender.name(),
                        number(worst.amplification()),
                        number(worst.recoverySeconds()),
                        number(worst.goodput()),
                        number(100 * worst.good()),
                        number(worst.p99Millis()),
                        sparkline(worst.series()));
                if (contender.judged()) {
                    bars.addAll(bars(trouble, contender, worst));
                }
            }
            report.append(table);
            System.out.println(trouble + ": " + trouble.what + "\n" + table);
        }
        report.append("\n## Bars\n\n").append(Bar.table(bars));
        System.out.println(Bar.table(bars));
        if (arguments.length > 1) {
            Files.writeString(Path.of(arguments[1]), report);
        }
    }
}
