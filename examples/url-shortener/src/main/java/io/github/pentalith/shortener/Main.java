// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import io.github.pentalith.shortener.admin.AdminApi;
import io.github.pentalith.shortener.demo.Demo;
import io.github.pentalith.shortener.http.AccessLog;
import io.github.pentalith.shortener.plan.PlanCommand;
import io.github.pentalith.shortener.store.Address;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command: reads flags, starts the service, stops it on SIGTERM or SIGINT. */
@Command(
        name = "url-shortener",
        description = "A URL shortener: front, application nodes, SQL shards and a Redis in one process.",
        sortOptions = false,
        footer = "%nEach flag can also be set in the environment: PENTALITH_PORT, PENTALITH_BASE_URL and so on.")
public final class Main implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "${env:PENTALITH_PORT:-8080}",
            description = "Where the front listens; 0 for any free port. Default: 8080")
    private int port;

    @Option(
            names = "--base-url",
            paramLabel = "URL",
            defaultValue = "${env:PENTALITH_BASE_URL:-}",
            description = "What short URLs start with. Default: http://localhost:PORT")
    private String baseUrl = "";

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "${env:PENTALITH_NODES:-3}",
            description = "Number of application nodes. Default: 3")
    private int nodes;

    @Option(
            names = "--min-nodes",
            paramLabel = "N",
            defaultValue = "${env:PENTALITH_MIN_NODES:-0}",
            description = "The fewest nodes, if their number is to follow the load. Default: as many as --nodes")
    private int minNodes;

    @Option(
            names = "--max-nodes",
            paramLabel = "N",
            defaultValue = "${env:PENTALITH_MAX_NODES:-0}",
            description = "The most nodes, if their number is to follow the load. Default: their number stays")
    private int maxNodes;

    @Option(
            names = "--node-load",
            paramLabel = "N",
            defaultValue = "${env:PENTALITH_NODE_LOAD:-8}",
            description = "Requests with a node at once, on average, that it is to have. Default: 8")
    private int nodeLoad;

    @Option(
            names = "--shards",
            paramLabel = "N",
            defaultValue = "${env:PENTALITH_SHARDS:-0}",
            description = "Number of databases. Default: 4, or the number of --jdbc")
    private int shards;

    @Option(
            names = "--rate-limit",
            paramLabel = "N",
            defaultValue = "${env:PENTALITH_RATE_LIMIT:-100}",
            description = "New links per second and user, twice as many at once. Default: 100")
    private int rateLimit;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "${env:PENTALITH_DATA:-}",
            description = "Keeps the data there. Default: a temporary directory, removed at the end")
    private String data = "";

    @Option(
            names = "--access-log",
            defaultValue = "${env:PENTALITH_ACCESS_LOG:-false}",
            description = "Writes a line of JSON per request to standard error.")
    private boolean accessLog;

    @Option(
            names = "--demo",
            arity = "0..1",
            paramLabel = "SECONDS",
            fallbackValue = "60",
            description = "Asks for links for that long while parts fail, shows what came of it, and ends:"
                    + " with 0 if no client noticed. Default: 60 seconds")
    private @Nullable Integer demo;

    @Option(
            names = "--plan",
            description = "Calculates the servers that a load needs, and ends; --plan --help shows its flags.")
    @SuppressWarnings("UnusedVariable") // a command of its own; here for the help
    private boolean plan;

    @Option(
            names = "--redis",
            paramLabel = "URL",
            defaultValue = "${env:PENTALITH_REDIS:-}",
            description = "The Redis: redis://user:password@host:port/database, redis-cluster://host:port,host:port or"
                    + " redis-sentinel://host:port,host:port/database#master; rediss for TLS. Default: an embedded one")
    private String redis = "";

    @Option(
            names = "--jdbc",
            paramLabel = "URL",
            split = " ",
            defaultValue = "${env:PENTALITH_JDBC:-}",
            description =
                    "A database, such as jdbc:postgresql://host/db?user=me&password=secret; once per shard, always"
                            + " in the same order. Default: embedded ones")
    private List<String> jdbc = List.of();

    @Option(
            names = "--admin-port",
            paramLabel = "PORT",
            defaultValue = "${env:PENTALITH_ADMIN_PORT:--1}",
            description = "Where shards can be added; 0 for any free port. Default: nowhere")
    private int adminPort;

    @Option(
            names = "--admin-host",
            paramLabel = "ADDRESS",
            defaultValue = "${env:PENTALITH_ADMIN_HOST:-127.0.0.1}",
            description = "The interface of the admin port. Default: 127.0.0.1; any other needs PENTALITH_ADMIN_TOKEN")
    private String adminHost = "";

    @Option(names = "--help", usageHelp = true, description = "Shows this text.")
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    private Main() {}

    /** Runs the command; ends with 0 after a stop, 1 if it could not start, 2 if a flag is wrong. */
    public static void main(String[] args) {
        boolean planning = List.of(args).contains("--plan");
        CommandLine command = new CommandLine(planning ? new PlanCommand() : new Main());
        command.setExecutionExceptionHandler((e, line, parsed) -> {
            line.getErr().println("Cannot start: " + reason(e));
            return 1;
        });
        System.exit(command.execute(args));
    }

    /** {@return the message, or the name of the class if there is none} */
    static String reason(Exception e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getName() : message;
    }

    @Override
    public Integer call() throws Exception {
        Shortener shortener = new Shortener(settings());
        CountDownLatch stopped = new CountDownLatch(1);
        Runnable stop = () -> {
            shortener.close();
            stopped.countDown();
        };
        Runtime.getRuntime().addShutdownHook(new Thread(stop, "shortener-stop")); // first: a signal may come early
        if (accessLog) {
            AccessLog.enable();
        }
        shortener.start();
        PrintWriter out = line().getOut();
        out.println("Ready: " + shortener.url());
        if (adminPort >= 0) {
            out.println("Admin: " + shortener.adminUrl());
        }
        out.flush();
        if (demo != null) {
            return new Demo(shortener.parts(), out).run(Duration.ofSeconds(demo)) ? 0 : 1; // the hook stops the rest
        }
        stopped.await(); // never returns before a signal has started the hook
        return 0;
    }

    private Settings settings() {
        if (demo != null && (demo < 6 || nodes < 2)) {
            throw new ParameterException(line(), "demo needs 6 seconds and 2 nodes: demo=" + demo + ", nodes=" + nodes);
        }
        try {
            List<Address> urls = jdbc.stream()
                    .filter(url -> !url.isEmpty())
                    .map(Address::jdbc)
                    .toList();
            if (demo != null && !(redis.isEmpty() && urls.isEmpty())) { // it kills a Redis and makes thousands of links
                throw new IllegalArgumentException(
                        "demo must bring its own parts: demo=" + demo + " (expected: neither redis nor jdbc)");
            }
            // Not a flag: all users of a machine see what its processes were started with.
            String token = Objects.requireNonNullElse(System.getenv("PENTALITH_ADMIN_TOKEN"), "");
            return new Settings(
                    port,
                    baseUrl.isEmpty() ? null : URI.create(baseUrl),
                    nodes,
                    shards != 0 || line().getParseResult().hasMatchedOption("--shards")
                            ? shards
                            : urls.isEmpty() ? 4 : urls.size(),
                    demo == null ? rateLimit : 1_000_000, // its clients are all one address
                    data.isEmpty() ? null : Path.of(data),
                    new Settings.External(redis.isEmpty() ? null : Address.of(redis), urls),
                    new Settings.Admin(adminPort, adminHost, token.isEmpty() ? null : new AdminApi.Token(token)),
                    maxNodes == 0 && minNodes == 0
                            ? Settings.Scaling.NONE
                            : new Settings.Scaling(
                                    minNodes == 0 ? nodes : minNodes,
                                    maxNodes == 0 ? nodes : maxNodes,
                                    nodeLoad,
                                    Settings.Scaling.NONE.calm()));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(line(), e.getMessage(), e);
        }
    }

    private CommandLine line() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the field before it calls");
        }
        return spec.commandLine();
    }
}
