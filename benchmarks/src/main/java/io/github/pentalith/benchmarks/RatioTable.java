// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Results as Markdown: per question a table of subjects, with ratios to the floor and to us. */
final class RatioTable {
    private RatioTable() {}

    /** The page of a library. */
    static String page(String library, List<Question> questions, Report report) {
        StringBuilder page = new StringBuilder();
        Environment env = report.env();
        page.append(library.equals("heavy") ? "# Benchmarks beside frameworks" : "# Benchmarks of lib-" + library)
                .append("\n\n");
        page.append("Made by `benchmarks/run ")
                .append(library)
                .append(env.pace().equals("full") ? " --full" : "");
        page.append("`; do not edit. How it is measured and how to read it: [README](README.md).\n\n");
        page.append("JDK ")
                .append(env.jdk())
                .append("; ")
                .append(env.cpu())
                .append(", ")
                .append(env.cores());
        page.append(" cores; ")
                .append(env.os())
                .append("; load ")
                .append(env.load())
                .append(" at the start; commit ");
        page.append(env.commit()).append("; `").append(env.jvmArgs()).append("`.\n");
        for (Question question : questions) {
            List<Row> rows = report.rows().stream()
                    .filter(row -> row.question().equals(question.id()))
                    .toList();
            if (!rows.isEmpty()) {
                page.append('\n').append(section(question, rows));
                page.append("\n![")
                        .append(question.id())
                        .append("](")
                        .append(Charts.fileName(question))
                        .append(")\n");
            }
        }
        if (!report.footprints().isEmpty()) {
            page.append('\n').append(footprints(report.footprints()));
        }
        return page.toString();
    }

    /** One question. */
    static String section(Question question, List<Row> rows) {
        StringBuilder text = new StringBuilder("## " + question.title() + " (`" + question.id() + "`)\n\n");
        Set<Map<String, String>> cases =
                rows.stream().map(Row::params).collect(Collectors.toCollection(LinkedHashSet::new));
        List<Integer> threads =
                rows.stream().map(Row::threads).distinct().sorted().toList();
        boolean parameters = cases.stream().anyMatch(params -> !params.isEmpty());
        String figure = question.waits() ? "median ns" : "CPU ns";

        List<String> head = new ArrayList<>(List.of("subject"));
        if (parameters) {
            head.add("with");
        }
        for (int count : threads) {
            String who = count == 1 ? "1 thread: " : count + " threads: ";
            head.add(who + (count == 1 ? figure : "ns"));
            if (count == 1 && !question.waits()) {
                head.add("median ns");
            }
            head.add("x " + question.floor());
            head.add("x ours");
            head.add("B/op");
        }
        line(text, head);
        line(
                text,
                head.stream()
                        .map(column -> column.equals("subject") || column.equals("with") ? "---" : "---:")
                        .toList());
        for (Map<String, String> params : cases) {
            List<Row> same =
                    rows.stream().filter(row -> row.params().equals(params)).toList();
            for (String subject : same.stream().map(Row::subject).distinct().toList()) {
                List<String> cells = new ArrayList<>(List.of(Run.isOurs(subject) ? "**" + subject + "**" : subject));
                if (parameters) {
                    cells.add(Trial.text(params));
                }
                for (int count : threads) {
                    cells.addAll(cells(question, same, subject, count));
                }
                line(text, cells);
            }
        }
        return text.toString();
    }

    private static List<String> cells(Question question, List<Row> rows, String subject, int threads) {
        Row row = find(rows, subject, threads);
        int columns = threads == 1 && !question.waits() ? 5 : 4;
        if (row == null) {
            return Collections.nCopies(columns, "-");
        }
        List<String> cells = new ArrayList<>();
        cells.add(number(row.figure(question.waits())) + (row.disturbed() ? " ~" : ""));
        if (columns == 5) {
            cells.add(number(row.nsPerOp()));
        }
        cells.add(ratio(row, question.floor()));
        cells.add(ratio(
                row,
                row.ratioTo().keySet().stream().filter(Run::isOurs).findFirst().orElse("")));
        cells.add(row.bytesPerOp() <= Gate.ZERO_BYTES ? "0" : number(row.bytesPerOp()));
        return cells;
    }

    private static @Nullable Row find(List<Row> rows, String subject, int threads) {
        return rows.stream()
                .filter(row -> row.subject().equals(subject) && row.threads() == threads)
                .findFirst()
                .orElse(null);
    }

    private static String ratio(Row row, String to) {
        Double ratio = row.ratioTo().get(to);
        return ratio == null ? "-" : String.format(Locale.ROOT, ratio < 10 ? "%.2f" : "%.0f", ratio);
    }

    private static String footprints(List<Report.Size> sizes) {
        StringBuilder text = new StringBuilder("## Memory\n\n");
        line(text, List.of("what", "subject", "with", "bytes"));
        line(text, List.of("---", "---", "---", "---:"));
        for (Report.Size size : sizes) {
            String subject = Run.isOurs(size.subject()) ? "**" + size.subject() + "**" : size.subject();
            line(
                    text,
                    List.of(
                            size.what(),
                            subject,
                            Trial.text(size.params()),
                            String.format(Locale.ROOT, "%,d", size.bytes())));
        }
        return text.toString();
    }

    /** Three significant digits or so. */
    static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%,.0f", value);
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append(cells.stream().collect(Collectors.joining(" | ", "| ", " |\n")));
    }
}
