// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The jar as a process, one at a time, with its output and its temporary files in a directory. */
final class Jar implements AutoCloseable {
    private static final Path JAR = Path.of(System.getProperty("module.basedir", "."), "target", "url-shortener.jar");

    private final Path directory;
    private Process process;

    Jar(Path directory) {
        this.directory = directory;
    }

    /** Starts it and returns its URL when it is ready. */
    URI start(String... flags) throws IOException {
        launch(new ProcessBuilder(command(flags)));
        return awaitWarm();
    }

    /** Returns its URL when it has answered: on a busy machine the first answers of a cold JVM come too late. */
    URI awaitWarm() throws IOException {
        URI url = URI.create(awaitReady());
        await().pollDelay(Duration.ZERO)
                .atMost(Duration.ofSeconds(60))
                .until(() -> new Client(url)
                                .post("{'longUrl':'https://example.com/first'}")
                                .status()
                        == 201);
        return url;
    }

    String awaitReady() throws IOException {
        await().atMost(Duration.ofSeconds(180)).until(() -> {
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

    void launch(ProcessBuilder builder) throws IOException {
        close();
        Files.createDirectories(directory.resolve("tmp"));
        process = builder.redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
    }

    String[] command(String... flags) {
        return command(List.of(), flags);
    }

    String[] command(List<String> options, String... flags) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Djava.io.tmpdir=" + directory.resolve("tmp")));
        command.addAll(options);
        command.addAll(List.of("-jar", JAR.toString()));
        command.addAll(List.of(flags));
        return command.toArray(String[]::new);
    }

    Process process() {
        return process;
    }

    /** All that it wrote so far, logs too. */
    String output() throws IOException {
        return Files.readString(directory.resolve("log"));
    }

    List<String> temporaryFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("tmp"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("hsperfdata"))
                    .toList();
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
