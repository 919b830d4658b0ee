// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets of all probes of one balancer, served by one thread. Knows no time: whoever asked closes a connection that
 * takes too long.
 */
final class ProbeWire implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(LoadBalancer.class);
    private static final int MAX_STATUS_LINE = 512;
    private static final int MAX_BODY = 1 << 16;

    /** What became of a check. Called on the wire's thread, or on one that resolves names. */
    interface Result {
        void decide(boolean healthy, String why);

        /** The connection is closed. */
        void over();
    }

    private final Selector selector;
    private final Thread thread;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(8192);
    private final ThreadPoolExecutor resolver;
    private volatile boolean closed;

    private ProbeWire(Selector selector) {
        this.selector = selector;
        this.thread = daemon(this, "pentalith-loadbalance-probe");
        this.resolver = new ThreadPoolExecutor(
                4,
                4,
                5,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                work -> daemon(work, "pentalith-loadbalance-resolve"));
        resolver.allowCoreThreadTimeOut(true);
    }

    static ProbeWire start() {
        try {
            ProbeWire wire = new ProbeWire(Selector.open());
            wire.thread.start();
            return wire;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Begins a check: HTTP if there is a path. The returned action closes the connection. */
    Runnable check(String host, int port, @Nullable String path, Result result) {
        Connection connection = new Connection(host, port, path, result);
        if (literal(host)) {
            connection.resolve(); // nothing to ask a name server for
        } else {
            resolver.execute(connection::resolve);
        }
        return () -> enqueue(connection::close);
    }

    private static boolean literal(String host) {
        return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    }

    private void enqueue(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    void close() {
        closed = true;
        resolver.shutdownNow();
        selector.wakeup();
        try {
            thread.join(1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        try (selector) {
            while (!closed) {
                selector.select(this::serve);
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    contained(task);
                }
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("probing ended", e);
        }
    }

    /** The thread serves all probes: what one of them throws must not end it, or every endpoint would seem sick. */
    private static void contained(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.warn("a health probe failed unexpectedly", e);
        }
    }

    private void serve(SelectionKey key) {
        Connection connection = (Connection) key.attachment();
        contained(() -> {
            try {
                connection.ready(key);
            } catch (IOException | RuntimeException e) {
                connection.fail(e);
            }
        });
    }

    private final class Connection {
        private final String host;
        private final int port;
        private final Result result;
        private final @Nullable ByteBuffer request;
        private final StringBuilder status = new StringBuilder();
        private @Nullable SocketChannel channel;
        private boolean ended;
        private boolean decided;
        private int body;

        Connection(String host, int port, @Nullable String path, Result result) {
            this.host = host;
            this.port = port;
            this.result = result;
            this.request = path == null ? null : ByteBuffer.wrap(get(path).getBytes(StandardCharsets.US_ASCII));
        }

        private String get(String path) {
            String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
            return "GET " + path + " HTTP/1.1\r\nHost: " + name + ":" + port
                    + "\r\nUser-Agent: pentalith-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n";
        }

        void resolve() {
            try {
                InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
                enqueue(() -> connect(address));
            } catch (UnknownHostException | SecurityException e) {
                result.decide(false, "unknown host " + host);
                result.over();
            }
        }

        private void connect(InetSocketAddress address) {
            if (ended) {
                return;
            }
            try {
                SocketChannel opened = SocketChannel.open();
                channel = opened;
                opened.configureBlocking(false);
                boolean connected = opened.connect(address);
                SelectionKey key = opened.register(selector, SelectionKey.OP_CONNECT, this);
                if (connected) {
                    connected(key, opened);
                }
            } catch (IOException | RuntimeException e) {
                fail(e); // also an address of a kind that this machine does not speak
            }
        }

        void ready(SelectionKey key) throws IOException {
            SocketChannel open = (SocketChannel) key.channel();
            if (key.isConnectable() && open.finishConnect()) {
                connected(key, open);
            } else if (key.isWritable()) {
                write(key, open);
            } else if (key.isReadable()) {
                read(open);
            }
        }

        private void connected(SelectionKey key, SocketChannel open) throws IOException {
            if (request == null) {
                decide(true, "connected");
                close();
            } else {
                write(key, open);
            }
        }

        private void write(SelectionKey key, SocketChannel open) throws IOException {
            if (request != null) {
                open.write(request);
                key.interestOps(request.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            }
        }

        private void read(SocketChannel open) throws IOException {
            buffer.clear();
            int read = open.read(buffer);
            buffer.flip();
            while (!decided && buffer.hasRemaining() && status.length() < MAX_STATUS_LINE) {
                char next = (char) (buffer.get() & 0xFF);
                if (next == '\n') {
                    judge(status.toString().trim());
                } else {
                    status.append(next);
                }
            }
            body += Math.max(0, read);
            if (!decided && (read < 0 || status.length() >= MAX_STATUS_LINE)) {
                decide(false, read < 0 ? "closed without an answer" : "no HTTP");
            }
            // The body is read so that the server can finish in peace, but not for ever.
            if (read < 0 || body > MAX_BODY) {
                close();
            }
        }

        private void judge(String line) {
            boolean http = line.matches("HTTP/1\\.[01] [1-5][0-9][0-9]( .*)?");
            decide(http && line.charAt("HTTP/1.1 ".length()) == '2', http ? line : "no HTTP: " + line);
        }

        private void decide(boolean healthy, String why) {
            decided = true;
            result.decide(healthy, why);
        }

        void fail(Exception e) {
            if (!decided) {
                decide(false, e.getMessage() == null ? e.toString() : e.getMessage());
            }
            close();
        }

        void close() {
            if (ended) {
                return;
            }
            ended = true;
            try {
                if (channel != null) {
                    channel.close();
                }
            } catch (IOException e) {
                // Nothing can be done, and nothing depends on it.
            }
            result.over();
        }
    }
}
