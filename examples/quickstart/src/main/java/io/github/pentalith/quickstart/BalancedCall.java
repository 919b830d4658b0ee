// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.quickstart;

import io.github.pentalith.loadbalance.Endpoint;
import io.github.pentalith.loadbalance.LoadBalancer;
import io.github.pentalith.loadbalance.PickContext;
import io.github.pentalith.resilience.Backoff;
import io.github.pentalith.resilience.Deadline;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.resilience.Retry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** The recipe for a balanced call that is retried on another endpoint: the retry outside, the pick inside. */
final class BalancedCall {
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofMillis(500)).build();
    private final Pipeline toNodes = Pipeline.builder("to-nodes")
            .deadline(Duration.ofSeconds(2))
            .retry(Retry.of(3, Backoff.exponential(Duration.ofMillis(10))).on(IOException.class))
            .attemptTimeout(Duration.ofMillis(800))
            .build();
    private final LoadBalancer<Endpoint> nodes;

    BalancedCall(LoadBalancer<Endpoint> nodes) {
        this.nodes = nodes;
    }

    /** Gets a path from one of the nodes; only for requests that may be sent twice. */
    HttpResponse<String> get(String path) throws Exception {
        PickContext request = PickContext.create(); // one for all attempts: it remembers which nodes were tried
        return toNodes.call(() -> nodes.call(request, lease -> send(lease.target(), path)));
    }

    private HttpResponse<String> send(Endpoint node, String path) throws IOException, InterruptedException {
        Deadline attempt = Deadline.current(); // the end of this attempt, set by the pipeline
        Duration left = attempt == null ? Duration.ofSeconds(2) : attempt.remaining();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + node.host() + ":" + node.port() + path))
                .timeout(left)
                .build();
        HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
        if (response.statusCode() >= 500) {
            throw new IOException("status " + response.statusCode() + " from " + node.id()); // a failure for both
        }
        return response;
    }
}
