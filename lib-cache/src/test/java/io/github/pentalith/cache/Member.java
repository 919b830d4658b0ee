// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache;

import io.github.pentalith.cache.redis.RedisStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A process of its own with a cache, which does what it is told and can be frozen and killed. It ends when this JVM does.
 * The source is a folder with one file per key, the journal one of all loads.
 */
final class Member implements AutoCloseable {
    private final Process process;
    private final Writer in;
    private final BufferedReader out;
    private final Path journal;

    Member(String uri, Path folder, String name, Duration loadTimeout) throws IOException {
        this.journal = folder.resolve(name + ".journal");
        Files.createFile(journal);
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        uri,
                        folder.toString(),
                        journal.toString(),
                        Long.toString(loadTimeout.toMillis()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        in = process.outputWriter(StandardCharsets.UTF_8);
        out = process.inputReader(StandardCharsets.UTF_8);
    }

    void tell(String command) throws IOException {
        in.write(command + "\n");
        in.flush();
    }

    /** Lines that are no answers are log. */
    String answer() throws IOException {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("= ")) {
                return line.substring(2);
            }
        }
        throw new IOException("the process has ended");
    }

    String ask(String command) throws IOException {
        tell(command);
        return answer();
    }

    void freeze() throws Exception {
        signal("-STOP");
    }

    void thaw() throws Exception {
        signal("-CONT");
    }

    private void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", name, Long.toString(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new IOException("kill " + name + " failed");
        }
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    static Map<String, Long> loads(List<Member> members) throws IOException {
        List<String> loaded = new ArrayList<>();
        for (Member member : members) {
            loaded.addAll(Files.readAllLines(member.journal));
        }
        return loaded.stream().collect(Collectors.groupingBy(key -> key, Collectors.counting()));
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    /** What runs in the process. */
    static final class Program {
        private final Path folder;
        private final Path journal;
        private final TieredCache<String, String> cache;
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

        private Program(String uri, Path folder, Path journal, Duration loadTimeout) {
            this.folder = folder;
            this.journal = journal;
            this.cache = TieredCache.builder("members", String.class, String.class)
                    .remote(RedisStore.builder(uri)
                            .timeout(Duration.ofSeconds(20))
                            .build())
                    .entry(EntryOptions.of(Duration.ofMinutes(10)))
                    .loadTimeout(loadTimeout)
                    .loader(this::load)
                    .build();
        }

        public static void main(String[] arguments) throws Exception {
            Program program = new Program(
                    arguments[0],
                    Path.of(arguments[1]),
                    Path.of(arguments[2]),
                    Duration.ofMillis(Long.parseLong(arguments[3])));
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", -1);
                program.out.println("= " + program.done(words));
            }
            Runtime.getRuntime().halt(0);
        }

        private String load(String key) throws IOException {
            Path file = folder.resolve(key);
            String value = Files.exists(file) ? Files.readString(file) : "v" + key;
            Files.writeString(journal, key + "\n", StandardOpenOption.APPEND);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            return value;
        }

        private String done(String... words) throws Exception {
            return switch (words[0]) {
                case "live" -> {
                    Nodes.awaitLive(cache);
                    yield "live";
                }
                case "get" -> cache.get(words[1]);
                case "held" -> {
                    Nodes.awaitHeldAfterGet(cache, words[1], words[2]);
                    yield "held";
                }
                case "invalidate" -> {
                    cache.invalidate(words[1]);
                    yield "invalidated";
                }
                case "refused" -> Long.toString(cache.stats().remoteRefused());
                case "storm" -> storm(words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]));
                case "hold" -> hold(words[1], Integer.parseInt(words[2]));
                case "slow" -> slow(words[1], folder.resolve(words[2]));
                default -> throw new IllegalArgumentException(words[0]);
            };
        }

        /** All threads at once read all keys, each in another order. Returns how many answers were wrong. */
        private String storm(String prefix, int keys, int count) throws InterruptedException {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<Integer>> wrong = new ArrayList<>();
            for (int t = 0; t < count; t++) {
                int first = t * keys / count;
                wrong.add(threads.submit(() -> {
                    start.await();
                    int bad = 0;
                    for (int i = 0; i < keys; i++) {
                        String key = prefix + (first + i) % keys;
                        bad += ("v" + key).equals(cache.get(key)) ? 0 : 1;
                    }
                    return bad;
                }));
            }
            start.countDown();
            int sum = 0;
            for (Future<Integer> each : wrong) {
                try {
                    sum += each.get();
                } catch (ExecutionException e) {
                    return "failed: " + e.getCause();
                }
            }
            return sum + " wrong";
        }

        /** Loads that have their leases and never end. */
        private String hold(String prefix, int keys) throws InterruptedException {
            CountDownLatch loading = new CountDownLatch(keys);
            for (int i = 0; i < keys; i++) {
                String key = prefix + i;
                threads.execute(() -> cache.get(key, same -> {
                    String unused = load(same);
                    loading.countDown();
                    new CountDownLatch(1).await();
                    return null;
                }));
            }
            loading.await();
            return "holding";
        }

        /** A load that ends when a file is there. */
        private String slow(String key, Path file) throws InterruptedException {
            CountDownLatch loading = new CountDownLatch(1);
            threads.execute(() -> {
                String value = cache.get(key, same -> {
                    String read = load(same);
                    loading.countDown();
                    while (!Files.exists(file)) {
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                    }
                    return read;
                });
                out.println("= slow " + value);
            });
            loading.await();
            return "loading";
        }
    }

    /** Ends all of them, whatever happens. */
    static void closeAll(List<Member> members) {
        try (Stream<Member> all = members.stream()) {
            all.forEach(member -> {
                try {
                    member.close();
                } catch (InterruptedException e) {
                    throw new UncheckedIOException(new IOException(e));
                }
            });
        }
    }
}
