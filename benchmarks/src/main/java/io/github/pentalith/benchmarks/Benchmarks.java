// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import io.github.pentalith.benchmarks.coherence.Coherence;
import io.github.pentalith.benchmarks.coherence.CoherenceTable;
import io.github.pentalith.benchmarks.scenarios.Storm;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The program behind {@code benchmarks/run}. */
@Command(
        name = "benchmarks/run",
        description = "Measures the libraries beside their peers.",
        mixinStandardHelpOptions = true,
        subcommands = Storm.class,
        subcommandsRepeatable = false)
public final class Benchmarks implements Callable<Integer> {
    private static final PrintStream OUT = System.out;

    /** What every measuring command takes. */
    static final class Choices {
        @Option(names = "--full", description = "More and longer forks.")
        boolean full;

        @Option(
                names = "--only",
                paramLabel = "REGEX",
                description = "Only trials whose text (as in the progress lines) contains this; writes no files.")
        @Nullable
        Pattern only;

        @Option(
                names = "--output",
                paramLabel = "FOLDER",
                description = "Where JSON, tables and charts go (default: ${DEFAULT-VALUE}).")
        Path output = Path.of("docs/benchmarks");
    }

    public static void main(String[] args) {
        System.setProperty("java.awt.headless", "true");
        System.setProperty("jol.magicFieldOffset", "true"); // else no layouts of records and lambdas
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Benchmarks());
    }

    @Override
    public Integer call() {
        commandLine().usage(OUT);
        return CommandLine.ExitCode.USAGE;
    }

    @Command(description = "Measures lib-sharding.", mixinStandardHelpOptions = true)
    int sharding(@Mixin Choices choices) throws IOException {
        return measure(List.of("sharding"), choices);
    }

    @Command(description = "Measures lib-loadbalance.", mixinStandardHelpOptions = true)
    int loadbalance(@Mixin Choices choices) throws IOException {
        return measure(List.of("loadbalance"), choices);
    }

    @Command(description = "Measures lib-resilience.", mixinStandardHelpOptions = true)
    int resilience(@Mixin Choices choices) throws IOException {
        return measure(List.of("resilience"), choices);
    }

    @Command(description = "Measures lib-cache.", mixinStandardHelpOptions = true)
    int cache(@Mixin Choices choices) throws IOException {
        return measure(List.of("cache"), choices);
    }

    @Command(description = "Measures lib-metrics.", mixinStandardHelpOptions = true)
    int metrics(@Mixin Choices choices) throws IOException {
        return measure(List.of("metrics"), choices);
    }

    @Command(
            description = "Measures peers that bring a framework with them: Spring, Dubbo, Redisson, Hazelcast.",
            mixinStandardHelpOptions = true)
    int heavy(@Mixin Choices choices) throws IOException {
        return measure(List.of("heavy"), choices);
    }

    @Command(description = "Measures what the runner itself takes.", mixinStandardHelpOptions = true)
    int runner(@Mixin Choices choices) throws IOException {
        return measure(List.of(Questions.RUNNER), choices);
    }

    @Command(description = "Measures all libraries, and the runner.", mixinStandardHelpOptions = true)
    int all(@Mixin Choices choices) throws IOException {
        List<String> all = new ArrayList<>(Questions.LIBRARIES);
        all.add(Questions.RUNNER);
        return measure(all, choices);
    }

    private static int measure(List<String> libraries, Choices choices) throws IOException {
        Pace pace = choices.full ? Pace.FULL : Pace.QUICK;
        Environment environment = Environment.now(pace);
        Run run = new Run(pace);
        Map<String, List<Trial>> plan = new LinkedHashMap<>();
        for (String library : libraries) {
            plan.put(
                    library,
                    Questions.trials(Questions.of(library)).stream()
                            .filter(trial -> choices.only == null
                                    || choices.only.matcher(trial.toString()).find())
                            .toList());
        }
        if (plan.values().stream().allMatch(List::isEmpty)) {
            throw new IllegalArgumentException("there must be something to measure: libraries=" + libraries
                    + " (expected: --only matches a trial; heavy needs the profile of its name)");
        }
        int steps = plan.values().stream().mapToInt(run::steps).sum();
        Progress progress = new Progress(steps, System::nanoTime, OUT);
        StringBuilder summary = new StringBuilder();
        for (Map.Entry<String, List<Trial>> entry : plan.entrySet()) {
            String library = entry.getKey();
            List<Row> rows = Run.rows(run.measure(entry.getValue(), progress));
            List<Question> questions = Questions.of(library).stream()
                    .map(type -> type.getAnnotation(Question.class))
                    .toList();
            for (Question question : questions) {
                List<Row> own = rows.stream()
                        .filter(row -> row.question().equals(question.id()))
                        .toList();
                if (!own.isEmpty()) {
                    summary.append('\n').append(RatioTable.section(question, own));
                }
            }
            if (choices.only == null) {
                write(library, questions, new Report(1, environment, rows, Footprints.of(library)), choices.output);
            }
        }
        OUT.println(summary);
        return 0;
    }

    private static void write(String library, List<Question> questions, Report report, Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(library + ".json"), report.toJson());
        Files.writeString(folder.resolve(library + ".md"), RatioTable.page(library, questions, report));
        for (Question question : questions) {
            List<Row> rows = report.rows().stream()
                    .filter(row -> row.question().equals(question.id()))
                    .toList();
            Charts.write(question, rows, folder);
        }
        OUT.println("wrote " + folder.resolve(library + ".md"));
    }

    @Command(
            description = "Compares two folders of results; exits with 1 if rows lie too far apart.",
            mixinStandardHelpOptions = true)
    int compare(@Parameters(paramLabel = "BEFORE") Path before, @Parameters(paramLabel = "AFTER") Path after) {
        Comparison comparison = Comparison.of(before, after);
        OUT.print(comparison.table());
        return comparison.kept() ? 0 : 1;
    }

    @Command(description = "Prints how much memory things take.", mixinStandardHelpOptions = true)
    int footprints() {
        for (String library : Questions.LIBRARIES) {
            for (Report.Size size : Footprints.of(library)) {
                OUT.printf(
                        "%,12d B  %s: %s %s%n", size.bytes(), size.what(), size.subject(), Trial.text(size.params()));
            }
        }
        return 0;
    }

    @Command(
            description = "Looks for stale values in caches shared by processes; exits with 1 if ours has any.",
            mixinStandardHelpOptions = true)
    int coherence(
            @Option(
                            names = "--seconds",
                            defaultValue = "30",
                            paramLabel = "N",
                            description = "How long each experiment writes (default: ${DEFAULT-VALUE}).")
                    int seconds,
            @Option(
                            names = "--subject",
                            paramLabel = "NAME",
                            description = "One cache only (default: all on the class path).")
                    @Nullable
                    List<String> subjects,
            @Option(names = "--output", paramLabel = "FILE", description = "Also writes the table to a file.") @Nullable
                    Path output)
            throws IOException {
        CoherenceTable table = new CoherenceTable(Duration.ofSeconds(seconds), OUT);
        String page = table.run(subjects == null ? Coherence.subjects() : subjects);
        OUT.println();
        OUT.println(page);
        if (output != null) {
            Files.writeString(output, page);
        }
        return table.isClean("pentalith") ? 0 : 1;
    }

    @Command(
            description = "Checks the promises in the gate file; exits with 1 if one is broken.",
            mixinStandardHelpOptions = true)
    int gates(
            @Option(names = "--file", defaultValue = "benchmarks/gates.csv", paramLabel = "FILE") Path file,
            @Option(
                            names = "--attempts",
                            defaultValue = "3",
                            description = "How often a failing row is measured before it fails (default: 3).")
                    int attempts,
            @Option(names = "--only", paramLabel = "REGEX", description = "Only gates whose text contains this.")
                    @Nullable
                    Pattern only)
            throws IOException {
        List<Gate> gates = Gate.parse(Files.readString(file, StandardCharsets.UTF_8)).stream()
                .filter(gate -> only == null || only.matcher(gate.text()).find())
                .toList();
        List<Trial> all = Questions.trials(Questions.ALL);
        List<Gate.Verdict> verdicts = check(gates, all, attempts, new Run(Pace.GATES), OUT);
        OUT.println();
        OUT.print(Gate.table(verdicts));
        long broken = verdicts.stream().filter(verdict -> !verdict.passed()).count();
        OUT.printf("%d gates, %d broken%n", verdicts.size(), broken);
        return broken == 0 ? 0 : 1;
    }

    /** Measures what the gates need; what fails is measured again, and fails only if it does so every time. */
    static List<Gate.Verdict> check(List<Gate> gates, List<Trial> all, int attempts, Run run, PrintStream out) {
        Map<Gate, Gate.Verdict> verdicts = new LinkedHashMap<>();
        List<Gate> open = new ArrayList<>(gates);
        for (int attempt = 1; attempt <= attempts && !open.isEmpty(); attempt++) {
            Set<Trial> needed = new LinkedHashSet<>();
            open.forEach(gate -> needed.addAll(gate.trials(all)));
            if (attempt > 1) {
                out.printf("measuring %d failing gates again (attempt %d of %d)%n", open.size(), attempt, attempts);
            }
            List<Trial> trials = all.stream().filter(needed::contains).toList();
            Progress progress = new Progress(run.steps(trials), System::nanoTime, out);
            Map<Trial, Samples> measured = run.measure(trials, progress);
            open.removeIf(gate -> {
                Gate.Verdict verdict = gate.judge(measured);
                verdicts.put(gate, verdict);
                return verdict.passed();
            });
        }
        return List.copyOf(verdicts.values());
    }
}
