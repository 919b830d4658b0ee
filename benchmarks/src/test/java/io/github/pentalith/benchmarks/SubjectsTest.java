// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A benchmark that fails is found here, not after ten minutes of measuring. */
class SubjectsTest {
    /** Some subjects build large tables: a few calls of those will do. */
    private static final long ENOUGH_NANOS = 100_000_000;

    static List<Trial> trials() {
        return Questions.trials(Questions.ALL).stream()
                .filter(trial -> trial.threads() == 1)
                .toList();
    }

    /** The graphs of other balancers reach far; the long form walks those, too. */
    static List<String> libraries() {
        return "long".equals(System.getProperty("pentalith.tests"))
                ? Questions.LIBRARIES
                : List.of("sharding", "resilience", "cache", "metrics");
    }

    @ParameterizedTest
    @MethodSource("libraries")
    void footprints_ofEachLibrary_areThere(String library) {
        System.setProperty("jol.magicFieldOffset", "true");
        assertThat(Footprints.of(library)).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("trials")
    void subject_ofEachTrial_answers(Trial trial) {
        try (Subject subject = Subject.of(trial.type(), trial.subject(), trial.params())) {
            Loop loop = subject.loop();
            assertThatCode(() -> {
                        long began = System.nanoTime();
                        loop.repeat(1);
                        for (int i = 1; i < 1_000 && System.nanoTime() - began < ENOUGH_NANOS; i++) {
                            loop.repeat(1);
                        }
                    })
                    .doesNotThrowAnyException();
        }
    }
}
