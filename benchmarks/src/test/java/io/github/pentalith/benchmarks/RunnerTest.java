// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.annotations.Param;

class RunnerTest {
    private static final String HEADER = "question,params,threads,subject,measure,against,limit\n";
    private static final String BYTES = "sample,size=1,1,pentalith,bytes,,0\n";
    private static final String RATIO = "sample,size=1,1,pentalith,ratio,floor,1.5\n";
    private static final String SCALING = "sample,size=1,2,pentalith,scaling,,1.5\n";

    @Question(library = "sharding", id = "sample", title = "A sample", floor = "floor")
    public static class Sample {
        @Param({"pentalith", "floor", "peer"})
        public String subject;

        @Param({"1", "2"})
        public int size;
    }

    private static final List<Trial> TRIALS = Trial.all(Sample.class);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);

    /** The floor takes 10 ns, the peer 40 ns. */
    private static Function<List<Trial>, Map<Trial, Samples>> meter(double ours, double bytes) {
        return together -> together.stream()
                .collect(Collectors.toMap(trial -> trial, trial -> switch (trial.subject()) {
                    case "pentalith" -> samples(ours, bytes);
                    case "floor" -> samples(10, 0);
                    default -> samples(40, 24);
                }));
    }

    private static Samples samples(double nanos, double bytes) {
        double[] wall = {nanos * 3, nanos * 2, nanos * 2};
        double[] cpu = {nanos, nanos, nanos};
        return new Samples(List.of(
                new Samples.Fork(wall, cpu, new double[] {bytes, bytes, bytes}, new boolean[] {true, true, true})));
    }

    private List<Gate.Verdict> check(String csv, Function<List<Trial>, Map<Trial, Samples>> meter) {
        return Benchmarks.check(Gate.parse(HEADER + csv), TRIALS, 3, new Run(Pace.GATES, meter), print);
    }

    private List<Row> rows() {
        return Run.rows(new Run(Pace.GATES, meter(20, 0)).measure(TRIALS, new Progress(12, () -> 0, print)));
    }

    @Test
    void gates_inTheFile_nameTrialsThatExist() throws Exception {
        Path file = Path.of(System.getProperty("module.basedir", ".")).resolve("gates.csv");
        List<Trial> all = Questions.trials(Questions.ALL);
        assertThat(Gate.parse(Files.readString(file)))
                .isNotEmpty()
                .doesNotHaveDuplicates()
                .allSatisfy(gate -> assertThat(gate.trials(all)).isNotEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sample,,1,pentalith,bytes,floor,0",
                "sample,,1,pentalith,bytes,,-1",
                "sample,,1,pentalith,ratio,,1",
                "sample,,1,pentalith,ratio,pentalith,1",
                "sample,,1,pentalith,ratio,floor,0",
                "sample,,0,pentalith,bytes,,0",
                "sample,size=1,1,pentalith,scaling,,2",
                "sample,size=1,2,pentalith,scaling,floor,2",
                "sample,size=1,2,pentalith,scaling,,0",
                "sample,,1,pentalith,bytes,,NaN",
                "sample,size=3,1,pentalith,bytes,,0"
            })
    void check_ofAnUnsoundLine_isRefused(String line) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> check(line + "\n", meter(1, 0)))
                .withMessageStartingWith("gate must ");
    }

    @Test
    void check_ofKeptPromises_passesOnTheFirstAttempt() {
        List<Gate.Verdict> verdicts = check("# why\n" + BYTES + RATIO, meter(19, 0.05));
        assertThat(verdicts).hasSize(2).allMatch(Gate.Verdict::passed);
        assertThat(verdicts.get(1).seen()).isEqualTo(1.9);
        assertThat(verdicts.get(1).allowed()).isEqualTo(1.95);
        assertThat(out.toString(StandardCharsets.UTF_8)).doesNotContain("again");
    }

    @Test
    void check_ofBrokenPromises_failsAfterEveryAttemptAndShowsThem() {
        List<Gate.Verdict> verdicts = check(BYTES + RATIO, meter(20, 16));
        assertThat(verdicts).hasSize(2).noneMatch(Gate.Verdict::passed);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("measuring 2 failing gates again (attempt 3 of 3)");
        assertThat(Gate.table(verdicts))
                .contains("FAIL      16.00  allowed     0.10  sample (size=1) 1T: pentalith allocates")
                .contains("FAIL       2.00  allowed     1.95");
    }

    /** In these samples the time on the wall, which counts for two threads, is twice the CPU time. */
    @Test
    void check_ofThreadsThatHinderEachOther_fails() {
        List<Gate.Verdict> verdicts = check(SCALING, meter(20, 0));
        assertThat(verdicts).singleElement().matches(verdict -> !verdict.passed());
        assertThat(Gate.table(verdicts))
                .contains(
                        "FAIL       2.00  allowed     1.95  sample (size=1) 2T: pentalith takes at most 1.50 x its time");
        assertThat(check(SCALING.replace("1.5", "1.6"), meter(20, 0))).allMatch(Gate.Verdict::passed);
    }

    @Test
    void check_ofAPassingDisturbance_measuresAgainAndPasses() {
        AtomicLong calls = new AtomicLong();
        assertThat(check(
                        RATIO,
                        together ->
                                meter(calls.getAndIncrement() < 2 ? 100 : 10, 0).apply(together)))
                .allMatch(Gate.Verdict::passed);
        assertThat(calls).hasValue(4);
    }

    @Test
    void section_ofRows_isATableWithRatios() {
        assertThat(RatioTable.section(Sample.class.getAnnotation(Question.class), rows())
                        .lines())
                .contains(
                        "## A sample (`sample`)",
                        "| **pentalith** | size=1 | 20.0 | 40.0 | 2.00 | 1.00 | 0 | 40.0 | 2.00 | 1.00 | 0 |",
                        "| peer | size=2 | 40.0 | 80.0 | 4.00 | 2.00 | 24.0 | 80.0 | 4.00 | 2.00 | 24.0 |");
    }

    @Test
    void report_ofRows_isJsonAndAChart(@TempDir Path folder) throws Exception {
        Report report = new Report(1, Environment.now(Pace.QUICK), rows(), List.of());
        JsonNode json = new ObjectMapper().readTree(report.toJson());
        assertThat(json.get("env").fieldNames()).toIterable().contains("jdk", "cpu", "cores", "load", "commit");
        assertThat(json.get("rows").get(2).get("ratioTo").get("floor").asDouble())
                .isEqualTo(4);
        System.setProperty("java.awt.headless", "true");
        Charts.write(Sample.class.getAnnotation(Question.class), report.rows(), folder);
        assertThat(Files.readString(folder.resolve("sharding-sample.svg")))
                .contains("<svg", ">pentalith<", ">A sample, size=2<");
    }

    @Test
    void comparison_ofTwoRuns_tellsHowFarTheyLieApart(@TempDir Path folder) throws Exception {
        Environment environment = Environment.now(Pace.QUICK);
        Path before = Files.createDirectory(folder.resolve("before"));
        Path after = Files.createDirectory(folder.resolve("after"));
        List<Row> slower =
                Run.rows(new Run(Pace.GATES, meter(30, 0)).measure(TRIALS, new Progress(12, () -> 0, print)));
        Files.writeString(before.resolve("x.json"), new Report(1, environment, rows(), List.of()).toJson());
        Files.writeString(after.resolve("x.json"), new Report(1, environment, slower, List.of()).toJson());
        Comparison comparison = Comparison.of(before, after);
        assertThat(comparison.kept()).isFalse();
        assertThat(comparison.table())
                .startsWith("FAR    1.50 x        20.0       30.0 ns  sample pentalith (size=1) 1T")
                .contains("1 thread: 6 rows, median 1.00 x, worst 1.50 x, 2 beyond 1.25 x")
                .contains("several threads: 6 rows, median 1.00 x, worst 1.50 x, 0 beyond 2.50 x");
        assertThat(Comparison.of(before, before).kept()).isTrue();
    }

    @Test
    void samples_withDisturbedBursts_useTheCalmOnes() {
        double[] wall = {10, 100, 12, 11, 90};
        Samples.Fork some = new Samples.Fork(wall, wall, new double[5], new boolean[] {true, false, true, true, false});
        assertThat(some.disturbed()).isFalse();
        assertThat(some.calmWall()).containsExactly(10, 12, 11);
        assertThat(some.medianWall()).isEqualTo(11);
        assertThat(new Samples.Fork(wall, wall, new double[5], new boolean[] {true, false, false, false, false})
                        .disturbed())
                .isTrue();
    }

    @Test
    void row_ofSeveralForks_hasTheLeastCpuTimeAndTheMedianOfTheWall() {
        boolean[] calm = {true, true, true};
        Samples three = Samples.NONE;
        for (double nanos : new double[] {20, 90, 10}) {
            double[] bursts = {nanos, nanos * 2, nanos * 3};
            three = three.plus(new Samples(List.of(new Samples.Fork(bursts, bursts, new double[] {0, 0, 3}, calm))));
        }
        Row row = Row.of(TRIALS.get(0), three);
        assertThat(row.forks()).containsExactly(24.0, 108.0, 12.0);
        assertThat(row.cpuNsPerOp()).isEqualTo(12);
        assertThat(row.nsPerOp()).isEqualTo(40);
        assertThat(row.bytesPerOp()).isEqualTo(1);
    }

    @Test
    void measure_untilASecondForkConfirmsTheBest_goesOnForTrialsOfOneThread() {
        AtomicLong forks = new AtomicLong();
        Trial trial = TRIALS.get(0);
        double[] nanos = {30, 10, 20, 10.5, 10};
        Map<Trial, Samples> measured = new Run(
                        Pace.QUICK, together -> Map.of(trial, samples(nanos[(int) forks.getAndIncrement()], 0)))
                .measure(List.of(trial), new Progress(2, () -> 0, print));
        assertThat(Row.of(trial, measured.get(trial)).forks()).containsExactly(30.0, 10.0, 20.0, 10.5);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("[  4/4, ");
    }

    @Test
    void measure_ofAnyTrials_givesComparableOnesTheirForksTogether() {
        List<List<Trial>> groups = new ArrayList<>();
        new Run(Pace.GATES, together -> {
                    groups.add(together);
                    return meter(1, 0).apply(together);
                })
                .measure(TRIALS, new Progress(24, () -> 0, print));
        assertThat(groups)
                .hasSize(4 * Pace.GATES.forks)
                .allSatisfy(group -> assertThat(group).hasSize(3).allMatch(trial -> trial.comparableTo(group.get(0))));
        assertThat(groups.subList(0, 4)).isEqualTo(groups.subList(4, 8));
    }

    @Test
    void progress_afterSomeSteps_tellsTheTimeLeft() {
        AtomicLong now = new AtomicLong();
        Progress progress = new Progress(4, now::get, print);
        now.set(60_000_000_000L);
        progress.step("one");
        assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("[  1/4, 3:00 left] one");
    }
}
