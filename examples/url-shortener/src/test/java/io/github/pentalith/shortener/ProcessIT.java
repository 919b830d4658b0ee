// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.pentalith.testkit.RequiresTool;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar, as users run it. */
class ProcessIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ATTEMPTS = 3;

    @TempDir
    private Path directory;

    private Jar jar;

    @BeforeEach
    void directory() {
        jar = new Jar(directory);
    }

    @AfterEach
    void end() {
        jar.close();
    }

    @Test
    void sigterm_underUse_endsInTimeAndLeavesNothing() throws Exception {
        URI url = jar.start("--port", "0", "--data", directory.resolve("data").toString());
        Client client = new Client(url);
        long begun = Stall.now();
        String code = client.make("https://example.com/");
        for (int i = 0; i < 20; i++) {
            assertThat(client.get("/" + code).status()).isEqualTo(302);
        }
        List<ProcessHandle> children = jar.process().descendants().toList();
        assertThat(children).isNotEmpty();

        jar.process().destroy(); // SIGTERM
        awaitEnd();
        awaitNothingLeft(children);

        Client again = new Client(
                jar.start("--port", "0", "--data", directory.resolve("data").toString()));
        int clicks = again.get("/api/v1/urls/" + code).json().path("clicks").intValue();
        assertThat(clicks).isGreaterThanOrEqualTo(20);
        if (!Stall.since(begun)) { // else the front may have tried one twice
            assertThat(clicks).isEqualTo(20);
        }
    }

    @Test
    void kill9_leavesNoRedisAndNoAcknowledgedLinkIsLost() throws Exception {
        String data = directory.resolve("data").toString();
        Client client = new Client(jar.start("--port", "0", "--data", data, "--rate-limit", "100000"));
        List<String> codes = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            codes.add(client.make("https://example.com/" + i));
        }
        List<ProcessHandle> children = jar.process().descendants().toList();
        assertThat(children).isNotEmpty();

        jar.process().destroyForcibly().waitFor(); // SIGKILL

        await().atMost(PATIENCE).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
        Client again = new Client(jar.start("--port", "0", "--data", data));
        for (int i = 0; i < codes.size(); i++) {
            assertThat(again.get("/" + codes.get(i)).header("location")).isEqualTo("https://example.com/" + i);
        }
        assertThat(codes).doesNotContain(again.make("https://example.com/new"));
    }

    @Test
    void sigterm_withRequestsUnderWay_answersAllOfThem() throws Exception {
        boolean judged = false;
        for (int attempt = 0; attempt < ATTEMPTS && !judged; attempt++) {
            URI url = jar.start("--port", "0", "--rate-limit", "100000");
            try (UnderWay requests = new UnderWay(url)) {
                long signal = System.nanoTime();
                jar.process().destroy();

                judged = requests.judgeAllAnswered(signal);
            }
            awaitEnd();
        }
    }

    @Test
    @RequiresTool(value = "setsid", debianPackage = "util-linux")
    void ctrlC_withRequestsUnderWay_answersAllOfThemAndEndsInOrder() throws Exception {
        // As a terminal does it: to the whole group of processes. Who runs this in the background may ignore SIGINT.
        List<String> command = new ArrayList<>(List.of("setsid", "env", "--default-signal=INT"));
        command.addAll(List.of(jar.command("--port", "0", "--rate-limit", "100000")));
        boolean judged = false;
        for (int attempt = 0; attempt < ATTEMPTS && !judged; attempt++) {
            jar.launch(new ProcessBuilder(command));
            URI url = jar.awaitWarm();
            List<ProcessHandle> children = jar.process().descendants().toList();
            assertThat(group(jar.process().pid())).isEqualTo(jar.process().pid());
            assertThat(group(redis(children))).isNotEqualTo(jar.process().pid()); // it lives on until it is told
            try (UnderWay requests = new UnderWay(url)) {
                long signal = System.nanoTime();
                kill("INT", -jar.process().pid());

                judged = requests.judgeAllAnswered(signal);
            }
            awaitEnd();
            assertThat(jar.process().exitValue()).isEqualTo(130);
            awaitNothingLeft(children);
        }
    }

    @Test
    void sigterm_whileRedisIsFrozen_endsInTimeAndLeavesNothing() throws Exception {
        URI url = jar.start("--port", "0");
        Client client = new Client(url);
        String code = client.make("https://example.com/");
        List<ProcessHandle> children = jar.process().descendants().toList();
        kill("STOP", redis(children));
        assertThat(client.send("DELETE", "/api/v1/urls/" + code, null).status()).isEqualTo(204);

        jar.process().destroy();

        awaitEnd();
        awaitNothingLeft(children);
    }

    /** The program ends; within five seconds, as the README says, on a machine that has time for it. */
    private void awaitEnd() throws InterruptedException {
        long start = System.nanoTime();
        assertThat(jar.process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        long millis = (System.nanoTime() - start) / 1_000_000;
        System.out.printf("gone %d ms later%n", millis);
        if ("long".equals(System.getProperty("pentalith.tests"))) {
            assertThat(millis).isLessThan(5_000);
        }
    }

    private void awaitNothingLeft(List<ProcessHandle> children) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(children).noneMatch(ProcessHandle::isAlive);
            assertThat(jar.temporaryFiles()).isEmpty();
        });
    }

    private static long redis(List<ProcessHandle> children) {
        return children.stream()
                .filter(child -> child.info().command().orElse("").contains("redis-server"))
                .findFirst()
                .orElseThrow()
                .pid();
    }

    private static long group(long pid) throws Exception {
        Process ps = new ProcessBuilder("ps", "-o", "pgid=", "-p", Long.toString(pid)).start();
        return Long.parseLong(new String(ps.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
    }

    private static void kill(String signal, long pid) throws Exception {
        Process kill = new ProcessBuilder("sh", "-c", "kill -s " + signal + " -- " + pid)
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    /** Clients that delete one link after the other; each takes 0.6 s, as the answer waits until no node serves it. */
    private static final class UnderWay implements AutoCloseable {
        private static final int CLIENTS = 8;
        private static final int EACH = 12;

        private static final long SLOW_NANOS = Duration.ofSeconds(1).toNanos();

        private record Call(long begun, long ended, String result) {}

        private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
        private final List<Thread> threads = new ArrayList<>();
        private final long begun = Stall.now();
        private volatile boolean stopping;

        /** Returns when they are at it. */
        UnderWay(URI url) throws Exception {
            Client client = new Client(url);
            for (int i = 0; i < CLIENTS; i++) {
                List<String> codes = new ArrayList<>();
                while (codes.size() < EACH) {
                    Client.Answer made = client.post("{'longUrl':'https://example.com/'}");
                    if (made.status() == 201) { // else the program is busy with its start
                        codes.add(made.text("code"));
                    }
                }
                Thread thread = new Thread(() -> codes.forEach(code -> delete(client, code)));
                threads.add(thread);
            }
            threads.forEach(Thread::start);
            await().pollInterval(Duration.ofMillis(10)).atMost(PATIENCE).until(() -> calls.size() >= 2 * CLIENTS);
        }

        private void delete(Client client, String code) {
            if (stopping) {
                return;
            }
            long begun = System.nanoTime();
            String result;
            try {
                result = Integer.toString(
                        client.send("DELETE", "/api/v1/urls/" + code, null).status());
            } catch (IOException | InterruptedException e) { // the program has stopped listening
                result = e.toString();
                stopping = true;
            }
            calls.add(new Call(begun, System.nanoTime(), result));
        }

        /**
         * Whatever came before that time was answered, and some of it was answered after it.
         *
         * @return false if that is not so on a machine that stood still, or was so slow that requests could not be answered
         *     in the second and a half which the program gives them
         */
        boolean judgeAllAnswered(long signal) throws InterruptedException {
            for (Thread thread : threads) {
                thread.join();
            }
            List<Call> before =
                    calls.stream().filter(call -> call.begun <= signal).toList();
            boolean allAnswered = before.stream().allMatch(call -> call.result.equals("204"));
            boolean someAfterwards = before.stream().anyMatch(call -> call.ended > signal);
            long slowest = before.stream()
                    .filter(call -> call.ended <= signal)
                    .mapToLong(call -> call.ended - call.begun)
                    .max()
                    .orElse(Long.MAX_VALUE);
            if (!(allAnswered && someAfterwards) && (Stall.since(begun) || slowest > SLOW_NANOS)) {
                System.out.printf("not judged: the slowest request took %d ms%n", slowest / 1_000_000);
                return false;
            }
            assertThat(before)
                    .allSatisfy(call -> assertThat(call.result).isEqualTo("204"))
                    .anySatisfy(call -> assertThat(call.ended).isGreaterThan(signal));
            return true;
        }

        @Override
        public void close() {
            stopping = true;
        }
    }

    @Test
    void sigterm_withoutData_removesTheTemporaryDirectory() throws Exception {
        jar.start("--port", "0", "--nodes", "1", "--shards", "1");
        assertThat(jar.temporaryFiles()).isNotEmpty();

        jar.process().destroy();

        awaitEnd();
        awaitNothingLeft(List.of());
    }

    @Test
    void flags_helpWrongAndFromTheEnvironment() throws Exception {
        jar.launch(new ProcessBuilder(jar.command("--help")));
        assertThat(jar.process().waitFor()).isZero();
        assertThat(jar.output())
                .contains(
                        "--port",
                        "--base-url",
                        "--nodes",
                        "--shards",
                        "--rate-limit",
                        "--data",
                        "--demo",
                        "--plan",
                        "--access-log",
                        "--redis",
                        "--jdbc",
                        "--admin-port");

        for (String[] wrong : new String[][] {
            {"--port", "-1"},
            {"--port", "x"},
            {"--nodes", "0"},
            {"--base-url", "sho.rt"},
            {"--frobnicate"},
            {"--demo", "--nodes", "1"},
            {"--demo", "1"},
            {"--demo", "--redis", "redis://127.0.0.1:1"},
            {"--redis", "http://me:open-sesame@127.0.0.1"},
            {"--jdbc", "jdbc:oracle:me/open-sesame@127.0.0.1"},
            {"--jdbc", "jdbc:postgresql://me:open-sesame@h/d", "--shards", "2"},
            {"--admin-port", "0", "--admin-host", "0.0.0.0"},
            {"--plan", "--years", "0"}
        }) {
            jar.launch(new ProcessBuilder(jar.command(wrong)));
            assertThat(jar.process().waitFor()).as(String.join(" ", wrong)).isEqualTo(2);
            assertThat(jar.output()).doesNotContain("at io.github", "open-sesame");
        }

        jar.launch(new ProcessBuilder(jar.command("--plan", "--years", "5")));
        assertThat(jar.process().waitFor()).isZero();
        assertThat(jar.output()).contains("91.25 TB").doesNotContain("Ready");

        ProcessBuilder fromEnvironment = new ProcessBuilder(jar.command("--nodes", "1", "--shards", "1"));
        fromEnvironment.environment().put("PENTALITH_PORT", "0");
        fromEnvironment.environment().put("PENTALITH_BASE_URL", "https://sho.rt");
        jar.launch(fromEnvironment);
        assertThat(jar.awaitReady()).isEqualTo("https://sho.rt");
    }

    @Test
    void start_onATakenPort_saysSoAndEndsWith1() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            jar.launch(new ProcessBuilder(jar.command("--port", Integer.toString(taken.getLocalPort()))));

            assertThat(jar.process().waitFor()).isEqualTo(1);
            assertThat(jar.output())
                    .contains("Cannot start: port " + taken.getLocalPort())
                    .doesNotContain("at io.github");
            assertThat(jar.temporaryFiles()).isEmpty();
        }
    }
}
