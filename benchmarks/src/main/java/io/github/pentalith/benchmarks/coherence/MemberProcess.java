// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.benchmarks.coherence;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A {@link Member} in a JVM of its own, as its parent sees it: it can be frozen and killed. */
final class MemberProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 90;
    private static final String ENDED = "ended";

    private final List<String> command = new ArrayList<>();
    private final Path log;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    private volatile @Nullable Process process;

    MemberProcess(Path log, List<String> arguments) {
        this.log = log;
        command.addAll(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Member.class.getName()));
        command.addAll(arguments);
    }

    void start() throws IOException {
        answers.clear();
        Process started = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        process = started;
        Thread reader = new Thread(() -> readAnswers(started), "answers-" + started.pid());
        reader.setDaemon(true);
        reader.start();
        // A frozen child would not see the end of its input.
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
    }

    private void readAnswers(Process from) {
        try (BufferedReader in = from.inputReader(StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                answers.add(line);
            }
        } catch (IOException e) {
            answers.add("lost: " + e.getMessage());
        }
        if (process == from) { // else killed and started again
            answers.add(ENDED);
        }
    }

    String ask(String order) {
        PrintWriter out = new PrintWriter(running().outputWriter(StandardCharsets.UTF_8), true);
        out.println(order);
        return switch (order) {
            case "quiesce" -> await("quiet");
            case "check" -> await("stale");
            default -> await(order);
        };
    }

    /** Waits for the answer that begins with a word; what a client library prints meanwhile is skipped. */
    String await(String word) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        try {
            while (true) {
                String answer = answers.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (answer == null) {
                    throw new IllegalStateException(
                            "no answer within " + PATIENCE_SECONDS + " s: expected=" + word + "\n" + tail());
                }
                if (answer.equals(ENDED)) {
                    throw new IllegalStateException("the process ended: expected=" + word + "\n" + tail());
                }
                if (answer.startsWith(word)) {
                    return answer.substring(word.length()).strip();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a member", e);
        }
    }

    private String tail() {
        try {
            String text = Files.readString(log);
            return text.substring(Math.max(0, text.length() - 4_000));
        } catch (IOException e) {
            return "no log: " + e.getMessage();
        }
    }

    void kill() {
        Process killed = running();
        process = null;
        killed.destroyForcibly();
        try {
            killed.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void freeze() throws IOException {
        signal("STOP");
    }

    void thaw() throws IOException {
        signal("CONT");
    }

    private void signal(String name) throws IOException {
        try {
            int exit = new ProcessBuilder(
                            "kill", "-" + name, Long.toString(running().pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IOException("kill -" + name + " failed: exit=" + exit);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Process running() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException("this member does not run");
        }
        return running;
    }

    @Override
    public void close() {
        if (process != null) {
            kill();
        }
    }
}
