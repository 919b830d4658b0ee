// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** Measures trials round by round and makes rows with ratios of them. */
final class Run {
    private final Pace pace;
    private final Function<List<Trial>, Map<Trial, Samples>> meter;

    Run(Pace pace) {
        this(pace, together -> Bursts.measure(together, pace));
    }

    /** The meter gets trials that are comparable, and gives each a fork. */
    Run(Pace pace, Function<List<Trial>, Map<Trial, Samples>> meter) {
        this.pace = pace;
        this.meter = meter;
    }

    int steps(List<Trial> trials) {
        return trials.size() * pace.forks;
    }

    Map<Trial, Samples> measure(List<Trial> trials, Progress progress) {
        Map<Trial, Samples> measured = new LinkedHashMap<>();
        trials.forEach(trial -> measured.put(trial, Samples.NONE)); // the order of the trials, not of the groups
        for (int fork = 0; fork < pace.forks + pace.moreForks; fork++) {
            List<Trial> open = trials;
            if (fork >= pace.forks) {
                open = trials.stream()
                        .filter(trial -> !trial.mayWait()
                                && !Objects.requireNonNull(measured.get(trial)).confirmed())
                        .toList();
                progress.expect(open.size());
            }
            for (List<Trial> together : groups(open)) {
                meter.apply(together).forEach((trial, samples) -> {
                    measured.merge(trial, samples, Samples::plus);
                    progress.step(trial + ": " + brief(samples));
                });
            }
        }
        return measured;
    }

    private static List<List<Trial>> groups(List<Trial> trials) {
        List<List<Trial>> groups = new ArrayList<>();
        for (Trial trial : trials) {
            List<Trial> last = groups.isEmpty() ? List.of() : groups.get(groups.size() - 1);
            if (!last.isEmpty() && last.get(0).comparableTo(trial)) {
                last.add(trial);
            } else {
                groups.add(new ArrayList<>(List.of(trial)));
            }
        }
        return groups;
    }

    private static String brief(Samples samples) {
        return String.format(
                Locale.ROOT,
                "%.1f ns, CPU %.1f ns, %.1f B/op",
                Samples.median(samples.each(Samples.Fork::medianWall)),
                Samples.median(samples.each(Samples.Fork::leastCpu)),
                samples.bytes());
    }

    /** Each row with its ratio to the floor and to our first subject. */
    static List<Row> rows(Map<Trial, Samples> measured) {
        Map<Trial, Row> plain = new LinkedHashMap<>();
        measured.forEach((trial, samples) -> plain.put(trial, Row.of(trial, samples)));
        List<Row> rows = new ArrayList<>();
        plain.forEach((trial, row) -> {
            Row complete = row;
            for (Map.Entry<Trial, Row> other : plain.entrySet()) {
                if (isReference(other.getKey(), plain) && trial.comparableTo(other.getKey())) {
                    complete = complete.withRatioTo(
                            other.getValue(), trial.question().waits());
                }
            }
            rows.add(complete);
        });
        return rows;
    }

    private static boolean isReference(Trial trial, Map<Trial, Row> all) {
        return trial.subject().equals(trial.question().floor())
                || all.keySet().stream()
                        .filter(other -> other.comparableTo(trial))
                        .filter(other -> isOurs(other.subject()))
                        .findFirst()
                        .filter(trial::equals)
                        .isPresent();
    }

    static boolean isOurs(String subject) {
        return subject.startsWith("pentalith");
    }
}
