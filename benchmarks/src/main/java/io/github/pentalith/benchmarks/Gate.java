// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A promise that the build keeps: a line of {@code gates.csv}.
 *
 * @param question id of the question
 * @param params its parameters, as {@code name=value} separated by semicolons; may be empty
 * @param threads how many ask at once; for scaling: as many beside one
 * @param subject who promises
 * @param measure what is promised
 * @param against for a ratio: to whom; else empty
 * @param limit at most this
 */
record Gate(
        String question, String params, int threads, String subject, Measure measure, String against, double limit) {
    /** What JMH itself allocates, spread over the operations of an iteration, stays below this. */
    static final double ZERO_BYTES = 0.1;

    /** How far a ratio may exceed its limit: two runs of the same code differ by as much. */
    static final double SLACK = 1.3;

    enum Measure {
        /** Allocated bytes per operation; no slack. */
        BYTES,
        /** Time divided by that of another subject of the same run. */
        RATIO,
        /** Time of several threads divided by that of one thread of the same subject: what threads do to each other. */
        SCALING
    }

    /** What a gate says about rows. */
    record Verdict(Gate gate, double seen, double allowed, boolean passed) {}

    static List<Gate> parse(String csv) {
        CsvMapper mapper = CsvMapper.csvBuilder()
                .enable(CsvParser.Feature.TRIM_SPACES)
                .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
                .enable(CsvParser.Feature.FAIL_ON_MISSING_COLUMNS)
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                .build();
        CsvSchema schema = CsvSchema.emptySchema().withHeader().withComments();
        try (MappingIterator<Gate> lines =
                mapper.readerFor(Gate.class).with(schema).readValues(csv)) {
            List<Gate> gates = lines.readAll();
            gates.forEach(Gate::validate);
            return gates;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void validate() {
        boolean sound = switch (measure) {
            case BYTES -> against.isEmpty() && limit >= 0;
            case RATIO -> !against.isEmpty() && !against.equals(subject) && limit > 0;
            case SCALING -> against.isEmpty() && threads > 1 && limit > 0;
        };
        if (!sound || threads < 1) {
            throw new IllegalArgumentException("gate must be sound: gate=" + this
                    + " (expected: bytes with a limit of 0 or more; or a ratio with a limit above 0 against another"
                    + " subject; or scaling with a limit above 0 against nobody, of 2 threads or more)");
        }
    }

    Map<String, String> paramMap() {
        Map<String, String> map = new LinkedHashMap<>();
        for (String pair : params.split(";", -1)) {
            if (!pair.isBlank()) {
                String[] words = pair.split("=", 2);
                map.put(words[0].strip(), words.length < 2 ? "" : words[1].strip());
            }
        }
        return map;
    }

    /** The trials that this gate needs, out of all there are: that of the promise, then what it is compared to. */
    List<Trial> trials(Collection<Trial> all) {
        List<Trial> needed = new ArrayList<>();
        find(all, subject, threads).ifPresent(needed::add);
        switch (measure) {
            case BYTES -> {}
            case RATIO -> find(all, against, threads).ifPresent(needed::add);
            case SCALING -> find(all, subject, 1).ifPresent(needed::add);
        }
        if (needed.size() != (measure == Measure.BYTES ? 1 : 2)) {
            throw new IllegalArgumentException("gate must name trials that exist: gate=" + this + ", found=" + needed
                    + " (expected: question, params, threads and subjects as in the code)");
        }
        return needed;
    }

    private Optional<Trial> find(Collection<Trial> all, String who, int howMany) {
        return all.stream()
                .filter(trial -> trial.question().id().equals(question)
                        && trial.params().equals(paramMap())
                        && trial.subject().equals(who)
                        && trial.threads() == howMany)
                .findFirst();
    }

    Verdict judge(Map<Trial, Samples> measured) {
        List<Row> rows = trials(measured.keySet()).stream()
                .map(trial -> Row.of(trial, Objects.requireNonNull(measured.get(trial))))
                .toList();
        if (measure == Measure.BYTES) {
            double bytes = rows.get(0).bytesPerOp();
            double allowed = limit + ZERO_BYTES;
            return new Verdict(this, bytes, allowed, bytes <= allowed);
        }
        boolean waits = Questions.waits(question);
        double ratio = rows.get(0).figure(waits) / rows.get(1).figure(waits);
        return new Verdict(this, Row.round(ratio), Row.round(limit * SLACK), ratio <= limit * SLACK);
    }

    /** The promise in words. */
    String text() {
        String where = (params.isEmpty() ? "" : " (" + params + ")") + " " + threads + "T";
        return question + where + ": " + subject
                + switch (measure) {
                    case BYTES -> " allocates at most " + RatioTable.number(limit) + " B/op";
                    case RATIO -> String.format(Locale.ROOT, " takes at most %.2f x %s", limit, against);
                    case SCALING -> String.format(Locale.ROOT, " takes at most %.2f x its time alone", limit);
                };
    }

    /** The table of all verdicts, failures last where they are seen. */
    static String table(List<Verdict> verdicts) {
        StringBuilder text = new StringBuilder();
        List<Verdict> sorted = new ArrayList<>(verdicts);
        sorted.sort(Comparator.comparing(Verdict::passed).reversed());
        for (Verdict verdict : sorted) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-4s %10.2f  allowed %8.2f  %s%n",
                    verdict.passed() ? "ok" : "FAIL",
                    verdict.seen(),
                    verdict.allowed(),
                    verdict.gate().text()));
        }
        return text.toString();
    }
}
