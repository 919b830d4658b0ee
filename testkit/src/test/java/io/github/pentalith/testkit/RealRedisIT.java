// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(600)
class RealRedisIT {
    @Test
    void sentinel_thatWatchesAMaster_knowsWhereItIs() {
        try (RealRedis master = RealRedis.launch();
                RealRedis sentinel =
                        RealRedis.builder().sentinel("mymaster", master).launch()) {
            assertThat(sentinel.command("SENTINEL", "get-master-addr-by-name", "mymaster"))
                    .isEqualTo(List.of("127.0.0.1", Integer.toString(master.port())));
        }
    }

    @Test
    void launch_withDefaults_answersAndKeepsNothing() {
        RealRedis redis = RealRedis.launch();
        Path directory = directory(redis);
        try (redis) {
            assertThat(redis.isRunning()).isTrue();
            assertThat(redis.uri()).hasToString("redis://127.0.0.1:" + redis.port());
            assertThat(redis).hasToString("RealRedis[127.0.0.1:" + redis.port() + ", pid=" + redis.pid() + "]");
            assertThat(redis.command("SET", "k", "v\r\n\u00e9")).isEqualTo("OK");
            assertThat(redis.command("GET", "k")).isEqualTo("v\r\n\u00e9");
            assertThat(redis.command("GET", "absent")).isNull();
            assertThat(redis.command("INCR", "n")).isEqualTo(1L);
            assertThat(redis.command("CONFIG", "GET", "save")).isEqualTo(List.of("save", ""));
            assertThat(redis.command("CONFIG", "GET", "bind")).isEqualTo(List.of("bind", "127.0.0.1"));
            assertThatIllegalStateException()
                    .isThrownBy(() -> redis.command("INCR", "k"))
                    .withMessageStartingWith("Redis answered: ERR value is not an integer");
            assertThatIllegalArgumentException().isThrownBy(redis::command);
            assertThat(permissions(directory.getParent())).isEqualTo("rwx------");
        }
        redis.close();
        assertThat(redis.isRunning()).isFalse();
        assertThat(ProcessHandle.of(redis.pid())).isEmpty();
        assertThat(directory.getParent()).doesNotExist();
        assertThat(redis).hasToString("RealRedis[127.0.0.1:" + redis.port() + ", not running]");
        assertThatIllegalStateException()
                .isThrownBy(redis::start)
                .withMessage("this server is closed: port=" + redis.port());
    }

    @Test
    void kill_thenStart_comesBackEmptyOnTheSamePort() {
        try (RealRedis redis = RealRedis.launch()) {
            long first = redis.pid();
            redis.command("SET", "k", "v");
            assertThatIllegalStateException()
                    .isThrownBy(redis::start)
                    .withMessage("this server is running already: port=" + redis.port());
            redis.kill();
            redis.kill();
            assertThat(redis.isRunning()).isFalse();
            assertThat(ProcessHandle.of(first)).isEmpty();
            assertThatThrownBy(() -> redis.command("PING")).isInstanceOf(UncheckedIOException.class);
            assertThatIllegalStateException()
                    .isThrownBy(redis::pause)
                    .withMessage("this server is not running: port=" + redis.port());
            redis.start();
            assertThat(redis.pid()).isNotEqualTo(first);
            assertThat(redis.command("GET", "k")).isNull();
        }
    }

    @Test
    void stop_withAppendOnlyFile_keepsTheDataOverARestart() {
        try (RealRedis redis = RealRedis.builder()
                .config("appendonly yes")
                .config("# a comment")
                .launch()) {
            redis.command("SET", "k", "kept");
            redis.stop();
            redis.stop();
            assertThat(redis.isRunning()).isFalse();
            redis.start();
            assertThat(redis.command("GET", "k")).isEqualTo("kept");
        }
    }

    @Test
    void pause_thenResume_isSilentThenAnswers() throws IOException {
        try (RealRedis redis = RealRedis.launch()) {
            redis.pause();
            assertThat(redis.isRunning()).isTrue();
            try (RedisConnection impatient = new RedisConnection(redis.port(), 300)) {
                assertThatThrownBy(() -> impatient.call("PING")).isInstanceOf(SocketTimeoutException.class);
            }
            redis.resume();
            assertThat(redis.command("PING")).isEqualTo("PONG");
            redis.pause();
            redis.stop(); // cannot be asked, so it is killed
            assertThat(redis.isRunning()).isFalse();
        }
    }

    @Test
    void end_causedByOthers_isSeen() {
        try (RealRedis redis = RealRedis.launch()) {
            ProcessHandle.of(redis.pid()).orElseThrow().destroyForcibly();
            await().atMost(Duration.ofSeconds(60)).until(() -> !redis.isRunning());
            redis.start();
            assertThat(redis.command("PING")).isEqualTo("PONG");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"secret", "a \"b\" c'\\$(id)`#@:/%+\u00e9\n", " "})
    void password_ofAnyCharacters_isAskedForAndNeverShown(String password) {
        try (RealRedis redis = RealRedis.builder().password(password).launch()) {
            assertThat(redis.command("PING")).isEqualTo("PONG");
            assertThat(redis.uri().getUserInfo()).isEqualTo(":" + password);
            assertThat(redis.uri().getPort()).isEqualTo(redis.port());
            assertThatIllegalStateException()
                    .isThrownBy(() -> {
                        try (RedisConnection stranger = new RedisConnection(redis.port(), 60_000)) {
                            stranger.call("PING");
                        }
                    })
                    .withMessageContaining("NOAUTH");
            assertThat(redis.toString()).doesNotContain("secret");
        }
    }

    @Test
    void launch_onATakenPort_failsNamingIt() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            RealRedis.Builder builder = RealRedis.builder().port(taken.getLocalPort());
            assertThatIllegalStateException()
                    .isThrownBy(builder::launch)
                    .withMessageContaining("port=" + taken.getLocalPort())
                    .withMessageContaining("Failed listening on port");
        }
    }

    @Test
    void launch_whenAnotherProcessIsFaster_takesTheNextPort() {
        try (RealRedis faster = RealRedis.launch()) {
            Iterator<Integer> ports = List.of(faster.port(), faster.port()).iterator();
            IntSupplier then = () -> ports.hasNext() ? ports.next() : Ports.free();
            try (RealRedis redis = RealRedis.launch(RealRedis.builder(), RedisFiles.create(), true, then)) {
                assertThat(redis.command("PING")).isEqualTo("PONG");
                assertThat(redis.port()).isNotEqualTo(faster.port());
            }
            assertThat(ports).isExhausted();
            RedisFiles files = RedisFiles.create();
            assertThatIllegalStateException()
                    .isThrownBy(() -> RealRedis.launch(RealRedis.builder(), files, true, faster::port))
                    .withMessageContaining("Failed listening on port");
            files.close();
            files.close();
        }
    }

    @Test
    void launch_onAPortOfAnotherRedis_doesNotTakeThatForItsOwn() {
        try (RealRedis other = RealRedis.launch()) {
            RealRedis.Builder builder = RealRedis.builder().port(other.port());
            assertThatIllegalStateException().isThrownBy(builder::launch).withMessageContaining("ended while starting");
            assertThat(other.command("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void launch_withABadLine_failsWithTheServersOwnWords() {
        RealRedis.Builder builder = RealRedis.builder().config("no-such-thing 1");
        assertThatIllegalStateException().isThrownBy(builder::launch).withMessageContaining("no-such-thing 1");
    }

    @Test
    void builder_withBadArguments_refusesThemByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RealRedis.builder().port(65_536))
                .withMessage("port must be in range: port=65536 (expected: 0 for any, or 1 to 65,535)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RealRedis.builder().password(""))
                .withMessage("password must not be empty (expected: at least one character)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RealRedis.builder().config("a\nport 1"))
                .withMessageEndingWith("(expected: no line break)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RealRedis.cluster(0))
                .withMessage("nodes must be in range: nodes=0 (expected: 1 to 32)");
    }

    @Test
    void cluster_ofThree_sharesTheSlotsAndOutlivesARestart() {
        RedisCluster cluster = RealRedis.cluster(3);
        try (cluster) {
            List<RealRedis> nodes = cluster.nodes();
            assertThat(cluster.uris()).hasSize(3).contains(nodes.get(2).uri());
            String info = String.valueOf(nodes.get(1).command("CLUSTER", "INFO"));
            assertThat(info).contains("cluster_state:ok", "cluster_size:3", "cluster_slots_assigned:16384");
            int served = 0;
            for (RealRedis node : nodes) {
                try {
                    node.command("SET", "key", "value");
                    served++;
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessageStartingWith("Redis answered: MOVED 12539 127.0.0.1:");
                }
            }
            assertThat(served).isEqualTo(1);
            nodes.get(2).kill();
            nodes.get(2).start();
            cluster.awaitOk();
            assertThat(cluster).asString().startsWith("RedisCluster[RealRedis[127.0.0.1:");
        }
        assertThat(cluster.nodes()).noneMatch(RealRedis::isRunning);
    }

    /** Names with blanks, quotes and shell syntax reach the shell as arguments only. */
    @Test
    void launch_ofAProgramWithAHardName_runsNothingElse(@TempDir Path temporary) throws Exception {
        Path folder = Files.createDirectory(temporary.resolve("a b';touch \"$PWD.x\";$(touch y)`touch z`\u00e9"));
        try (RedisFilesCopy copy = new RedisFilesCopy(folder)) {
            System.setProperty("redis.server", copy.program.toString());
            try (RealRedis redis = RealRedis.launch()) {
                assertThat(redis.command("PING")).isEqualTo("PONG");
                try (var listed = Files.list(directory(redis))) {
                    assertThat(listed.map(path -> path.getFileName().toString()))
                            .containsExactlyInAnyOrder("redis.conf", "server.log");
                }
            }
            assertThat(copy.program).exists();
            System.setProperty("redis.server", folder.toString() + "/absent");
            assertThatIllegalStateException()
                    .isThrownBy(RealRedis::launch)
                    .withMessageStartingWith("redis.server must name a program: redis.server=" + folder);
        } finally {
            System.clearProperty("redis.server");
        }
    }

    private static final class RedisFilesCopy implements AutoCloseable {
        final Path program;

        RedisFilesCopy(Path folder) throws IOException {
            RedisFiles files = RedisFiles.create();
            program = Files.copy(files.program(), folder.resolve("redis server"));
            files.close();
        }

        @Override
        public void close() throws IOException {
            Files.delete(program);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void servers_ofAJvmThatIsKilledOrEnds_goWithTheirFiles(boolean killed) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                RedisOwner.class.getName()));
        if (!killed) {
            words.add("end");
        }
        Process owner = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String[] told;
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8))) {
            told = String.valueOf(out.readLine()).split(" ");
            assertThat(told).hasSize(4);
            if (killed) {
                assertThat(ProcessHandle.of(Long.parseLong(told[0]))).isPresent();
                assertThat(ProcessHandle.of(Long.parseLong(told[1]))).isPresent();
                owner.destroyForcibly();
            }
            owner.waitFor();
        }
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            assertThat(ProcessHandle.of(Long.parseLong(told[0]))).isEmpty();
            assertThat(ProcessHandle.of(Long.parseLong(told[1]))).isEmpty();
            assertThat(Path.of(told[2]).getParent()).doesNotExist();
            assertThat(Path.of(told[3]).getParent()).doesNotExist();
        });
    }

    private static Path directory(RealRedis redis) {
        return Path.of(String.valueOf(((List<?>) redis.command("CONFIG", "GET", "dir")).get(1)));
    }

    private static String permissions(Path path) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
