// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.front;

import io.github.pentalith.loadbalance.Endpoint;
import io.github.pentalith.resilience.Deadline;
import io.github.pentalith.shortener.http.Reply;
import io.github.pentalith.shortener.http.Request;
import io.github.pentalith.shortener.http.Threads;
import io.github.pentalith.shortener.http.Trace;
import io.github.pentalith.shortener.link.Users;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Sends a request on to a node. Only named headers pass, in both directions: what nobody thought of stays outside. */
final class NodeClient implements AutoCloseable {
    static {
        // Shorter than the nodes keep an idle connection, so that none is used while its other end closes it.
        if (System.getProperty("jdk.httpclient.keepalive.timeout") == null) {
            System.setProperty("jdk.httpclient.keepalive.timeout", "30");
        }
    }

    private static final List<String> TO_NODE = List.of("Accept", "Content-Type", "User-Agent", Users.HEADER);
    private static final Set<String> TO_CLIENT =
            Set.of("allow", "cache-control", "content-type", "location", "retry-after");

    private final ExecutorService threads = Executors.newFixedThreadPool(4, Threads.named("front-client"));
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofMillis(500)) // nodes are near; who does not answer by then is not there
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(threads)
            .build();

    /** {@return the node's answer} The time for it is that of {@link Deadline#current()}. */
    Reply send(Endpoint node, Request request, String id) throws IOException, InterruptedException {
        HttpRequest.Builder onward = HttpRequest.newBuilder(
                        URI.create("http://" + node.host() + ":" + node.port() + request.path()))
                .method(
                        request.method(),
                        request.body().length == 0
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofByteArray(request.body()))
                .header(Request.ID, id)
                .header(Trace.HEADER, request.trace().header());
        for (String name : TO_NODE) {
            String value = request.header(name);
            if (value != null && isSendable(value)) {
                onward.header(name, value);
            }
        }
        String state = request.header(Trace.STATE);
        if (state != null && request.trace().isContinued() && isSendable(state)) {
            onward.header(Trace.STATE, state);
        }
        Deadline deadline = Deadline.current();
        if (deadline != null) {
            onward.timeout(atLeastOneMilli(deadline.remaining())).header(Request.DEADLINE, deadline.toHeader());
        }
        return reply(request, http.send(onward.build(), BodyHandlers.ofByteArray()));
    }

    /**
     * {@return whether the client would take the header value} It throws at control characters, which our server lets
     * in. The header is then left out: nobody in good faith sends such a value, and none of them is worth an error 500.
     */
    static boolean isSendable(String value) {
        return value.chars().allMatch(c -> c == '\t' || (c >= 0x20 && c != 0x7F && c <= 0xFF));
    }

    private static Duration atLeastOneMilli(Duration time) {
        return time.toMillis() > 0 ? time : Duration.ofMillis(1);
    }

    private static Reply reply(Request request, HttpResponse<byte[]> response) {
        Map<String, String> headers = new LinkedHashMap<>();
        response.headers().map().forEach((name, values) -> {
            if (TO_CLIENT.contains(name.toLowerCase(Locale.ROOT))) {
                headers.put(name, values.get(0));
            }
        });
        if (request.method().equals("HEAD")) { // tells of a body that was not sent
            response.headers().firstValue("Content-Length").ifPresent(length -> headers.put("Content-Length", length));
        }
        return new Reply(response.statusCode(), headers, response.body());
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
