// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * Two runs of the same code: how far the figures of the same row lie apart.
 *
 * @param lines one per row, the worst first
 */
record Comparison(List<Line> lines) {
    /**
     * A row in both runs.
     *
     * @param row as in the first run
     * @param first its figure there
     * @param second its figure in the other run
     */
    record Line(Row row, double first, double second) {
        double factor() {
            return Math.max(first, second) / Math.min(first, second);
        }

        /** The factor that two runs are expected to keep within. */
        double bound() {
            return row.threads() == 1 ? 1.25 : 2.5;
        }

        boolean kept() {
            return factor() <= bound();
        }
    }

    static Comparison of(Path before, Path after) {
        List<Line> lines = new ArrayList<>();
        TreeMap<String, Report> first = reports(before);
        TreeMap<String, Report> second = reports(after);
        first.forEach((file, report) -> {
            Report other = second.get(file);
            if (other != null) {
                lines.addAll(lines(report, other));
            }
        });
        lines.sort(Comparator.comparingDouble((Line line) -> line.factor() / line.bound())
                .reversed());
        return new Comparison(lines);
    }

    private static List<Line> lines(Report before, Report after) {
        List<Line> lines = new ArrayList<>();
        for (Row row : before.rows()) {
            after.rows().stream()
                    .filter(row::sameAs)
                    .findFirst()
                    .ifPresent(other -> lines.add(new Line(row, figure(row), figure(other))));
        }
        return lines;
    }

    private static double figure(Row row) {
        return row.figure(Questions.waits(row.question()));
    }

    private static TreeMap<String, Report> reports(Path folder) {
        ObjectMapper mapper = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
        TreeMap<String, Report> reports = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.json")) {
            for (Path file : files) {
                reports.put(file.getFileName().toString(), mapper.readValue(file.toFile(), Report.class));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return reports;
    }

    boolean kept() {
        return !lines.isEmpty() && lines.stream().allMatch(Line::kept);
    }

    String table() {
        StringBuilder text = new StringBuilder();
        for (Line line : lines) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-4s %6.2f x  %10.1f %10.1f ns  %s%n",
                    line.kept() ? "ok" : "FAR",
                    line.factor(),
                    line.first(),
                    line.second(),
                    line.row().name()));
        }
        text.append(summary("1 thread", 1)).append(summary("several threads", 2));
        return text.toString();
    }

    private String summary(String what, int threads) {
        List<Line> own = lines.stream()
                .filter(line -> threads == 1 == (line.row().threads() == 1))
                .toList();
        if (own.isEmpty()) {
            return "";
        }
        double[] factors = own.stream().mapToDouble(Line::factor).toArray();
        return String.format(
                Locale.ROOT,
                "%s: %d rows, median %.2f x, worst %.2f x, %d beyond %.2f x%n",
                what,
                own.size(),
                Samples.median(factors),
                Samples.maximum(factors),
                own.stream().filter(line -> !line.kept()).count(),
                own.get(0).bound());
    }
}
