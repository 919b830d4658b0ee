// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.github.pentalith.loadbalance.Endpoint;
import io.github.pentalith.loadbalance.LoadBalancer;
import io.github.pentalith.resilience.CallTimeoutException;
import io.github.pentalith.resilience.RejectedCallException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BalancedCallTest {
    private final HttpServer good = server(200, "fine");
    private final HttpServer bad = server(503, "sick");

    @AfterEach
    void stop() {
        good.stop(0);
        bad.stop(0);
    }

    @Test
    void get_withOneSickNode_alwaysAnswersFromTheOther() throws Exception {
        try (LoadBalancer<Endpoint> nodes = LoadBalancer.of("nodes", endpoint(good), endpoint(bad))) {
            BalancedCall call = new BalancedCall(nodes);
            // Few enough for the retry budget: a node that stays sick is the health probe's business, not the retry's.
            for (int i = 0; i < 6; i++) {
                assertThat(answer(call)).isEqualTo("fine");
            }
        }
    }

    /** The recipe gives up after two seconds, for which a machine may stand still; then once more. */
    private static String answer(BalancedCall call) throws Exception {
        for (int again = 0; ; again++) {
            try {
                return call.get("/").body();
            } catch (HttpTimeoutException | CallTimeoutException | RejectedCallException e) {
                if (again == 5) {
                    throw e;
                }
            }
        }
    }

    private static Endpoint endpoint(HttpServer server) {
        return Endpoint.of("127.0.0.1", server.getAddress().getPort());
    }

    private static HttpServer server(int status, String body) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status, bytes.length);
                exchange.getResponseBody().write(bytes);
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
