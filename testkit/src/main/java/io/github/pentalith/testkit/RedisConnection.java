// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The least of RESP 2 that is needed to run commands; one thread at a time. */
final class RedisConnection implements Closeable {
    private final Socket socket = new Socket();
    private final InputStream in;

    RedisConnection(int port, int timeoutMillis) throws IOException {
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), timeoutMillis);
            socket.setSoTimeout(timeoutMillis);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * @return String, Long, List or null
     * @throws IllegalStateException for an error answer
     */
    @Nullable
    Object call(String... words) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(ascii("*" + words.length + "\r\n"));
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            request.writeBytes(ascii("$" + bytes.length + "\r\n"));
            request.writeBytes(bytes);
            request.writeBytes(ascii("\r\n"));
        }
        request.writeTo(socket.getOutputStream());
        return read(in);
    }

    static @Nullable Object read(InputStream in) throws IOException {
        String line = readLine(in);
        if (line.isEmpty()) {
            throw new IOException("an empty line instead of an answer of Redis");
        }
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> rest;
            case '-' -> throw new IllegalStateException("Redis answered: " + rest);
            case ':' -> Long.valueOf(rest);
            case '$' -> readBulk(in, Integer.parseInt(rest));
            case '*' -> readArray(in, Integer.parseInt(rest));
            default -> throw new IOException("not an answer of Redis: " + line);
        };
    }

    private static @Nullable String readBulk(InputStream in, int length) throws IOException {
        if (length < 0) {
            return null;
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("Redis closed the connection");
        }
        String end = readLine(in);
        if (!end.isEmpty()) {
            throw new IOException("more bytes than announced: " + end);
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static @Nullable List<@Nullable Object> readArray(InputStream in, int length) throws IOException {
        if (length < 0) {
            return null;
        }
        List<@Nullable Object> answers = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            answers.add(read(in));
        }
        return answers;
    }

    private static String readLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("Redis closed the connection");
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
