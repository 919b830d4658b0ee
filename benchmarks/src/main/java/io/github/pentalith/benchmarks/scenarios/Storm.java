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
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Retry storms: what clients make of an outage, a slowdown, an overload, with no policy, with plain retries and with
 * {@code Pipeline.standard}.
 */
@Command(
        name = "storm",
        description = "Simulates retry storms; exits with 1 if Pipeline.standard misses a bar.",
        mixinStandardHelpOptions = true)
public final class Storm implements Callable<Integer> {
    private static final PrintStream OUT = System.out;
    private static final double RATIO = 0.1;
    private static final Duration TIMEOUT = ofMillis(250);
    private static final Duration DEADLINE = ofSeconds(2);

    @Option(
            names = "--seeds",
            paramLabel = "N",
            description =
                    "How many seeds Pipeline.standard must stand, the others a tenth (default: ${DEFAULT-VALUE}).")
    private int seeds = 20;

    @Option(names = "--first", paramLabel = "SEED", description = "The first seed (default: ${DEFAULT-VALUE}).")
    private long first = 1;

    @Option(names = "--output", paramLabel = "FOLDER", description = "Also writes storm.md and storm.svg to a folder.")
    private @Nullable Path output;

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
    static Trouble.Result worst(Trouble trouble, Contender contender, long first, int seeds) {
        Trouble.Result worst = trouble.run(contender.policies(), first);
        for (long seed = first + 1; seed < first + seeds; seed++) {
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
        bars.add(Bar.atMost(who + "amplification", 1 + RATIO, worst.amplification()));
        bars.add(Bar.atMost(who + "seconds to recover", 2, worst.recoverySeconds()));
        if (trouble.isOverload()) {
            bars.add(Bar.atLeast(who + "goodput / capacity", 0.95, worst.goodput()));
        }
        if (trouble == Trouble.LOST_REPLIES) {
            bars.add(Bar.atLeast(who + "share of good requests", 0.998, worst.good()));
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

    @Override
    public Integer call() throws IOException {
        StringBuilder report = new StringBuilder("# Retry storms, simulated\n\n"
                + "Written by `benchmarks/run storm --output docs/benchmarks`. The worst of " + seeds
                + " seeds counts for `Pipeline.standard`, of " + others() + " for the others. "
                + "20 clients with policies of their own, one service of 16 workers and "
                + "10 ms (1600/s), first in, first out, which works for clients that have left, too. A client waits 2 s in all; "
                + "without `Pipeline.standard`, 250 ms for an attempt. Trouble lasts from 10 s to 20 s.\n\n"
                + "All policies are the real pipeline on virtual time. *Amplification*: attempts per request in the "
                + "trouble, after the reserves. *Recovery*: until 90 % are good for 3 s. *Goodput*: share of capacity in "
                + "the trouble from its third second. The lines show the goodput of the first 45 s of the first seed, as the "
                + "chart does.\n\n![Goodput over time](storm.svg)\n");
        List<Bar> bars = new ArrayList<>();
        GoodputChart chart = new GoodputChart();
        for (Trouble trouble : Trouble.values()) {
            String table = table(trouble, bars, chart);
            report.append("\n## ")
                    .append(trouble)
                    .append("\n\n")
                    .append(trouble.what)
                    .append(".\n\n");
            report.append(table);
            OUT.println(trouble + ": " + trouble.what + "\n" + table);
        }
        report.append("\n## Bars\n\n").append(Bar.table(bars));
        OUT.println(Bar.table(bars));
        Path folder = output;
        if (folder != null) {
            Files.writeString(folder.resolve("storm.md"), report);
            Files.writeString(folder.resolve("storm.svg"), chart.toSvg());
            OUT.println("wrote " + folder.resolve("storm.md"));
        }
        return bars.stream().allMatch(Bar::kept) ? 0 : 1;
    }

    /** Those that fail do so with every seed, and take long. */
    private int others() {
        return Math.max(1, seeds / 10);
    }

    private String table(Trouble trouble, List<Bar> bars, GoodputChart chart) {
        MarkdownTable table = new MarkdownTable(
                "policies", "amplification", "recovery s", "goodput", "good %", "p99 ms", "goodput over time");
        for (Contender contender : contenders()) {
            Trouble.Result worst = worst(trouble, contender, first, contender.judged() ? seeds : others());
            table.row(
                    contender.name(),
                    number(worst.amplification()),
                    number(worst.recoverySeconds()),
                    number(worst.goodput()),
                    number(100 * worst.good()),
                    number(worst.p99Millis()),
                    sparkline(worst.series()));
            chart.add(trouble, contender.name(), worst.series());
            if (contender.judged()) {
                bars.addAll(bars(trouble, contender, worst));
            }
        }
        return table.toString();
    }
}
