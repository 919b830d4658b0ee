// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.cache.redis;

import io.github.pentalith.cache.RemoteStore.Feed;
import io.github.pentalith.cache.RemoteStore.Subscription;
import io.github.pentalith.cache.redis.Pushes.Failure;
import io.github.pentalith.cache.redis.Pushes.Push;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.RedisCredentials;

/**
 * A thread that listens to Redis's broadcast of changed keys (client-side caching, RESP3) on a connection of its own,
 * and proves by a heartbeat on the same connection that it hears. Redis broadcasts what a command changed before it
 * answers the client that sent it, and answers the clients in order; so when a heartbeat is answered, everything that was
 * acknowledged to anybody before it was sent has been read.
 *
 * <p>A heartbeat that is not answered in time, an end of the stream or anything that is not understood ends the
 * connection; the next attempt follows after a short pause, for ever.
 */
final class TrackingFeed implements Subscription {
    private static final long HEARTBEAT = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long SILENCE = TimeUnit.MILLISECONDS.toNanos(400);
    private static final long RETRY = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long CLOSING_MILLIS = 5_000;

    private final Server server;
    private final byte[] prefix;
    private final Feed feed;
    private final Heartbeat heartbeat;
    private final Runnable ended;
    private final Thread thread = new Thread(this::run, "pentalith-cache-feed");
    private volatile boolean closed;
    private volatile @Nullable Socket socket;

    private @Nullable OutputStream out; // what follows belongs to the feed's thread
    private long pingedAt; // on System.nanoTime
    private long pingedAsOf; // on the feed's clock
    private boolean unanswered;

    /** {@code ended} runs once, when the subscription is closed. */
    TrackingFeed(Server server, byte[] prefix, Feed feed, Heartbeat heartbeat, Runnable ended) {
        this.server = server;
        this.prefix = prefix.clone();
        this.feed = feed;
        this.heartbeat = heartbeat;
        this.ended = ended;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!closed) {
            try (Socket connected = server.socket()) {
                socket = connected;
                if (!closed) {
                    listen(connected);
                }
            } catch (IOException | RuntimeException e) {
                if (!closed) {
                    feed.lost(e);
                }
            }
            if (!closed) {
                LockSupport.parkNanos(this, RETRY);
            }
        }
    }

    private void listen(Socket connected) throws IOException {
        connected.setTcpNoDelay(true);
        connected.setSoTimeout((int) TimeUnit.NANOSECONDS.toMillis(HEARTBEAT));
        OutputStream stream = connected.getOutputStream();
        out = stream;
        Pushes in = new Pushes(connected.getInputStream(), this::nothingCame);
        pingedAt = System.nanoTime();
        unanswered = true; // the greeting counts as a heartbeat for its timeout
        stream.write(greeting());
        for (int replies = 0; replies < 2; ) {
            Object reply = in.read();
            refuse(reply);
            replies += reply instanceof Push ? 0 : 1;
        }
        feed.live();
        ping();
        while (!closed) {
            Object message = in.read();
            refuse(message);
            if (message instanceof Push push) {
                told(push);
            } else {
                unanswered = false;
                heartbeat.answered(message);
                feed.verified(pingedAsOf);
            }
            if (!unanswered && System.nanoTime() - pingedAt >= HEARTBEAT) {
                ping();
            }
        }
    }

    /** HELLO and CLIENT TRACKING in one write. */
    private byte[] greeting() {
        List<byte[]> hello = new ArrayList<>(List.of(bytes("HELLO"), bytes("3")));
        var source = server.config().getCredentialsProvider();
        RedisCredentials credentials = source == null ? null : source.get();
        if (credentials != null && credentials.getPassword() != null) {
            String user = credentials.getUser();
            hello.addAll(List.of(
                    bytes("AUTH"),
                    bytes(user == null ? "default" : user),
                    bytes(String.valueOf(credentials.getPassword()))));
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(command(hello));
        all.writeBytes(command(
                List.of(bytes("CLIENT"), bytes("TRACKING"), bytes("ON"), bytes("BCAST"), bytes("PREFIX"), prefix)));
        return all.toByteArray();
    }

    private static void refuse(@Nullable Object reply) throws IOException {
        if (reply instanceof Failure failure) {
            throw new IOException("the server refused: " + failure.message());
        }
    }

    private void told(Push push) {
        List<@Nullable Object> parts = push.parts();
        if (parts.size() < 2 || !(parts.get(0) instanceof byte[] kind) || !isInvalidate(kind)) {
            return;
        }
        if (parts.get(1) instanceof List<?> keys) {
            for (Object key : keys) {
                if (key instanceof byte[] bytes) {
                    feed.changed(bytes);
                }
            }
        } else {
            feed.flushed();
        }
    }

    private static boolean isInvalidate(byte[] kind) {
        return new String(kind, StandardCharsets.US_ASCII).equals("invalidate");
    }

    private void ping() throws IOException {
        OutputStream stream = out;
        if (stream != null) {
            pingedAsOf = feed.now(); // before the sending: only what was acknowledged by now is proved
            pingedAt = System.nanoTime();
            unanswered = true;
            stream.write(
                    command(heartbeat.words().stream().map(TrackingFeed::bytes).toList()));
        }
    }

    /** The socket was silent for a heartbeat's time. */
    private void nothingCame() throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        if (!unanswered) {
            ping();
        } else if (System.nanoTime() - pingedAt > SILENCE) {
            throw new IOException("no answer to a heartbeat for " + TimeUnit.NANOSECONDS.toMillis(SILENCE) + " ms");
        }
    }

    private static byte[] command(List<byte[]> words) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(bytes("*" + words.size() + "\r\n"));
        for (byte[] word : words) {
            all.writeBytes(bytes("$" + word.length + "\r\n"));
            all.writeBytes(word);
            all.writeBytes(bytes("\r\n"));
        }
        return all.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        Socket connected = socket;
        if (connected != null) {
            try {
                connected.close();
            } catch (IOException e) {
                // The thread ends at its next timeout.
            }
        }
        LockSupport.unpark(thread);
        try {
            if (Thread.currentThread() != thread) {
                thread.join(CLOSING_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ended.run();
    }
}
