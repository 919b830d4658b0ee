// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.pentalith.shortener.link.Rejection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JDK's {@link HttpServer} with limits on everything a client can make grow: threads, waiting requests, body,
 * time to send a request.
 *
 * <p>A request occupies a thread from its first byte to its answer. When all threads are busy and the queue is full,
 * the connection is closed: the cheapest answer there is.
 */
public final class WebServer implements AutoCloseable {
    /** The longest body that is accepted, in bytes. */
    public static final int MAXIMUM_BODY = 64 * 1024;

    static {
        // Read once by the JDK, when its first server is made.
        defaultProperty("sun.net.httpserver.nodelay", "true"); // else 40 ms per answer on a kept connection
        defaultProperty("sun.net.httpserver.maxReqTime", "10"); // seconds for the whole request: no slow trickle
        defaultProperty("sun.net.httpserver.maxRspTime", "30"); // seconds for the whole answer
        defaultProperty("sun.net.httpserver.idleInterval", "60"); // longer than any client of ours keeps a connection
        defaultProperty("sun.net.httpserver.maxIdleConnections", "2000");
        // A client that sends too much is heard out up to here, so that it can read our answer instead of a reset.
        defaultProperty("sun.net.httpserver.drainAmount", Integer.toString(16 * 1024 * 1024));
    }

    private static final byte[] NO_BODY = {};

    private static final Logger LOG = LoggerFactory.getLogger(WebServer.class);

    private final String name;
    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private volatile boolean closing;

    private WebServer(String name, HttpServer server, ThreadPoolExecutor threads) {
        this.name = name;
        this.server = server;
        this.threads = threads;
    }

    /**
     * Takes an address; who connects waits until {@link #serve}.
     *
     * @param name in logs and names of threads
     * @param address where to listen; port 0 for any
     * @param threads how many requests are handled at once; four times as many may wait
     * @throws IOException if the address cannot be had
     */
    public static WebServer bind(String name, InetSocketAddress address, int threads) throws IOException {
        HttpServer server = HttpServer.create(address, 1_024); // a burst of new connections waits instead of failing
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(4 * threads), Threads.named(name));
        pool.allowCoreThreadTimeOut(true);
        server.setExecutor(pool);
        return new WebServer(name, server, pool);
    }

    /** Starts to answer. */
    public void serve(Handler handler, RequestLog log) {
        server.createContext("/", exchange -> exchange(exchange, handler, log));
        server.start();
    }

    /** {@return the port it listens on} */
    public int port() {
        return server.getAddress().getPort();
    }

    private void exchange(HttpExchange exchange, Handler handler, RequestLog log) {
        try (exchange) {
            send(exchange, answer(exchange, handler, log));
        } catch (IOException e) {
            LOG.debug("{}: the client went away", name, e);
        }
    }

    private Reply answer(HttpExchange exchange, Handler handler, RequestLog log) throws IOException {
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getPath();
        Route route = Route.of(path);
        long start = System.nanoTime();
        byte[] body = body(exchange);
        Request request = new Request(
                method,
                path,
                route,
                exchange.getRequestHeaders(),
                body == null ? NO_BODY : body,
                exchange.getRemoteAddress().getAddress(),
                Trace.continued(exchange.getRequestHeaders().getFirst(Trace.HEADER)));
        Reply reply;
        if (body == null) {
            reply = Problems.bodyTooLarge().with("Connection", "close");
        } else if (route == Route.NONE) {
            reply = Problems.notFound();
        } else if (!route.allows(method)) {
            reply = Problems.methodNotAllowed(route, method);
        } else {
            start = System.nanoTime();
            reply = handle(handler, request);
        }
        log.answered(request, reply, System.nanoTime() - start);
        return reply;
    }

    private Reply handle(Handler handler, Request request) {
        try {
            return handler.handle(request);
        } catch (Rejection e) {
            return Problems.of(e);
        } catch (RejectedExecutionException e) {
            LOG.debug("{}: {} {} was not tried", name, request.method(), request.route(), e);
            return Problems.unavailable("try again shortly");
        } catch (Exception e) {
            LOG.warn("{}: {} {} failed", name, request.method(), request.route(), e);
            return Problems.internal();
        }
    }

    /** {@return the body, or null if it is too long} */
    private static byte @Nullable [] body(HttpExchange exchange) throws IOException {
        Headers headers = exchange.getRequestHeaders();
        if (!headers.containsKey("Content-Length") && !headers.containsKey("Transfer-Encoding")) {
            return NO_BODY; // the usual case, without a buffer
        }
        InputStream in = exchange.getRequestBody();
        byte[] body = in.readNBytes(MAXIMUM_BODY + 1);
        return body.length <= MAXIMUM_BODY ? body : null;
    }

    private void send(HttpExchange exchange, Reply reply) throws IOException {
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        if (closing) {
            exchange.getResponseHeaders().set("Connection", "close");
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        int length = reply.body().length;
        if (head && !reply.headers().containsKey("Content-Length")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(length));
        }
        exchange.sendResponseHeaders(reply.status(), head || length == 0 ? -1 : length);
        if (!head && length > 0) {
            try (OutputStream out = exchange.getResponseBody()) { // closed before what is left of the body is read
                out.write(reply.body());
            }
        }
    }

    /** Asks clients to go away after their next answer; still answers everybody. */
    public void beginClosing() {
        closing = true;
    }

    /** Lets requests under way end, for as long as that, then closes all connections. */
    public void close(Duration patience) {
        beginClosing();
        threads.shutdown(); // requests from now on find their connection closed
        try {
            if (!threads.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.warn("{}: requests did not end within {} and are cut off", name, patience);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    /** Closes all connections at once, as when the process dies. */
    @Override
    public void close() {
        closing = true;
        server.stop(0);
        threads.shutdownNow();
    }

    private static void defaultProperty(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
