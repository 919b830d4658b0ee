// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.bind;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.export.Exposition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JvmMetricsTest {
    @Test
    void bind_toARegistry_showsProcessMachineAndRegistry() {
        MetricRegistry registry = MetricRegistry.of("shop");
        Registration binding = JvmMetrics.bind(registry);
        String text = Exposition.prometheus().text(registry);
        assertThat(text)
                .containsPattern("(?m)^process_start_time_seconds 1(\\.\\d+E9|\\d{9})$")
                .containsPattern("(?m)^process_cpu_seconds_total \\d")
                .containsPattern("(?m)^jvm_memory_used_bytes\\{area=\"heap\"} [1-9]\\d+$")
                .containsPattern("(?m)^jvm_gc_collections_total\\{gc=\".+\"} \\d+$")
                .containsPattern("(?m)^jvm_threads_current [1-9]\\d*$")
                .containsPattern("(?m)^jvm_classes_loaded_total [1-9]\\d+$")
                .contains("pentalith_metrics_failed_hooks_total 0\n")
                .contains("jvm_info{runtime=");
        if (Files.isDirectory(Path.of("/proc/self/fd"))) {
            assertThat(text)
                    .containsPattern("(?m)^process_open_fds [1-9]\\d*$")
                    .containsPattern("(?m)^process_resident_memory_bytes [1-9]\\d+$");
        }
        assertThat(registry.stats().failedHooks()).isZero();
        binding.close();
        JvmMetrics.bind(registry).close(); // twice is no error
    }

    @Test
    void procFiles_thatAreMissingOrStrange_areNotKnown(@TempDir Path folder) throws IOException {
        Path status = folder.resolve("status");
        assertThat(JvmMetrics.kibibytes(status, "VmRSS:")).isNaN();
        Files.writeString(status, "Name:\tjava\nVmRSS:\t  1234 kB\nVmSize:\tmany kB\n");
        assertThat(JvmMetrics.kibibytes(status, "VmRSS:")).isEqualTo(1234);
        assertThat(JvmMetrics.kibibytes(status, "VmSize:")).isNaN();
        assertThat(JvmMetrics.kibibytes(status, "VmSwap:")).isNaN();
        assertThat(JvmMetrics.entries(folder)).isEqualTo(1);
        assertThat(JvmMetrics.entries(folder.resolve("none"))).isNaN();
    }
}
