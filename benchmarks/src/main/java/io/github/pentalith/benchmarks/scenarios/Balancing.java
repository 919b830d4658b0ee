// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.scenarios;

import static io.github.pentalith.benchmarks.scenarios.Bar.number;

import io.github.pentalith.benchmarks.scenarios.Chooser.Contender;
import io.github.pentalith.loadbalance.Policy;
import io.github.pentalith.testkit.simulation.Recorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which balancing policy when: the real policies of lib-loadbalance and some written by hand, on fleets that are equal,
 * unequal, slow, pausing, failing and hanging, with the same seeds.
 *
 * <p>Arguments: the number of seeds (3 unless given), a file for the Markdown (none unless given), and a guide in which the
 * table between {@code <!-- simulated -->} and {@code <!-- /simulated -->} is replaced (none unless given). From the top of
 * the repository, after {@code benchmarks/run --help} has built everything:
 *
 * <pre>
 * java -cp "benchmarks/target/classes:$(cat benchmarks/target/classpath.txt)" \
 *     io.github.pentalith.benchmarks.scenarios.Balancing 2 docs/benchmarks/balancing.md docs/guide/loadbalance.md
 * </pre>
 */
public final class Balancing {
    private Balancing() {}

    /** The policies that lib-loadbalance has, and bounds and peers written by hand. */
    static List<Contender> contenders() {
        return List.of(
                new Contender("random, by hand", false, Baselines::random),
                Balanced.of("random()", Policy.random()),
                Balanced.of("roundRobin()", Policy.roundRobin()),
                Balanced.weighted("weighted(), speeds known", Policy.weighted()),
                Balanced.of("leastRequest()", Policy.leastRequest()),
                Balanced.weighted("leastRequest(), speeds known", Policy.leastRequest()),
                Balanced.of("leastRequest(all)", Policy.leastRequest(100)),
                Balanced.of("peakEwma()", Policy.peakEwma()),
                Balanced.weighted("peakEwma(), speeds known", Policy.peakEwma()),
                Balanced.ejecting("leastRequest(), ejection", Policy.leastRequest()),
                Balanced.ejecting("peakEwma(), ejection", Policy.peakEwma()),
                new Contender("least of 2, by hand", false, view -> Baselines.leastOwn(view, 2)),
                new Contender("Peak EWMA, by hand", false, Baselines::peakEwma),
                new Contender("bound: least of 2, true load", false, view -> Baselines.leastTrue(view, 2)),
                new Contender("bound: shortest expected delay", false, Baselines::shortestExpectedDelay));
    }

    public static void main(String[] arguments) throws IOException {
        int seeds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 3;
        StringBuilder report = new StringBuilder(
                "# Balancing, simulated\n\n"
                        + "Written by `io.github.pentalith.benchmarks.scenarios.Balancing` with " + seeds
                        + " seeds; the worst seed counts. Each client has a balancer of its own, which sees only its own calls; "
                        + "the bounds are told the truth. Latencies in milliseconds, queueing included, over all requests: one that failed or never ended counts as infinite (`inf`).\n");
        List<Bar> bars = new ArrayList<>();
        Map<String, List<String>> summary = new LinkedHashMap<>();
        for (Fleet fleet : Fleet.all()) {
            report.append("\n## ")
                    .append(fleet.name())
                    .append("\n\n")
                    .append(fleet.what())
                    .append(".\n\n");
            MarkdownTable table = new MarkdownTable("policy", "p50", "p99", "p99.9", "good %", "to the sick %");
            double roundRobin = 0;
            for (Contender contender : contenders()) {
                Cell cell = Cell.of(fleet, contender, seeds);
                table.row(
                        contender.name(),
                        number(cell.p50),
                        number(cell.p99),
                        number(cell.p999),
                        number(100 * cell.good),
                        fleet.sick() == 0 ? "-" : number(100 * cell.sick));
                if (contender.real()) {
                    summary.computeIfAbsent(contender.name(), name -> new ArrayList<>())
                            .add(cell.inWords());
                }
                if (contender.name().equals("roundRobin()")) {
                    roundRobin = cell.p99;
                } else if (contender.real() && roundRobin > 0) {
                    bars.add(Bar.atMost(
                            fleet.name() + ": p99 of " + contender.name() + " / p99 of roundRobin()",
                            1.03,
                            Double.isFinite(roundRobin) ? cell.p99 / roundRobin : cell.p99 == roundRobin ? 1 : 0));
                }
            }
            report.append(table);
            System.out.println(fleet.name() + ": " + fleet.what() + "\n" + table);
        }
        List<Bar> published = PublishedFigures.check(seeds);
        report.append("\n## Checked against published figures\n\n").append(Bar.table(published));
        report.append("\n## Bars\n\nNo policy is worse than round robin with the same seeds.\n\n")
                .append(Bar.table(bars));
        System.out.println(Bar.table(published));
        System.out.println(Bar.table(bars));
        if (arguments.length > 1) {
            Files.writeString(Path.of(arguments[1]), report);
        }
        if (arguments.length > 2) {
            intoGuide(Path.of(arguments[2]), summary);
        }
    }

    private static void intoGuide(Path guide, Map<String, List<String>> summary) throws IOException {
        List<String> columns = new ArrayList<>(List.of("`Policy`"));
        Fleet.all().forEach(fleet -> columns.add(fleet.name()));
        MarkdownTable table = new MarkdownTable(columns.toArray(String[]::new));
        summary.forEach((name, cells) -> {
            List<String> row = new ArrayList<>(List.of(name));
            row.addAll(cells);
            table.row(row.toArray(String[]::new));
        });
        String text = Files.readString(guide);
        String begin = "<!-- simulated -->\n";
        int from = text.indexOf(begin) + begin.length();
        int to = text.indexOf("<!-- /simulated -->");
        if (from < begin.length() || to < from) {
            throw new IOException("no place for the table in " + guide);
        }
        Files.writeString(guide, text.substring(0, from) + table + text.substring(to));
    }

    /** The worst of several seeds. */
    record Cell(double p50, double p99, double p999, double good, double sick) {
        static Cell of(Fleet fleet, Contender contender, int seeds) {
            Cell worst = new Cell(0, 0, 0, 1, 0);
            for (int seed = 1; seed <= seeds; seed++) {
                Fleet.Result result = fleet.run(contender, seed);
                worst = new Cell(
                        Math.max(worst.p50, millis(result.summary(), 0.5)),
                        Math.max(worst.p99, millis(result.summary(), 0.99)),
                        Math.max(worst.p999, millis(result.summary(), 0.999)),
                        Math.min(worst.good, result.summary().goodShare()),
                        Math.max(worst.sick, result.sickShare()));
            }
            return worst;
        }

        /** The 99th percentile; where more than one in a hundred calls failed or never ended, how many ended well. */
        String inWords() {
            return Double.isFinite(p99) ? number(p99) : number(100 * good) + " % good";
        }

        /** A quantile over all requests: one that failed or is still open took infinitely long. */
        private static double millis(Recorder.Summary summary, double q) {
            double share = q / summary.goodShare();
            return share <= 1 ? summary.quantileNanos(share) / 1e6 : Double.POSITIVE_INFINITY;
        }
    }
}
