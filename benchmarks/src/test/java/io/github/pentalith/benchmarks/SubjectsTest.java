// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import java.util.concurrent.Callable;
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

    /** Walking through large tables takes minutes; the long form does that, too. */
    static List<String> measured() {
        return "long".equals(System.getProperty("pentalith.tests"))
                ? Questions.LIBRARIES
                : List.of("resilience", "metrics");
    }

    @ParameterizedTest
    @MethodSource("measured")
    void footprints_ofEachLibrary_areThere(String library) {
        System.setProperty("jol.magicFieldOffset", "true");
        assertThat(Footprints.of(library)).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("trials")
    void subject_ofEachTrial_answers(Trial trial) {
        try (Subject subject = Subject.of(trial.type(), trial.subject(), trial.params())) {
            Callable<?> caller = subject.caller();
            assertThatCode(() -> {
                        long began = System.nanoTime();
                        caller.call();
                        for (int i = 1; i < 1_000 && System.nanoTime() - began < ENOUGH_NANOS; i++) {
                            caller.call();
                        }
                    })
                    .doesNotThrowAnyException();
        }
    }
}
