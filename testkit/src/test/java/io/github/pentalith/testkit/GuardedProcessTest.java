// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class GuardedProcessTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private GuardedProcess start(String script) {
        return GuardedProcess.start(directory.resolve("nothing"), directory, List.of("sh", "-c", script));
    }

    @Test
    void end_ofTheProgram_isSeenWithItsCodeAndItsWords() {
        GuardedProcess process = start("echo hello; echo dear >&2; exit 7");
        assertThat(process.awaitExit(LONG)).isTrue();
        assertThat(process.isAlive()).isFalse();
        assertThat(process.exitValue()).isEqualTo(7);
        assertThat(directory.resolve(GuardedProcess.LOG)).hasContent("hello\ndear\n");
        process.kill();
    }

    @Test
    void kill_ofAFrozenProgram_endsIt() {
        GuardedProcess process = start("exec sleep 1000");
        process.signal("STOP");
        assertThat(process.awaitExit(Duration.ofMillis(1))).isFalse();
        process.kill();
        assertThat(process.exitValue()).isEqualTo(128 + 9);
        assertThat(ProcessHandle.of(process.pid())).isEmpty();
        assertThatIllegalStateException()
                .isThrownBy(() -> process.signal("CONT"))
                .withMessage("no such process: pid=" + process.pid() + ", signal=CONT");
    }

    @Test
    void interrupt_whileWaiting_isKeptForLater() {
        GuardedProcess process = start("exec sleep 1000");
        Thread.currentThread().interrupt();
        process.kill();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void interrupt_beforeASignal_isKeptAndReported() {
        GuardedProcess process = start("exec sleep 1000");
        Thread.currentThread().interrupt();
        assertThatIllegalStateException()
                .isThrownBy(() -> process.signal("STOP"))
                .withMessageStartingWith("interrupted while sending STOP");
        assertThat(Thread.interrupted()).isTrue();
        process.kill();
    }
}
