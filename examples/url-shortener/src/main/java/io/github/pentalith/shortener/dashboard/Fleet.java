// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.dashboard;

import io.github.pentalith.shortener.http.Threads;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * The nodes' pages of metrics, asked for over HTTP as a Prometheus would: it works the same for nodes elsewhere.
 *
 * <p>Of a node that does not answer, the last page stays known, so that sums over the fleet never go down. Thread-safe.
 */
public final class Fleet implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMillis(700); // less than a period, so that looks do not pile up

    private final ExecutorService threads = Executors.newFixedThreadPool(2, Threads.named("fleet"));
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .executor(threads)
            .build();
    private final Map<String, View> views = new ConcurrentHashMap<>();

    /**
     * What is known of a node.
     *
     * @param page its last page
     * @param answered whether it answered the last time it was asked
     */
    public record View(Scrape page, boolean answered) {}

    /**
     * Asks all nodes at once.
     *
     * @param nodes name to address
     * @return name to view, of those nodes that ever answered or were asked now
     */
    public Map<String, View> look(Map<String, URI> nodes) {
        Map<String, CompletableFuture<Scrape>> pages = new LinkedHashMap<>();
        nodes.forEach((name, address) -> pages.put(name, ask(address)));
        pages.forEach((name, page) -> {
            try {
                views.put(name, new View(page.join(), true));
            } catch (RuntimeException e) { // refused, cut off, too late
                views.merge(name, new View(Scrape.NOTHING, false), (known, none) -> new View(known.page, false));
            }
        });
        return Map.copyOf(views);
    }

    private CompletableFuture<Scrape> ask(URI address) {
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/metrics"))
                .timeout(TIMEOUT)
                .build();
        return http.sendAsync(request, BodyHandlers.ofString())
                .orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .thenApply(Fleet::page);
    }

    private static Scrape page(HttpResponse<String> response) {
        if (response.statusCode() != 200) {
            throw new IllegalStateException("status " + response.statusCode());
        }
        return Scrape.parse(response.body());
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
