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
        boolean good = false;
        boolean stalled = true;
        String text = "";
        for (int run = 0; run < 3 && !good && stalled; run++) {
            long begun = Stall.now();
            StringWriter out = new StringWriter();
            try (Shortener shortener =
                    Shortener.start(Settings.defaults().port(0).rateLimit(1_000_000))) {
                good = new Demo(shortener.parts(), new PrintWriter(out)).run(Duration.ofSeconds(15));
                assertThat(shortener.redis().isRunning()).isTrue();
            }
            stalled = Stall.since(begun);
            text = out.toString();
            System.out.println(text);
        }
        if (!good && stalled) { // clients notice when the machine stands still for seconds, but they are told so
            assertThat(text.lines().filter(line -> line.startsWith("error: ")))
                    .isNotEmpty()
                    .allMatch(line -> line.contains(" -> 503 "));
            return;
        }
        assertThat(good).as(text).isTrue();
        assertThat(text)
                .containsPattern("node n2 killed +[0-9,]+ +0 .* [1-9][0-9]*\n") // it was met, and tried elsewhere
                .containsPattern("Redis stopped \\(SIGSTOP\\) +[0-9,]+ +0 ")
                .containsPattern("Redis killed \\(kill -9\\) +[0-9,]+ +0 ")
                .containsPattern("Redis started again +[0-9,]+ +0 ")
                .containsPattern("whole run +[0-9,]+ +0 ")
                .contains("No client noticed.");
    }
}
