// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.shortener.demo.Demo;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The demonstration, shortened: the same failures, a quarter of the time. */
class DemoIT {
    @Test
    void demo_partsFail_noClientNotices() throws Exception {
        StringWriter text = new StringWriter();
        try (Shortener shortener = Shortener.start(Settings.defaults().port(0).rateLimit(1_000_000))) {
            boolean good = new Demo(shortener.parts(), new PrintWriter(text)).run(Duration.ofSeconds(15));

            System.out.println(text);
            assertThat(good).as(text.toString()).isTrue();
            assertThat(shortener.redis().isRunning()).isTrue();
        }
        assertThat(text.toString())
                .containsPattern("node n2 killed +[0-9,]+ +0 .* [1-9][0-9]*\n") // it was met, and tried elsewhere
                .containsPattern("Redis stopped \\(SIGSTOP\\) +[0-9,]+ +0 ")
                .containsPattern("Redis killed \\(kill -9\\) +[0-9,]+ +0 ")
                .containsPattern("Redis started again +[0-9,]+ +0 ")
                .containsPattern("whole run +[0-9,]+ +0 ")
                .contains("No client noticed.");
    }
}
