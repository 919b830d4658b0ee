// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Param;

/**
 * One subject answering one question with given parameters and threads.
 *
 * @param type the JMH class
 * @param subject who answers
 * @param params the other JMH parameters, in the order of their fields
 * @param threads how many ask at once
 */
record Trial(Class<?> type, String subject, Map<String, String> params, int threads) {
    static final String SUBJECT = "subject";

    Trial {
        params = Collections.unmodifiableMap(new LinkedHashMap<>(params));
    }

    Question question() {
        return type.getAnnotation(Question.class);
    }

    /** Such as {@code nodes=1000; loaded=4}; empty without parameters. */
    static String text(Map<String, String> params) {
        return params.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining("; "));
    }

    /** Threads that may block each other, or wait for a server, so that the time on the wall counts. */
    boolean mayWait() {
        return threads > 1 || question().waits();
    }

    /** Trials between which a ratio may be taken. */
    boolean comparableTo(Trial other) {
        return type == other.type && params.equals(other.params) && threads == other.threads;
    }

    @Override
    public String toString() {
        return text(question().id(), subject, params, threads);
    }

    static String text(String question, String subject, Map<String, String> params, int threads) {
        return question + " " + subject + (params.isEmpty() ? "" : " (" + text(params) + ")") + " " + threads + "T";
    }

    /**
     * All trials of a question. Those between which ratios are taken follow each other, so that a slow change of the
     * machine's mood meets them alike.
     */
    static List<Trial> all(Class<?> type) {
        Question question = type.getAnnotation(Question.class);
        List<Map<String, String>> combinations = new ArrayList<>(List.of(Map.of()));
        String[] subjects = {};
        // JMH wants parameters in fields; a class file keeps them in the order of the source.
        for (Field field : type.getFields()) {
            Param param = field.getAnnotation(Param.class);
            if (param == null) {
                continue;
            }
            if (field.getName().equals(SUBJECT)) {
                subjects = param.value();
            } else {
                combinations = combinations.stream()
                        .flatMap(before -> Arrays.stream(param.value()).map(value -> {
                            Map<String, String> next = new LinkedHashMap<>(before);
                            next.put(field.getName(), value);
                            return next;
                        }))
                        .toList();
            }
        }
        if (!Arrays.asList(subjects).contains(question.floor())) {
            throw new IllegalStateException("the floor must be a subject: floor=" + question.floor() + ", question="
                    + question.id() + " (expected: one of " + Arrays.toString(subjects) + ")");
        }
        List<Trial> trials = new ArrayList<>();
        for (int threads : question.threads()) {
            for (Map<String, String> params : combinations) {
                for (String subject : subjects) {
                    trials.add(new Trial(type, subject, params, threads));
                }
            }
        }
        if (!question.without().isEmpty()) {
            Pattern without = Pattern.compile(question.without());
            trials.removeIf(trial -> without.matcher(trial.toString()).find());
        }
        trials.sort(Comparator.comparingInt(Trial::threads));
        return trials;
    }
}
