// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PushesTest {
    private static Object read(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return new Pushes(new ByteArrayInputStream(bytes), () -> {}).read();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void read_ofEachKind_givesItsValue() throws IOException {
        assertThat(read("+OK\r\n")).isEqualTo("OK");
        assertThat(read(",1.5\r\n")).isEqualTo("1.5");
        assertThat(read("(123456789012345678901\r\n")).isEqualTo("123456789012345678901");
        assertThat(read(":-7\r\n")).isEqualTo(-7L);
        assertThat(read("#t\r\n")).isEqualTo(true);
        assertThat(read("#f\r\n")).isEqualTo(false);
        assertThat(read("_\r\n")).isNull();
        assertThat(read("$3\r\na\r\n\r\n")).isEqualTo(bytes("a\r\n"));
        assertThat(read("$-1\r\n")).isNull();
        assertThat(read("=8\r\ntxt:text\r\n")).isEqualTo(bytes("text"));
        assertThat(read("-ERR no\r\n")).isEqualTo(new Pushes.Failure("ERR no"));
        assertThat(read("!6\r\nERR no\r\n")).isEqualTo(new Pushes.Failure("ERR no"));
        assertThat(read("*2\r\n:1\r\n_\r\n")).isEqualTo(Arrays.asList(1L, null));
        assertThat(read("~1\r\n+x\r\n")).isEqualTo(Arrays.asList("x"));
        assertThat(read("%1\r\n+k\r\n:1\r\n")).isEqualTo(Arrays.asList("k", 1L));
        assertThat(read("*-1\r\n")).isNull();
        assertThat(read(">2\r\n+invalidate\r\n_\r\n")).isEqualTo(new Pushes.Push(Arrays.asList("invalidate", null)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?\r\n",
                "$x\r\n",
                "$536870913\r\n",
                "*268435457\r\n",
                "$1\r\nab\r\n",
                "+OK\rX",
                "=2\r\nab\r\n",
                "=-1\r\n",
                ">-1\r\n"
            })
    void read_ofWhatIsNotRESP3_isRefused(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(IOException.class).hasMessageStartingWith("not RESP3: ");
    }

    @Test
    void read_atTheEnd_saysThatTheServerLeft() {
        assertThatThrownBy(() -> read("+O")).isInstanceOf(EOFException.class);
    }

    @Test
    void read_acrossTimeouts_losesNothing() throws IOException {
        byte[] message = bytes("+split\r\n");
        AtomicInteger turn = new AtomicInteger();
        InputStream slow = new InputStream() {
            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] into) throws IOException {
                int now = turn.getAndIncrement();
                if (now % 2 == 0) {
                    throw new SocketTimeoutException();
                }
                into[0] = message[now / 2];
                return 1;
            }
        };
        AtomicInteger waits = new AtomicInteger();
        assertThat(new Pushes(slow, waits::incrementAndGet).read()).isEqualTo("split");
        assertThat(waits).hasValue(message.length);
    }

    @Test
    void read_whenPatienceEnds_throwsItsException() {
        InputStream silent = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new SocketTimeoutException();
            }

            @Override
            public int read(byte[] into) throws IOException {
                throw new SocketTimeoutException();
            }
        };
        Pushes pushes = new Pushes(silent, () -> {
            throw new IOException("no heartbeat");
        });
        assertThatThrownBy(pushes::read).hasMessage("no heartbeat");
    }
}
