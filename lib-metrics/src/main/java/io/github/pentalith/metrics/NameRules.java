// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What Prometheus, OpenMetrics and {@code promtool check metrics} ask of names, units, labels and help, checked when a
 * metric is registered, where the author still sees the message.
 */
final class NameRules {
    private static final Pattern SNAKE_CASE = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");
    private static final List<String> RESERVED_ENDS = List.of("total", "count", "sum", "bucket", "created");
    private static final Set<String> TYPE_WORDS = Set.of("counter", "gauge", "histogram", "summary");
    private static final Map<String, String> UNIT_WORDS = unitWords();

    private NameRules() {}

    private static Map<String, String> unitWords() {
        Map<String, String> words = new java.util.HashMap<>();
        for (String time : List.of(
                "s",
                "sec",
                "secs",
                "second",
                "ms",
                "millis",
                "milliseconds",
                "us",
                "micros",
                "microseconds",
                "ns",
                "nanos",
                "nanoseconds",
                "m",
                "minutes",
                "h",
                "hours",
                "d",
                "days",
                "weeks")) {
            words.put(time, "unit(Unit.SECONDS), or a timer");
        }
        for (String data : List.of(
                "b",
                "kb",
                "mb",
                "gb",
                "tb",
                "pb",
                "kilobytes",
                "megabytes",
                "gigabytes",
                "kibibytes",
                "mebibytes",
                "gibibytes",
                "bits")) {
            words.put(data, "unit(Unit.BYTES)");
        }
        for (String share : List.of("percent", "percentage")) {
            words.put(share, "unit(Unit.RATIO) and values from 0 to 1");
        }
        return words;
    }

    static String namespace(String namespace) {
        if (!namespace.isEmpty() && !SNAKE_CASE.matcher(namespace).matches()) {
            throw new IllegalArgumentException("namespace must be in snake_case: namespace=" + namespace
                    + " (expected: lower-case letters, digits and single underscores, such as shop; or empty)");
        }
        return namespace;
    }

    /** The full name of the family, unit included, without {@code _total}. */
    static String metric(String namespace, String name, Unit unit, MetricRegistry.Kind kind) {
        if (!SNAKE_CASE.matcher(name).matches()) {
            throw new IllegalArgumentException("name must be in snake_case: name=" + name
                    + " (expected: lower-case letters, digits and single underscores, such as http_requests)");
        }
        String[] words = name.split("_", -1);
        String last = words[words.length - 1];
        if (RESERVED_ENDS.contains(last)) {
            throw new IllegalArgumentException("name must not end in a word of the text format: name=" + name
                    + " (expected: without _" + last + ", which is added where it belongs)");
        }
        for (String word : words) {
            String instead = UNIT_WORDS.get(word);
            if (instead != null) {
                throw new IllegalArgumentException("name must not use \"" + word + "\" as a unit: name=" + name
                        + " (expected: a base unit, given by " + instead + ")");
            }
            if (TYPE_WORDS.contains(word)) {
                throw new IllegalArgumentException("name must not say the type of the metric: name=" + name
                        + " (expected: without \"" + word + "\")");
            }
        }
        for (Unit other : Unit.values()) {
            if (other != unit && last.equals(other.suffix())) {
                throw new IllegalArgumentException("name must end in the unit of the metric: name=" + name + ", unit="
                        + unit + " (expected: unit(Unit." + other + "), or a name without " + last + ")");
            }
        }
        if (kind != MetricRegistry.Kind.GAUGE && last.equals("info")) {
            throw new IllegalArgumentException(
                    "name must not end in info: name=" + name + " (expected: a gauge of value 1, or another name)");
        }
        String full = namespace.isEmpty() ? name : namespace + "_" + name;
        return unit == Unit.NONE || last.equals(unit.suffix()) ? full : full + "_" + unit.suffix();
    }

    static String help(String name, String help) {
        if (help.isBlank()) {
            throw new IllegalArgumentException("help must say what the metric counts: name=" + name
                    + ", help=\"\" (expected: a sentence, such as \"Requests served.\")");
        }
        return help;
    }

    static String[] labels(String metric, MetricRegistry.Kind kind, String... names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!SNAKE_CASE.matcher(name).matches()) {
                throw new IllegalArgumentException("label must be in snake_case: label=" + name + ", metric=" + metric
                        + " (expected: lower-case letters, digits and single underscores, such as route)");
            }
            if (name.equals("le") || name.equals("quantile")) {
                throw new IllegalArgumentException("label must not be reserved: label=" + name + ", metric=" + metric
                        + ", kind=" + kind + " (expected: anything but le and quantile)");
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException("label must be named once: label=" + name + ", metric=" + metric
                        + " (expected: distinct names, not " + Arrays.toString(names) + ")");
            }
        }
        return names.clone();
    }

    static double[] ascending(String what, double[] bounds) {
        for (int i = 0; i < bounds.length; i++) {
            if (!(bounds[i] >= Double.MIN_NORMAL && bounds[i] <= Double.MAX_VALUE)
                    || (i > 0 && bounds[i] <= bounds[i - 1])) {
                throw new IllegalArgumentException(what + " must be positive, finite and ascending: " + what + "["
                        + i + "]=" + bounds[i] + " (expected: "
                        + (i == 0 ? "more than 0" : "more than " + bounds[i - 1])
                        + ")");
            }
        }
        return bounds;
    }

    static Duration positive(String what, Duration value) {
        Objects.requireNonNull(value, what);
        if (value.isZero() || value.isNegative() || Catalog.saturatedNanos(value) == Long.MAX_VALUE) {
            throw new IllegalArgumentException(what + " must be positive: " + what + "=" + value
                    + " (expected: more than 0, less than 292 years)");
        }
        return value;
    }

    /** A series as PromQL and the text formats write it. */
    static String series(String name, byte[] labels) {
        return labels.length == 0
                ? name
                : name + '{' + new String(labels, java.nio.charset.StandardCharsets.UTF_8) + '}';
    }
}
