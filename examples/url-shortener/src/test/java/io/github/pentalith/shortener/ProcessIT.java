// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar, as users run it. */
class ProcessIT {
    private static final Path JAR = Path.of(System.getProperty("module.basedir", "."), "target", "url-shortener.jar");

    @TempDir
    private Path directory;

    private Process process;

    @AfterEach
    void end() {
        if (process != null) {
            process.destroyForcibly();
        }
    }

    @Test
    void sigterm_underUse_endsWithin5SecondsAndLeavesNothing() throws Exception {
        URI url = start("--port", "0", "--data", directory.resolve("data").toString());
        Client client = new Client(url);
        String code = client.make("https://example.com/");
        for (int i = 0; i < 20; i++) {
            assertThat(client.get("/" + code).status()).isEqualTo(302);
        }
        List<ProcessHandle> children = process.descendants().toList();
        assertThat(children).isNotEmpty();

        long start = System.nanoTime();
        process.destroy(); // SIGTERM
        assertThat(process.waitFor(5, TimeUnit.SECONDS)).isTrue();
        System.out.printf("SIGTERM: gone after %d ms%n", (System.nanoTime() - start) / 1_000_000);

        await().atMost(Duration.ofSeconds(5)).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(temporaryFiles()).isEmpty();

        Client again = new Client(
                start("--port", "0", "--data", directory.resolve("data").toString()));
        assertThat(again.get("/api/v1/urls/" + code).json().path("clicks").intValue())
                .isEqualTo(20);
    }

    @Test
    void kill9_leavesNoRedisAndNoAcknowledgedLinkIsLost() throws Exception {
        String data = directory.resolve("data").toString();
        Client client = new Client(start("--port", "0", "--data", data, "--rate-limit", "100000"));
        List<String> codes = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            codes.add(client.make("https://example.com/" + i));
        }
        List<ProcessHandle> children = process.descendants().toList();
        assertThat(children).isNotEmpty();

        process.destroyForcibly().waitFor(); // SIGKILL

        await().atMost(Duration.ofSeconds(10)).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        Client again = new Client(start("--port", "0", "--data", data));
        for (int i = 0; i < codes.size(); i++) {
            assertThat(again.get("/" + codes.get(i)).header("location")).isEqualTo("https://example.com/" + i);
        }
        assertThat(codes).doesNotContain(again.make("https://example.com/new"));
    }

    @Test
    void sigterm_withoutData_removesTheTemporaryDirectory() throws Exception {
        start("--port", "0", "--nodes", "1", "--shards", "1");
        assertThat(temporaryFiles()).isNotEmpty();

        process.destroy();

        assertThat(process.waitFor(5, TimeUnit.SECONDS)).isTrue();
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(temporaryFiles()).isEmpty());
    }

    @Test
    void flags_helpWrongAndFromTheEnvironment() throws Exception {
        launch(new ProcessBuilder(command("--help")));
        assertThat(process.waitFor()).isZero();
        assertThat(output())
                .contains(
                        "--port",
                        "--base-url",
                        "--nodes",
                        "--shards",
                        "--rate-limit",
                        "--data",
                        "--demo",
                        "--plan",
                        "--access-log");

        for (String[] wrong : new String[][] {
            {"--port", "-1"},
            {"--port", "x"},
            {"--nodes", "0"},
            {"--base-url", "sho.rt"},
            {"--frobnicate"},
            {"--demo", "--nodes", "1"},
            {"--demo", "1"},
            {"--plan", "--years", "0"}
        }) {
            launch(new ProcessBuilder(command(wrong)));
            assertThat(process.waitFor()).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(output()).doesNotContain("at io.github");
        }

        launch(new ProcessBuilder(command("--plan", "--years", "5")));
        assertThat(process.waitFor()).isZero();
        assertThat(output()).contains("91.25 TB").doesNotContain("Ready");

        ProcessBuilder fromEnvironment = new ProcessBuilder(command("--nodes", "1", "--shards", "1"));
        fromEnvironment.environment().put("PENTALITH_PORT", "0");
        fromEnvironment.environment().put("PENTALITH_BASE_URL", "https://sho.rt");
        launch(fromEnvironment);
        assertThat(awaitReady()).isEqualTo("https://sho.rt");
    }

    @Test
    void start_onATakenPort_saysSoAndEndsWith1() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            launch(new ProcessBuilder(command("--port", Integer.toString(taken.getLocalPort()))));

            assertThat(process.waitFor()).isEqualTo(1);
            assertThat(output())
                    .contains("Cannot start: port " + taken.getLocalPort())
                    .doesNotContain("at io.github");
            assertThat(temporaryFiles()).isEmpty();
        }
    }

    private URI start(String... flags) throws IOException {
        launch(new ProcessBuilder(command(flags)));
        return URI.create(awaitReady());
    }

    private String awaitReady() throws IOException {
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError("ended: " + output());
            }
            return output().contains("Ready: ");
        });
        return output().lines()
                .filter(line -> line.startsWith("Ready: "))
                .findFirst()
                .orElseThrow()
                .substring(7)
                .strip();
    }

    private void launch(ProcessBuilder builder) throws IOException {
        end();
        Files.createDirectories(directory.resolve("tmp"));
        process = builder.redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
    }

    private String[] command(String... flags) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Djava.io.tmpdir=" + directory.resolve("tmp"),
                "-jar",
                JAR.toString()));
        command.addAll(List.of(flags));
        return command.toArray(String[]::new);
    }

    private String output() throws IOException {
        return Files.readString(directory.resolve("log"));
    }

    private List<String> temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("tmp"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("hsperfdata"))
                    .toList();
        }
    }
}
