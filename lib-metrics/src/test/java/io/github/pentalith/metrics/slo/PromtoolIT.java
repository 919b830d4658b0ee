// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.slo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.TimeSource;
import io.github.pentalith.metrics.Timer;
import io.github.pentalith.metrics.export.Exposition;
import io.github.pentalith.metrics.slo.BurnRateAlerts.Alert;
import io.github.pentalith.metrics.slo.BurnRateAlerts.State;
import io.github.pentalith.testkit.RequiresTool;
import io.github.pentalith.testkit.VirtualTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our alerts and Prometheus' evaluation of the exported rules agree on the same series. */
@RequiresTool(value = "promtool", debianPackage = "prometheus")
@Timeout(600)
class PromtoolIT {
    private static final boolean LONG = "long".equals(System.getProperty("pentalith.tests"));
    private static final int LENGTH = (LONG ? 80 : 10) * 60; // minutes
    private static final double NEAR = 0.05; // as close to a limit, the windows' begins may decide

    @TempDir
    Path folder;

    private final VirtualTime time = VirtualTime.create();
    private final MetricRegistry registry = MetricRegistry.of("shop");
    private final Counter[] ok = counters("ok");
    private final Counter[] failed = counters("failed");
    private final Timer work = registry.timer("work", "Work.")
            .buckets(Duration.ofMillis(100), Duration.ofMillis(250))
            .labels("op")
            .with("read \"x\"");

    private Counter[] counters(String result) {
        return new Counter[] {
            registry.counter("requests", "Requests.").labels("result", "zone").with(result, "a\\b"),
            registry.counter("requests", "Requests.").labels("result", "zone").with(result, "b"),
        };
    }

    private BurnRateAlerts alerts() {
        return BurnRateAlerts.builder("shop")
                .slo(Slo.availability("answers", 0.999, List.of(ok[0], ok[1], failed[0], failed[1]), List.of(failed)))
                .slo(Slo.latency("speed", 0.95, work, Duration.ofMillis(250)))
                .threshold(Threshold.quantileAbove("slow", work, 0.9, Duration.ofMillis(100)))
                .threshold(Threshold.errorRateAbove("errors", ok[0], failed[0], 0.03)
                        .over(Duration.ofMinutes(10))
                        .lasting(Duration.ofMinutes(7)))
                .threshold(Threshold.throughputBelow("silence", ok[0], 0.5))
                .threshold(Threshold.throughputAbove("rush", ok[0], 2).baseline(Duration.ofMinutes(40)))
                .minimumEvents(10)
                .tick(Duration.ofMinutes(1))
                .time(TimeSource.of(time))
                .build();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void alerts_onTheSameSeries_agreeWithPrometheus(long seed) throws Exception {
        Random random = new Random(seed);
        BurnRateAlerts alerts = alerts();
        String rules = alerts.toPrometheusRules();
        Files.writeString(folder.resolve("rules.yml"), rules);
        assertThat(promtool("check", "rules", "rules.yml")).contains("12 rules found");

        Map<String, List<String>> series = new TreeMap<>();
        StringBuilder expected = new StringBuilder();
        Map<String, Integer> fired = new LinkedHashMap<>();
        Map<String, Long> held = new LinkedHashMap<>();
        scrape(series);
        double errorRate = 0;
        int traffic = 100;
        double slow = 0;
        int compared = 0;
        for (int minute = 1; minute <= LENGTH; minute++) {
            if (random.nextInt(25) == 0) { // the weather changes
                errorRate = random.nextInt(3) == 0 ? Math.pow(10, -3.5 * random.nextDouble()) : 0;
                traffic = random.nextInt(8) == 0 ? 400 : 20 + random.nextInt(150);
                slow = random.nextInt(2) == 0 ? 0.3 * random.nextDouble() : 0;
            }
            for (int zone = 0; zone < 2; zone++) {
                int bad = (int) Math.round(traffic * 10 * errorRate);
                failed[zone].add(bad);
                ok[zone].add(traffic * 10L - bad);
            }
            for (int i = 0; i < traffic / 4; i++) {
                double dice = random.nextDouble();
                work.record(Duration.ofMillis(dice < slow / 2 ? 400 : dice < slow ? 150 : 20));
            }
            time.advance(Duration.ofMinutes(1));
            scrape(series);
            if (minute % 7 == 0) {
                for (Alert alert : alerts.status()) {
                    if (certain(alert, held, minute)) {
                        compared++;
                        boolean fires = alert.state() == State.FIRING;
                        fired.merge(alert.name(), fires ? 1 : 0, Integer::sum);
                        expect(expected, minute, alert.name(), fires, rules);
                    }
                }
            }
            for (Alert alert : alerts.status()) {
                if (nearLimit(alert)) {
                    held.put(alert.name(), (long) minute);
                }
            }
        }
        Files.writeString(folder.resolve("test.yml"), test(series, expected));
        assertThat(promtool("test", "rules", "test.yml")).contains("SUCCESS");
        assertThat(compared).isGreaterThan(200);
        assertThat(fired.values().stream().mapToInt(Integer::intValue).sum())
                .as("%s", fired)
                .isGreaterThan(20);
        // The other way round: a test that expects one alert too many must fail, or the comparison proves nothing.
        StringBuilder wrong = new StringBuilder();
        expect(wrong, 1, "errors", true, rules);
        Files.writeString(folder.resolve("wrong.yml"), test(series, wrong));
        assertThat(new TreeSet<>(List.of(run("test", "rules", "wrong.yml").exitValue())))
                .doesNotContain(0);
    }

    /** Whether Prometheus must come to the same verdict. */
    private static boolean certain(Alert alert, Map<String, Long> nearSince, int minute) {
        Long near = nearSince.get(alert.name());
        return alert.state() != State.INSUFFICIENT
                && !nearLimit(alert)
                && alert.coverage() == 1
                && (near == null || minute - near > 8); // what must last may have begun a tick earlier or later
    }

    private static boolean nearLimit(Alert alert) {
        return Math.abs(alert.value() - alert.limit()) < NEAR * alert.limit();
    }

    private void scrape(Map<String, List<String>> series) {
        for (String line : Exposition.prometheus().text(registry).split("\n", -1)) {
            int space = line.lastIndexOf(' ');
            if (space > 0 && !line.startsWith("#")) {
                series.computeIfAbsent(line.substring(0, space), name -> new ArrayList<>())
                        .add(line.substring(space + 1));
            }
        }
    }

    private static String test(Map<String, List<String>> series, StringBuilder expected) {
        StringBuilder out = new StringBuilder("rule_files: [rules.yml]\nevaluation_interval: 1m\ntests:\n");
        out.append("  - interval: 1m\n    input_series:\n");
        series.forEach((name, values) -> out.append("      - series: ")
                .append(RuleFile.quoted(name))
                .append("\n        values: '")
                .append(String.join(" ", values))
                .append("'\n"));
        return out.append("    alert_rule_test:\n").append(expected).toString();
    }

    private static void expect(StringBuilder out, int minute, String name, boolean fires, String rules) {
        out.append("      - eval_time: ")
                .append(minute)
                .append("m\n        alertname: ")
                .append(name);
        out.append("\n        exp_alerts:");
        if (!fires) {
            out.append(" []\n");
            return;
        }
        Matcher rule = Pattern.compile(
                        "alert: \"" + name + "\"\n.*?severity: (\\w+)\n.*?summary: (\"[^\n]*\")\n", Pattern.DOTALL)
                .matcher(rules);
        assertThat(rule.find()).isTrue();
        out.append("\n          - exp_labels: {severity: ").append(rule.group(1));
        out.append("}\n            exp_annotations: {summary: ")
                .append(rule.group(2))
                .append("}\n");
    }

    private String promtool(String... arguments) throws Exception {
        Process process = run(arguments);
        String output = Files.readString(folder.resolve("output"));
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    private Process run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start();
        process.waitFor();
        return process;
    }
}
