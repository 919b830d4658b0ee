// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SPAN = "00f067aa0ba902b7";

    @Test
    void continued_valid_keepsTheTraceAndBeginsASpan() {
        Trace trace = Trace.continued("00-" + TRACE + "-" + SPAN + "-01");

        assertThat(trace.traceId()).isEqualTo(TRACE);
        assertThat(trace.parentId()).isEqualTo(SPAN);
        assertThat(trace.isContinued()).isTrue();
        assertThat(trace.spanId()).matches("[0-9a-f]{16}").isNotEqualTo(SPAN);
        assertThat(trace.header()).isEqualTo("00-" + TRACE + "-" + trace.spanId() + "-01");
    }

    @Test
    void continued_laterVersion_isReadAsFarAsKnown() {
        Trace trace = Trace.continued("cc-" + TRACE + "-" + SPAN + "-01-what.the-future-adds");

        assertThat(trace.traceId()).isEqualTo(TRACE);
        assertThat(trace.header()).startsWith("00-" + TRACE).endsWith("-01");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "x",
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"
            })
    void continued_missingOrInvalid_beginsATrace(String header) {
        Trace trace = Trace.continued(header);

        assertThat(trace.isContinued()).isFalse();
        assertThat(trace.header()).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
        assertThat(trace.traceId())
                .isNotEqualTo(TRACE)
                .isNotEqualTo(Trace.continued(header).traceId());
    }
}
