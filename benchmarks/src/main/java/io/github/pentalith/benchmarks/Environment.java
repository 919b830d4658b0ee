// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Where figures come from, for the reader who wonders why theirs differ.
 *
 * @param jdk version and vendor
 * @param jvmArgs options of every measured JVM
 * @param os name and version
 * @param cpu model
 * @param cores as the JVM sees them
 * @param load average over a minute when the run began
 * @param commit what was measured; with a plus sign if files differed from it
 * @param pace quick, full or gates
 */
record Environment(
        String jdk, String jvmArgs, String os, String cpu, int cores, double load, String commit, String pace) {
    static Environment now(Pace pace) {
        return new Environment(
                System.getProperty("java.vm.version") + " " + System.getProperty("java.vm.vendor"),
                String.join(" ", Bursts.JVM_ARGS),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                readCpu(),
                Runtime.getRuntime().availableProcessors(),
                Row.round(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()),
                readCommit(),
                pace.name().toLowerCase(Locale.ROOT));
    }

    private static String readCpu() {
        try {
            return Files.readString(Path.of("/proc/cpuinfo"))
                    .lines()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    private static String readCommit() {
        String commit = git("rev-parse", "--short", "HEAD");
        boolean changed = !git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs/benchmarks")
                .isEmpty();
        return commit.isEmpty() ? "unknown" : changed ? commit + "+" : commit;
    }

    private static String git(String... words) {
        try {
            String[] command = new String[words.length + 1];
            command[0] = "git";
            System.arraycopy(words, 0, command, 1, words.length);
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0 ? out.strip() : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
