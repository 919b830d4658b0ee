// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * A PostgreSQL on this machine's loopback interface, with a user and a password and some databases, out of a jar.
 *
 * <p>It refuses to run for root, as whom CI runs: for root it runs as nobody ({@code setpriv}, which each Debian has). It
 * ends with this JVM, however that ends: a shell beside it holds a pipe from here and interrupts it when that ends.
 */
final class RealPostgres implements AutoCloseable {
    static final String USER = "links";
    static final String PASSWORD = "open-sesame";

    private static final String NOBODY = "65534";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** The server is in the background, so its exit does not end the shell; SIGINT is the fast shutdown. */
    private static final String GUARD = """
            exec 3<&0
            "$@" </dev/null 3<&- &
            server=$!
            read -r end <&3
            kill -INT $server
            wait $server
            """;

    private final Path root;
    private final int port;
    private final boolean asRoot;
    private Process shell;

    private RealPostgres(Path root, int port) throws IOException {
        this.root = root;
        this.port = port;
        this.asRoot = "root".equals(System.getProperty("user.name"));
        if (asRoot) {
            UserPrincipal nobody =
                    root.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(NOBODY);
            Files.setOwner(root, nobody);
        }
    }

    /** Starts one with that many databases, {@code links0} and so on. */
    static RealPostgres launch(int databases) throws Exception {
        RealPostgres postgres = new RealPostgres(Files.createTempDirectory("postgres-"), freePort());
        try {
            postgres.unpack();
            postgres.initialize();
            postgres.start();
            postgres.createDatabases(databases);
            return postgres;
        } catch (Exception e) {
            postgres.close();
            throw e;
        }
    }

    private void unpack() throws IOException {
        boolean isMac = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac");
        boolean isArm = System.getProperty("os.arch").equals("aarch64");
        String archive =
                "/postgres-" + (isMac ? "darwin" : "linux") + (isArm && !isMac ? "-arm_64" : "-x86_64") + ".txz";
        try (InputStream packed = RealPostgres.class.getResourceAsStream(archive)) {
            if (packed == null) {
                throw new IOException("no PostgreSQL for this machine: " + archive);
            }
            TarArchiveInputStream files = new TarArchiveInputStream(new XZInputStream(packed));
            for (TarArchiveEntry entry = files.getNextEntry(); entry != null; entry = files.getNextEntry()) {
                Path path = root.resolve("program").resolve(entry.getName()).normalize();
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else {
                    Files.createDirectories(path.getParent());
                    if (entry.isSymbolicLink()) {
                        Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                    } else {
                        Files.copy(files, path);
                    }
                }
            }
        }
        try (Stream<Path> programs = Files.list(program("."))) {
            for (Path program : programs.toList()) {
                if (!program.toFile().setExecutable(true, false)) {
                    throw new IOException("cannot be made executable: " + program);
                }
            }
        }
    }

    private Path program(String name) {
        return root.resolve("program/bin").resolve(name);
    }

    private void initialize() throws IOException, InterruptedException {
        Path secret = Files.writeString(root.resolve("secret"), PASSWORD + "\n");
        Process init = run(
                "initdb",
                command("initdb", "-D", data(), "-U", USER, "-A", "scram-sha-256", "--pwfile=" + secret),
                "-E",
                "UTF8",
                "--locale=C",
                "-N");
        if (!init.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS) || init.exitValue() != 0) {
            init.destroyForcibly();
            throw new IOException("initdb failed: " + log("initdb"));
        }
    }

    private String data() {
        return root.resolve("data").toString();
    }

    private List<String> command(String program, String... arguments) {
        List<String> command = new ArrayList<>();
        if (asRoot) {
            command.addAll(List.of("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"));
        }
        command.add(program(program).toString());
        command.addAll(List.of(arguments));
        return command;
    }

    private Process run(String log, List<String> command, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(arguments));
        return new ProcessBuilder(all)
                .directory(root.toFile())
                .redirectErrorStream(true)
                .redirectOutput(root.resolve(log + ".log").toFile())
                .start();
    }

    private String log(String name) throws IOException {
        return Files.readString(root.resolve(name + ".log"));
    }

    private void start() throws Exception {
        List<String> server = command("postgres", "-D", data(), "-p", Integer.toString(port), "-h", "127.0.0.1");
        server.addAll(List.of("-k", "", "-F", "-c", "max_connections=200"));
        List<String> guarded = new ArrayList<>(List.of("sh", "-c", GUARD, "guard"));
        guarded.addAll(server);
        shell = run("postgres", guarded);
        long begin = System.nanoTime();
        while (true) {
            try (Connection unused = connect("postgres")) {
                return;
            } catch (SQLException e) {
                if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                    throw new IOException("PostgreSQL does not answer: " + log("postgres"), e);
                }
                Thread.sleep(50);
            }
        }
    }

    private Connection connect(String database) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/" + database, USER, PASSWORD);
    }

    private void createDatabases(int databases) throws SQLException {
        try (Connection connection = connect("postgres");
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < databases; i++) {
                statement.execute("CREATE DATABASE links" + i);
            }
        }
    }

    /** The URL of a database, with user and password. */
    String url(int database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/links" + database + "?user=" + USER + "&password=" + PASSWORD;
    }

    /** What the server wrote. */
    String log() {
        try {
            return log("postgres");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws Exception {
        if (shell != null) {
            shell.getOutputStream().close();
            if (!shell.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                shell.destroyForcibly();
            }
        }
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
