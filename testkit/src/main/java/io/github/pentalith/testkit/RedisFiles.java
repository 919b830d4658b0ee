// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A private temporary directory with the server program and a directory for each server. */
final class RedisFiles {
    /** Names another server program. */
    static final String OVERRIDE = "redis.server";

    private static final String CARRIED = "redis-server-7.0.15-";

    private final Path root;
    private final Path program;
    private final Thread atExit;

    private RedisFiles(Path root, Path program) {
        this.root = root;
        this.program = program;
        this.atExit = new Thread(this::delete, "pentalith-testkit-redis-files");
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    static RedisFiles create() {
        String override = System.getProperty(OVERRIDE, "");
        try {
            if (!override.isEmpty()) {
                Path program = executable(override);
                return new RedisFiles(newRoot(), program);
            }
            String resource = CARRIED + platform(System.getProperty("os.name"), System.getProperty("os.arch"));
            try (InputStream in = resource(resource)) {
                return extracted(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Readable by this user alone (0700), as of every temporary directory that the JDK makes. */
    private static Path newRoot() throws IOException {
        return Files.createTempDirectory("pentalith-redis-");
    }

    private static RedisFiles extracted(InputStream in) throws IOException {
        Path root = newRoot();
        Path program = root.resolve("redis-server");
        RedisFiles files = new RedisFiles(root, program);
        try {
            Files.copy(in, program);
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("r-x------"));
            return files;
        } catch (IOException e) {
            files.close();
            throw e;
        }
    }

    private static Path executable(String override) {
        Path path = Path.of(override).toAbsolutePath();
        if (!Files.isExecutable(path)) {
            throw new IllegalStateException(
                    OVERRIDE + " must name a program: " + OVERRIDE + "=" + path + " (expected: an executable file)");
        }
        return path;
    }

    /** The name of this platform in the names of the carried programs. */
    static String platform(String os, String architecture) {
        String system = os.toLowerCase(Locale.ROOT);
        String family = system.equals("linux") ? "linux" : system.startsWith("mac") ? "darwin" : "";
        String machine = switch (architecture.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64";
            default -> "";
        };
        if (family.isEmpty() || machine.isEmpty()) {
            throw new IllegalStateException("no Redis server is carried for this platform: os=" + os + ", architecture="
                    + architecture + " (expected: Linux or macOS on x86-64 or ARM64, or a program named by -D"
                    + OVERRIDE + "=PATH)");
        }
        return family + "-" + machine;
    }

    static InputStream resource(String name) {
        ClassLoader own = RedisFiles.class.getClassLoader();
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        for (ClassLoader loader : context == null ? List.of(own) : List.of(own, context)) {
            InputStream in = loader.getResourceAsStream(name);
            if (in != null) {
                return in;
            }
        }
        throw new IllegalStateException("the Redis server program is not on the class path: resource=" + name
                + " (expected: the dependency org.signal:embedded-redis:0.9.1, or a program named by -D" + OVERRIDE
                + "=PATH)");
    }

    Path root() {
        return root;
    }

    Path program() {
        return program;
    }

    /** The directory for the server on a port; left by an earlier attempt on that port, it is used again. */
    Path serverDirectory(int port) {
        try {
            return Files.createDirectories(root.resolve(Integer.toString(port)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes everything; idempotent. */
    void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The JVM is ending and runs the hook itself; to delete twice does no harm.
        }
        delete();
    }

    private void delete() {
        try (Stream<Path> found = Files.walk(root)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            // Deleted already.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
