// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server process that cannot outlive this JVM.
 *
 * <p>The server is the child of a shell whose standard input is a pipe that only this JVM holds open. However the JVM
 * ends, that pipe ends with it; then the shell's watcher kills the server with SIGKILL, which also ends a stopped
 * process, and the shell removes the directory it was told. The shell waits for the server, so that no zombie is left
 * and {@link #isAlive} tells the truth however the server ended. Names reach the shell as arguments only, never as text to
 * be parsed.
 *
 * <p>Where there is {@code setsid}, the server has a session of its own: Ctrl-C in the terminal of this JVM, which reaches
 * all of its process group, leaves the order in which things end to this JVM.
 */
final class GuardedProcess {
    static final String LOG = "server.log";

    private static final String GUARD = """
            root=$1; log=$2; shift 2
            exec 3<&0
            trap '' INT
            if command -v setsid >/dev/null 2>&1; then set -- setsid "$@"; fi
            "$@" </dev/null >>"$log" 2>&1 3<&- &
            server=$!
            (read -r end <&3; echo >orphan; kill -9 $server) >/dev/null 2>&1 &
            watcher=$!
            echo $server
            wait $server; code=$?
            kill -9 $watcher; wait $watcher
            if [ -e orphan ]; then rm -rf -- "$root"; fi
            exit $code
            """;

    private final Process shell;
    private final long pid;
    private final @Nullable ProcessHandle server;

    private GuardedProcess(Process shell, long pid) {
        this.shell = shell;
        this.pid = pid;
        this.server = ProcessHandle.of(pid).orElse(null);
    }

    /**
     * @param root what to remove when this JVM ends without having ended the server
     * @param directory the server's working directory, which gets its log
     */
    static GuardedProcess start(Path root, Path directory, List<String> command) {
        List<String> words = new ArrayList<>(List.of("sh", "-c", GUARD, "guard", root.toString(), LOG));
        words.addAll(command);
        try {
            Process shell = new ProcessBuilder(words)
                    .directory(directory.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            BufferedReader out =
                    new BufferedReader(new InputStreamReader(shell.getInputStream(), StandardCharsets.US_ASCII));
            String line = out.readLine();
            if (line == null) {
                throw new IllegalStateException("the shell that starts the server ended at once");
            }
            return new GuardedProcess(shell, Long.parseLong(line));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long pid() {
        return pid;
    }

    boolean isAlive() {
        return shell.isAlive();
    }

    /** The exit code as a shell tells it: 128 + n for signal n. */
    int exitValue() {
        return shell.exitValue();
    }

    /** Sends a signal by name, such as {@code STOP}. */
    void signal(String name) {
        try {
            if (Thread.interrupted()) { // else it depends on who is faster, the signal or the wait for it
                throw new InterruptedException();
            }
            Process kill = new ProcessBuilder("sh", "-c", "kill -s \"$1\" \"$2\"", "kill", name, Long.toString(pid))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("no such process: pid=" + pid + ", signal=" + name);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending " + name + " to " + pid, e);
        }
    }

    /** Ends the server by SIGKILL and waits until it is gone; does nothing if it has ended. */
    void kill() {
        if (!shell.isAlive()) {
            return;
        }
        if (server != null) {
            server.destroyForcibly();
        }
        if (!awaitExit(RealRedis.PATIENCE)) {
            shell.destroyForcibly();
            throw new IllegalStateException("the server did not end when killed: pid=" + pid);
        }
    }

    /** Waits for the end, also while interrupted: what comes next would leave the server behind. */
    boolean awaitExit(Duration limit) {
        long begin = System.nanoTime();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    long left = limit.toNanos() - (System.nanoTime() - begin);
                    return shell.waitFor(Math.max(0, left), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
