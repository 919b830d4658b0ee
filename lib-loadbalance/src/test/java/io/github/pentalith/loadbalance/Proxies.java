// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Real nginx and HAProxy processes on loopback, each with a configuration, a directory and ports of its own. */
final class Proxies implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private final Path directory;
    private final List<Process> processes = new ArrayList<>();
    private final Thread hook = new Thread(this::kill, "end-proxies");

    Proxies(Path directory) {
        this.directory = directory;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** A port below those that outgoing connections take. */
    static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return port;
            } catch (IOException e) {
                // taken: another one
            }
        }
    }

    /** Starts nginx, one process without a master, and waits for its port. */
    Process nginx(String http, int port) throws IOException {
        Path home = Files.createTempDirectory(directory, "nginx");
        Path file = home.resolve("nginx.conf");
        Files.writeString(file, """
                daemon off;
                master_process off;
                pid %1$s/pid;
                error_log stderr crit;
                events { worker_connections 512; }
                http {
                  access_log off;
                  client_body_temp_path %1$s/a; proxy_temp_path %1$s/b; fastcgi_temp_path %1$s/c;
                  uwsgi_temp_path %1$s/d; scgi_temp_path %1$s/e;
                %2$s
                }
                """.formatted(home, http));
        return start(port, home, "nginx", "-e", "stderr", "-p", home.toString(), "-c", file.toString());
    }

    Process haproxy(String config, int port) throws IOException {
        Path home = Files.createTempDirectory(directory, "haproxy");
        Path file = home.resolve("haproxy.cfg");
        Files.writeString(file, config);
        return start(port, home, "haproxy", "-db", "-q", "-f", file.toString());
    }

    private Process start(int port, Path home, String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(found(program)));
        command.addAll(List.of(arguments));
        Path log = home.resolve("log");
        Process process = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        processes.add(process);
        await().atMost(PATIENCE).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException(program + " ended: " + Files.readString(log));
            }
            return listens(port);
        });
        return process;
    }

    private static String found(String program) {
        for (String place : List.of("/usr/sbin/", "/usr/local/sbin/", "/sbin/")) {
            if (Files.isExecutable(Path.of(place + program))) {
                return place + program;
            }
        }
        return program;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Sends a signal by its name. */
    static void signal(Process process, String name) throws IOException, InterruptedException {
        int code = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("kill -" + name + " gave " + code);
        }
    }

    /** One request on a connection of its own; the body of a 200, else an exception. */
    static String get(int port, String path, int connectMillis, int readMillis) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), connectMillis);
            socket.setSoTimeout(readMillis);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            int body = answer.indexOf("\r\n\r\n");
            if (body < 0 || !answer.startsWith("200", 9)) {
                throw new IOException("answer: " + answer.lines().findFirst().orElse("none"));
            }
            return answer.substring(body + 4);
        }
    }

    private void kill() {
        processes.forEach(Process::destroyForcibly);
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(hook);
    }
}
