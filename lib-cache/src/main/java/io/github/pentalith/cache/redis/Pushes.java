// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads RESP3 from a socket. A read that times out in the middle of a message is no loss: whoever waits is asked
 * whether to go on, and the message is continued.
 */
final class Pushes {
    private static final int LONGEST = 512 * 1024 * 1024; // Redis's own limit of a string

    private final InputStream in;
    private final Patience patience;
    private final byte[] buffer = new byte[8192];
    private int next;
    private int end;

    /** Asked whenever nothing came for the socket's timeout. */
    interface Patience {
        void nothingCame() throws IOException;
    }

    Pushes(InputStream in, Patience patience) {
        this.in = in;
        this.patience = patience;
    }

    /** A message out of band. */
    record Push(List<@Nullable Object> parts) {}

    /** An error reply. */
    record Failure(String message) {}

    /** A reply or a push: String, byte[], Long, List, Push, Failure, null; maps as lists of keys and values. */
    @Nullable
    Object read() throws IOException {
        int type = nextByte();
        String line = line();
        return switch (type) {
            case '+', ',', '(' -> line;
            case '-' -> new Failure(line);
            case ':' -> Long.parseLong(line);
            case '#' -> line.equals("t");
            case '_' -> null;
            case '$' -> bytes(line);
            case '=' -> verbatim(notNull(bytes(line)));
            case '!' -> new Failure(new String(notNull(bytes(line)), StandardCharsets.UTF_8));
            case '*', '~' -> list(line, 1);
            case '%' -> list(line, 2);
            case '>' -> new Push(notNull(list(line, 1)));
            default -> throw new IOException("not RESP3: a message begins with byte " + type);
        };
    }

    private static <T> T notNull(@Nullable T value) throws IOException {
        if (value == null) {
            throw new IOException("not RESP3: a null where there can be none");
        }
        return value;
    }

    private byte @Nullable [] bytes(String line) throws IOException {
        int length = length(line, LONGEST);
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) nextByte();
        }
        if (!line().isEmpty()) {
            throw new IOException("not RESP3: a string without an end");
        }
        return bytes;
    }

    /** Without the three letters and the colon that name its format. */
    private static byte[] verbatim(byte[] text) throws IOException {
        if (text.length < 4) {
            throw new IOException("not RESP3: a text without a format");
        }
        return Arrays.copyOfRange(text, 4, text.length);
    }

    private @Nullable List<@Nullable Object> list(String line, int times) throws IOException {
        int length = length(line, LONGEST / 2);
        if (length < 0) {
            return null;
        }
        List<@Nullable Object> list = new ArrayList<>(Math.min(length * times, 1024));
        for (int i = 0; i < length * times; i++) {
            list.add(read());
        }
        return list;
    }

    private static int length(String line, int most) throws IOException {
        try {
            int length = Integer.parseInt(line);
            if (length <= most) {
                return length;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new IOException("not RESP3: a length is " + line);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = nextByte(); c != '\r'; c = nextByte()) {
            line.append((char) c);
        }
        if (nextByte() != '\n') {
            throw new IOException("not RESP3: a line without an end");
        }
        return line.toString();
    }

    private int nextByte() throws IOException {
        while (next == end) {
            try {
                next = 0;
                end = 0;
                int count = in.read(buffer);
                if (count < 0) {
                    throw new EOFException("the server closed the connection");
                }
                end = count;
            } catch (SocketTimeoutException e) {
                patience.nothingCame();
            }
        }
        return buffer[next++] & 0xFF;
    }
}
