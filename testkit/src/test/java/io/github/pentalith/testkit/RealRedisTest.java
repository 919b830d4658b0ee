// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RealRedisTest {
    @ParameterizedTest
    @CsvSource({
        "Linux, amd64, linux-amd64",
        "Linux, aarch64, linux-arm64",
        "Mac OS X, x86_64, darwin-amd64",
        "Mac OS X, arm64, darwin-arm64"
    })
    void platform_thatIsCarried_hasAProgram(String os, String architecture, String expected) throws IOException {
        assertThat(RedisFiles.platform(os, architecture)).isEqualTo(expected);
        try (var in = RedisFiles.resource("redis-server-7.0.15-" + expected)) {
            assertThat(in.readNBytes(4)).hasSize(4);
        }
    }

    @ParameterizedTest
    @CsvSource({"Windows 11, amd64", "Linux, riscv64"})
    void platform_thatIsNotCarried_isNamed(String os, String architecture) {
        assertThatIllegalStateException()
                .isThrownBy(() -> RedisFiles.platform(os, architecture))
                .withMessage("no Redis server is carried for this platform: os=" + os + ", architecture=" + architecture
                        + " (expected: Linux or macOS on x86-64 or ARM64, or a program named by -Dredis.server=PATH)");
    }

    @Test
    void resource_withoutTheJar_namesTheDependency() {
        assertThatIllegalStateException()
                .isThrownBy(() -> RedisFiles.resource("redis-server-0-none"))
                .withMessageContaining("resource=redis-server-0-none")
                .withMessageContaining("org.signal:embedded-redis:0.9.1");
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(null);
        try {
            assertThatIllegalStateException().isThrownBy(() -> RedisFiles.resource("redis-server-0-none"));
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void read_ofEveryKindOfAnswer_returnsIt() throws IOException {
        assertThat(read("+OK\r\n")).isEqualTo("OK");
        assertThat(read(":-7\r\n")).isEqualTo(-7L);
        assertThat(read("$3\r\na\r\n\r\n")).isEqualTo("a\r\n");
        assertThat(read("$-1\r\n")).isNull();
        assertThat(read("*-1\r\n")).isNull();
        assertThat(read("*3\r\n:1\r\n$-1\r\n*0\r\n")).isEqualTo(Arrays.asList(1L, null, java.util.List.of()));
        assertThatIllegalStateException().isThrownBy(() -> read("-ERR no\r\n")).withMessage("Redis answered: ERR no");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "+OK", "$5\r\nab", "*1\r\n"})
    void read_ofAnEndedStream_throws(String bytes) {
        assertThatThrownBy(() -> read(bytes)).isInstanceOf(EOFException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\n", "HTTP/1.1 400\r\n", "$1\r\nabc\r\n"})
    void read_ofSomethingElse_throws(String bytes) {
        assertThatThrownBy(() -> read(bytes)).isInstanceOf(IOException.class);
    }

    private static Object read(String bytes) throws IOException {
        return RedisConnection.read(new ByteArrayInputStream(bytes.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void free_port_isBelowThePortsOfOutgoingConnections() {
        for (int i = 0; i < 50; i++) {
            assertThat(Ports.free()).isBetween(10_000, 22_767);
        }
    }

    @Test
    void isFree_ofATakenPort_isFalse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(Ports.isFree(taken.getLocalPort())).isFalse();
        }
    }

    @Test
    void configuration_ofLines_cannotBeOverriddenByThem() {
        String text = RealRedis.builder()
                .config("port 1")
                .config("appendonly yes")
                .password("\u00e9\"")
                .configuration(7);
        assertThat(text).isEqualTo("""
                        save ""
                        appendonly no
                        port 1
                        appendonly yes
                        daemonize no
                        logfile ""
                        bind 127.0.0.1
                        port 7
                        requirepass "\\xc3\\xa9\\x22"
                        """);
    }
}
