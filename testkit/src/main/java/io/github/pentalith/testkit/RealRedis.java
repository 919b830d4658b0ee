// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis server on this machine's loopback interface, for tests and example programs, which can be killed,
 * stopped, frozen and started again.
 *
 * <p>The server program (Redis 7.0.15, statically linked, for Linux and macOS on x86-64 and ARM64) comes out of the jar
 * {@code org.signal:embedded-redis:0.9.1}, an optional dependency of this library; of that jar's own dependencies none
 * is needed. The system property {@code redis.server} names another program, such as {@code /usr/bin/redis-server}.
 *
 * <p>Unless told otherwise the server keeps nothing on disk, listens on a free port of 127.0.0.1 alone and asks for no
 * password. Its files live in a private temporary directory that goes with {@link #close()}. No server outlives its
 * JVM, not even one whose JVM was killed with {@code kill -9} while the server was frozen: a small shell process beside
 * each server holds a pipe from this JVM and, when that ends, kills the server and removes the directory.
 *
 * <p>Thread-safe. Starting takes some 50 ms. Every method is bounded in time: a server that does not start, answer or
 * stop within 30 seconds is reported by an {@link IllegalStateException} that quotes its log.
 *
 * <pre>{@code
 * try (RealRedis redis = RealRedis.launch()) {
 *     redis.command("SET", "greeting", "hello");   // "OK"
 *     redis.kill();                                // as by kill -9: clients see a reset
 *     redis.start();                               // the same port, empty again
 * }
 * }</pre>
 */
public final class RealRedis implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int ANSWER_TIMEOUT_MILLIS = 30_000;
    private static final int PROBE_TIMEOUT_MILLIS = 500;
    private static final int PORT_ATTEMPTS = 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final RedisFiles files;
    private final boolean ownsFiles;
    private final Path directory;
    private final int port;
    private final @Nullable String password;
    private final boolean sentinel;
    private volatile @Nullable GuardedProcess process;
    private boolean paused; // guarded by lock, like closed
    private boolean closed;

    private RealRedis(Builder settings, RedisFiles files, boolean ownsFiles, int port) {
        this.files = files;
        this.ownsFiles = ownsFiles;
        this.port = port;
        this.password = settings.password;
        this.sentinel = settings.sentinel;
        this.directory = files.serverDirectory(port);
        try {
            Files.writeString(directory.resolve("redis.conf"), settings.configuration(port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Starts a server with the defaults and waits until it answers.
     *
     * @return a running server
     * @throws IllegalStateException if there is no server program for this machine, or it does not start
     */
    public static RealRedis launch() {
        return builder().launch();
    }

    /**
     * Returns a builder, to choose a port, a password or further configuration.
     *
     * @return a new builder with the defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts a Redis Cluster of masters without replicas, gives them equal shares of the 16,384 slots and waits until
     * every node says {@code cluster_state:ok}.
     *
     * @param nodes the number of masters, 1 to 32
     * @return a running cluster
     * @throws IllegalArgumentException if {@code nodes} is out of range
     * @throws IllegalStateException if there is no server program for this machine, or the cluster does not form
     */
    public static RedisCluster cluster(int nodes) {
        return RedisCluster.launch(nodes);
    }

    /** Starts a server; when a free port turns out to be taken, because another process was faster, on the next. */
    static RealRedis launch(Builder settings, RedisFiles files, boolean ownsFiles, IntSupplier freePort) {
        for (int attempt = 1; ; attempt++) {
            int chosen = settings.port == 0 ? freePort.getAsInt() : settings.port;
            RealRedis redis = new RealRedis(settings, files, ownsFiles, chosen);
            try {
                redis.start();
                return redis;
            } catch (PortTakenException e) {
                if (settings.port != 0 || attempt == PORT_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /**
     * Starts the server again, on the same port and with the same configuration, and waits until it answers.
     *
     * @throws IllegalStateException if it is running or closed, or does not start
     */
    public void start() {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("this server is closed: port=" + port);
            }
            if (isRunning()) {
                throw new IllegalStateException("this server is running already: port=" + port);
            }
            paused = false;
            List<String> command = new ArrayList<>(List.of(files.program().toString(), "redis.conf"));
            if (sentinel) {
                command.add("--sentinel");
            }
            GuardedProcess started = GuardedProcess.start(files.root(), directory, command);
            process = started;
            try {
                awaitAnswer(started);
            } catch (RuntimeException e) {
                started.kill();
                throw e;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the server that answers on the port is the one that was started. */
    private void awaitAnswer(GuardedProcess started) {
        long begin = System.nanoTime();
        String last = "no answer";
        while (System.nanoTime() - begin < PATIENCE.toNanos()) {
            if (!started.isAlive()) {
                String log = log();
                String message =
                        "Redis ended while starting: port=" + port + ", exit=" + started.exitValue() + "\n" + log;
                throw log.contains("Failed listening on port")
                        ? new PortTakenException(message)
                        : new IllegalStateException(message);
            }
            try (RedisConnection connection = connect(PROBE_TIMEOUT_MILLIS)) {
                Object answer = connection.call("PING");
                String pid = field(String.valueOf(connection.call("INFO", "server")), "process_id");
                if ("PONG".equals(answer) && pid.equals(Long.toString(started.pid()))) {
                    return;
                }
                last = "process " + pid + " answers on this port"; // ours is about to end: the port is taken
            } catch (IOException | IllegalStateException e) {
                last = String.valueOf(e.getMessage()); // not listening yet, or -LOADING
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        throw new IllegalStateException(
                "Redis did not answer within " + PATIENCE + ": port=" + port + ", last=" + last + "\n" + log());
    }

    /**
     * Sends one command on a connection of its own and returns the answer.
     *
     * @param words the command and its arguments, such as {@code "CONFIG", "SET", "maxmemory", "1mb"}
     * @return a {@link String}, a {@link Long}, a {@link List} of answers, or null for Redis's nil
     * @throws IllegalStateException if Redis answers with an error
     * @throws UncheckedIOException if the server is not reachable, or gives no answer within 30 seconds
     */
    public @Nullable Object command(String... words) {
        if (words.length == 0) {
            throw new IllegalArgumentException("words must not be empty: words=[] (expected: a command)");
        }
        try (RedisConnection connection = connect(ANSWER_TIMEOUT_MILLIS)) {
            return connection.call(words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RedisConnection connect(int timeoutMillis) throws IOException {
        RedisConnection connection = new RedisConnection(port, timeoutMillis);
        if (password != null) {
            try {
                Object unused = connection.call("AUTH", password);
            } catch (IOException | RuntimeException e) {
                connection.close();
                throw e;
            }
        }
        return connection;
    }

    /**
     * Returns the address, with the password if there is one.
     *
     * @return such as {@code redis://127.0.0.1:16379}
     */
    public URI uri() {
        try {
            return new URI("redis", password == null ? null : ":" + password, "127.0.0.1", port, null, null, null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Returns the port, which stays the same over every restart.
     *
     * @return the port on 127.0.0.1
     */
    public int port() {
        return port;
    }

    /**
     * Returns the process id of the server that was started last.
     *
     * @return the process id
     */
    public long pid() {
        GuardedProcess current = process;
        if (current == null) {
            throw new IllegalStateException("this server was never started: port=" + port);
        }
        return current.pid();
    }

    /**
     * Returns whether the server process exists; a paused server is running.
     *
     * @return true from {@link #start()} until its end, whoever caused it
     */
    public boolean isRunning() {
        GuardedProcess current = process;
        return current != null && current.isAlive();
    }

    /** Kills the server at once, as {@code kill -9} does, paused or not; does nothing if it is not running. */
    public void kill() {
        lock.lock();
        try {
            GuardedProcess current = process;
            if (current != null) {
                current.kill();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the server in good order: with persistence configured, its data is on disk afterwards and back after
     * {@link #start()}. A server that is paused or does not end in time is killed.
     */
    public void stop() {
        end(PATIENCE, "SHUTDOWN");
    }

    private void end(Duration patience, String... shutdown) {
        lock.lock();
        try {
            GuardedProcess current = process;
            if (current == null || !current.isAlive()) {
                return;
            }
            if (!paused) {
                try (RedisConnection connection = connect(ANSWER_TIMEOUT_MILLIS)) {
                    Object unused = connection.call(shutdown);
                } catch (IOException | IllegalStateException e) {
                    // Redis closes the connection instead of answering; whether it obeyed is seen below.
                }
            }
            if (paused || !current.awaitExit(patience)) {
                current.kill();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Freezes the server (SIGSTOP): its connections stay open, new ones are accepted by the kernel, nothing is answered.
     *
     * @throws IllegalStateException if it is not running
     */
    public void pause() {
        signal("STOP", true);
    }

    /**
     * Lets a frozen server go on (SIGCONT).
     *
     * @throws IllegalStateException if it is not running
     */
    public void resume() {
        signal("CONT", false);
    }

    private void signal(String name, boolean pausing) {
        lock.lock();
        try {
            GuardedProcess current = process;
            if (current == null || !current.isAlive()) {
                throw new IllegalStateException("this server is not running: port=" + port);
            }
            current.signal(name);
            paused = pausing;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the server without saving anything and removes its files; idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            end(PATIENCE.dividedBy(6), "SHUTDOWN", "NOSAVE");
        } finally {
            lock.unlock();
        }
        if (ownsFiles) {
            files.close();
        }
    }

    @Override
    public String toString() {
        return "RealRedis[127.0.0.1:" + port + ", " + (isRunning() ? "pid=" + pid() : "not running") + "]";
    }

    /** The end of the server's log. */
    private String log() {
        try {
            String log = Files.readString(directory.resolve(GuardedProcess.LOG), StandardCharsets.UTF_8);
            return log.substring(Math.max(0, log.length() - 4_000));
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }

    /** The value of {@code name:value} in an answer of INFO or CLUSTER INFO; empty if it is not there. */
    static String field(String info, String name) {
        return info.lines()
                .filter(line -> line.startsWith(name + ":"))
                .map(line -> line.substring(name.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    private static final class PortTakenException extends IllegalStateException {
        private static final long serialVersionUID = 1;

        PortTakenException(String message) {
            super(message);
        }
    }

    /** Collects what a server shall be like; not thread-safe. */
    public static final class Builder {
        private int port;
        private @Nullable String password;
        private boolean sentinel;
        private final List<String> lines = new ArrayList<>();

        private Builder() {}

        /**
         * Chooses the port; by default any free port below the range from which the system takes the ports of outgoing
         * connections, so that it can be had again after a restart.
         *
         * @param port 1 to 65,535, or 0 for any free port
         * @return this builder
         * @throws IllegalArgumentException if {@code port} is out of range
         */
        public Builder port(int port) {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException(
                        "port must be in range: port=" + port + " (expected: 0 for any, or 1 to 65,535)");
            }
            this.port = port;
            return this;
        }

        /**
         * Makes the server ask for a password.
         *
         * @param password any text but the empty one
         * @return this builder
         * @throws IllegalArgumentException if {@code password} is empty
         */
        public Builder password(String password) {
            if (password.isEmpty()) {
                throw new IllegalArgumentException("password must not be empty (expected: at least one character)");
            }
            this.password = password;
            return this;
        }

        /**
         * Makes the server a Redis Sentinel that alone decides about one master, one second after it was last heard.
         *
         * @param name what clients call the master
         * @param master the master, without a password
         * @return this builder
         */
        public Builder sentinel(String name, RealRedis master) {
            sentinel = true;
            return config("sentinel monitor " + name + " 127.0.0.1 " + master.port() + " 1")
                    .config("sentinel down-after-milliseconds " + name + " 1000")
                    .config("sentinel failover-timeout " + name + " 3000");
        }

        /**
         * Adds a line to the server's configuration. Port, address and password are not changed by it.
         *
         * @param line as in {@code redis.conf}, such as {@code maxmemory 10mb} or {@code appendonly yes}
         * @return this builder
         * @throws IllegalArgumentException if {@code line} holds a line break
         */
        public Builder config(String line) {
            if (line.indexOf('\n') >= 0 || line.indexOf('\r') >= 0) {
                throw new IllegalArgumentException(
                        "line must be one line: line=" + line + " (expected: no line break)");
            }
            lines.add(line);
            return this;
        }

        /**
         * Starts the server and waits until it answers.
         *
         * @return a running server
         * @throws IllegalStateException if there is no server program for this machine, it does not start or the chosen
         *     port is taken
         */
        public RealRedis launch() {
            RedisFiles files = RedisFiles.create();
            try {
                return RealRedis.launch(this, files, true, Ports::free);
            } catch (RuntimeException e) {
                files.close();
                throw e;
            }
        }

        /** Redis lets the later line win: first what may be overridden, last what may not. */
        String configuration(int chosenPort) {
            StringBuilder text = new StringBuilder(sentinel ? "" : "save \"\"\nappendonly no\n");
            lines.forEach(line -> text.append(line).append('\n'));
            text.append("daemonize no\nlogfile \"\"\nbind 127.0.0.1\nport ").append(chosenPort);
            if (password != null) {
                text.append("\nrequirepass \"");
                for (byte b : password.getBytes(StandardCharsets.UTF_8)) {
                    text.append(String.format("\\x%02x", b));
                }
                text.append('"');
            }
            return text.append('\n').toString();
        }
    }
}
