// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.dashboard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The samples on one page of metrics, in the Prometheus text format 0.0.4 as our own nodes write it. Immutable.
 *
 * <p>Lines that are no samples are skipped: a page cut short, or of a newer node, still shows what can be read.
 */
public final class Scrape {
    /** A page without samples. */
    public static final Scrape NOTHING = new Scrape(Map.of());

    private final Map<String, List<Sample>> samples;

    private Scrape(Map<String, List<Sample>> samples) {
        this.samples = samples;
    }

    private record Sample(Map<String, String> labels, double value) {}

    /** {@return the samples of a page} */
    public static Scrape parse(String text) {
        Map<String, List<Sample>> samples = new HashMap<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            Cursor cursor = new Cursor(line);
            String name = cursor.name();
            Map<String, String> labels = cursor.labels();
            Double value = cursor.value();
            if (!name.isEmpty() && labels != null && value != null) {
                samples.computeIfAbsent(name, none -> new ArrayList<>()).add(new Sample(labels, value));
            }
        });
        return new Scrape(samples);
    }

    /**
     * Adds up the samples of one name.
     *
     * @param labels name and value by turns; a sample counts if it has all of them
     * @return the sum; 0 if there is none
     */
    public double sum(String name, String... labels) {
        double sum = 0;
        for (Sample sample : samples.getOrDefault(name, List.of())) {
            if (has(sample, labels)) {
                sum += sample.value;
            }
        }
        return sum;
    }

    private static boolean has(Sample sample, String... labels) {
        for (int i = 0; i < labels.length; i += 2) {
            if (!labels[i + 1].equals(sample.labels.get(labels[i]))) {
                return false;
            }
        }
        return true;
    }

    /** {@return the samples of one name by the value of a label, added up, sorted} */
    public Map<String, Double> by(String label, String name, String... labels) {
        Map<String, Double> sums = new TreeMap<>();
        for (Sample sample : samples.getOrDefault(name, List.of())) {
            String value = sample.labels.get(label);
            if (value != null && has(sample, labels)) {
                sums.merge(value, sample.value, Double::sum);
            }
        }
        return sums;
    }

    /** {@return for metrics that are 1 for the current state: the state by the value of a label, sorted} */
    public Map<String, String> states(String label, String name) {
        Map<String, String> states = new TreeMap<>();
        for (Sample sample : samples.getOrDefault(name, List.of())) {
            String value = sample.labels.get(label);
            String state = sample.labels.get("state");
            if (sample.value == 1 && value != null && state != null) {
                states.put(value, state);
            }
        }
        return states;
    }

    /** Walks over one line: {@code name{label="value",...} value}. */
    private static final class Cursor {
        private final String line;
        private int at;

        Cursor(String line) {
            this.line = line;
        }

        String name() {
            int start = at;
            while (at < line.length() && isNamePart(line.charAt(at))) {
                at++;
            }
            return line.substring(start, at);
        }

        private static boolean isNamePart(char c) {
            return c == '_' || c == ':' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        }

        /** {@return the labels, or null if the line does not go on as it should} */
        @Nullable
        Map<String, String> labels() {
            if (!take('{')) {
                return Map.of();
            }
            Map<String, String> labels = new HashMap<>();
            while (!take('}')) {
                String name = name();
                if (name.isEmpty() || !take('=') || !take('"')) {
                    return null;
                }
                StringBuilder value = new StringBuilder();
                while (at < line.length() && line.charAt(at) != '"') {
                    value.append(character());
                }
                if (!take('"')) {
                    return null;
                }
                labels.put(name, value.toString());
                take(',');
            }
            return labels;
        }

        private char character() {
            char c = line.charAt(at++);
            if (c != '\\' || at == line.length()) {
                return c;
            }
            char escaped = line.charAt(at++);
            return escaped == 'n' ? '\n' : escaped;
        }

        private boolean take(char c) {
            boolean there = at < line.length() && line.charAt(at) == c;
            at += there ? 1 : 0;
            return there;
        }

        @Nullable
        Double value() {
            String rest = line.substring(at).strip();
            int end = rest.indexOf(' '); // a time stamp may follow
            String number = end < 0 ? rest : rest.substring(0, end);
            try {
                return switch (number) {
                    case "+Inf" -> Double.POSITIVE_INFINITY;
                    case "-Inf" -> Double.NEGATIVE_INFINITY;
                    default -> Double.valueOf(number);
                };
            } catch (NumberFormatException e) {
                return null;
            }
        }
    }
}
