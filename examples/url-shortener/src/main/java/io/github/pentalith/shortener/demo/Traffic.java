// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.demo;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Timer;
import io.github.pentalith.shortener.http.Json;
import io.github.pentalith.shortener.http.Threads;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Clients that follow links, the first ones far more often than the last, and make a new one now and then. Each answer
 * is checked.
 *
 * <p>Requests are due at fixed times, whether or not those before them were answered, and their time counts from when
 * they were due: else a stall would hide the requests that it kept from being sent. Thread-safe.
 */
final class Traffic implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int TRIALS = 10; // to make a link before it all begins
    private static final int REMEMBERED = 20; // errors, word by word

    private final URI front;
    private final int clients;
    private final ExecutorService threads;
    private final ExecutorService callbacks = Executors.newFixedThreadPool(2, Threads.named("demo-http"));
    private final HttpClient http;
    private final MetricRegistry registry = MetricRegistry.of("demo");
    private final Timer durations =
            registry.timer("request_duration", "From when it was due").register();
    private final LongAdder errors = new LongAdder();
    private final Queue<String> firstErrors = new ConcurrentLinkedQueue<>();
    private final LongAdder made = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder followNanos = new LongAdder();
    private final LongAdder follows = new LongAdder();
    private volatile boolean stopping;

    /** A link that exists: following it must lead there. */
    record Known(String code, String longUrl) {}

    /**
     * Cumulative counts.
     *
     * @param errors followed links that did not lead where they should
     * @param made new links
     * @param refused wishes for a link that were turned down
     * @param follows followed links
     * @param followNanos how long they took, from when they were sent
     */
    record Counts(long errors, long made, long refused, long follows, long followNanos) {
        Counts minus(Counts earlier) {
            return new Counts(
                    errors - earlier.errors,
                    made - earlier.made,
                    refused - earlier.refused,
                    follows - earlier.follows,
                    followNanos - earlier.followNanos);
        }
    }

    /** Clients of the front at that address, not running yet. */
    Traffic(URI front, int clients) {
        this.front = front;
        this.clients = clients;
        this.threads = Executors.newFixedThreadPool(clients, Threads.named("demo-client"));
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(callbacks)
                .build();
    }

    /** {@return that many new links} */
    List<Known> makeLinks(int count) throws IOException, InterruptedException {
        List<Future<Known>> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String longUrl = "https://example.org/articles/" + i;
            answers.add(threads.submit(() -> makePatiently(longUrl)));
        }
        List<Known> links = new ArrayList<>();
        for (Future<Known> answer : answers) {
            try {
                links.add(answer.get());
            } catch (ExecutionException e) {
                throw new IOException(e.getCause());
            }
        }
        return links;
    }

    /** {@return a new link} A front that has just started may be slow and say 503 with {@code Retry-After}. */
    private Known makePatiently(String longUrl) throws IOException, InterruptedException {
        for (int trial = 1; ; trial++) {
            try {
                Known link = make(longUrl);
                if (link != null) {
                    return link;
                }
            } catch (IOException e) { // it took too long
                if (trial == TRIALS) {
                    throw e;
                }
            }
            if (trial == TRIALS) {
                throw new IOException("the front refused to make a link before anything had failed");
            }
            Thread.sleep(1_000);
        }
    }

    /**
     * Starts the clients.
     *
     * @param perSecond requests per second of all clients together
     * @param oneNewIn one in so many requests makes a link
     */
    void start(List<Known> links, double perSecond, int oneNewIn, long seed) {
        Zipf zipf = new Zipf(links.size(), 1);
        long pause = (long) (clients / perSecond * 1e9);
        long start = System.nanoTime();
        SplittableRandom seeds = new SplittableRandom(seed);
        for (int i = 0; i < clients; i++) {
            SplittableRandom random = seeds.split();
            long first = start + pause * i / clients;
            threads.execute(() -> {
                long due = first;
                while (!stopping) {
                    waitUntil(due);
                    if (random.nextInt(oneNewIn) == 0) {
                        makeAndFollow("https://example.org/news/" + random.nextLong(), due);
                    } else {
                        follow(links.get(zipf.draw(random)), due);
                    }
                    due += pause;
                }
            });
        }
    }

    private static void waitUntil(long nanoTime) {
        for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private void follow(Known link, long due) {
        long sent = System.nanoTime();
        String wrong;
        try {
            HttpResponse<String> answer = send(request("/" + link.code).GET());
            String location = answer.headers().firstValue("Location").orElse("nowhere");
            wrong = answer.statusCode() == 302 && location.equals(link.longUrl)
                    ? null
                    : answer.statusCode() + " to " + location + " " + answer.body();
        } catch (IOException e) {
            wrong = e.toString();
        }
        long now = System.nanoTime();
        durations.recordNanos(now - due);
        follows.increment();
        followNanos.add(now - sent);
        if (wrong != null) {
            errors.increment();
            if (firstErrors.size() < REMEMBERED) {
                firstErrors.add("/" + link.code + " -> " + wrong);
            }
        }
    }

    private void makeAndFollow(String longUrl, long due) {
        Known link;
        try {
            link = make(longUrl);
        } catch (IOException e) {
            link = null;
        }
        durations.recordNanos(System.nanoTime() - due);
        (link == null ? refused : made).increment();
        if (link != null) {
            follow(link, System.nanoTime()); // whichever node is asked must know it
        }
    }

    private @Nullable Known make(String longUrl) throws IOException {
        byte[] wish = Json.write(Map.of("longUrl", longUrl));
        HttpResponse<String> answer = send(request("/api/v1/urls")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(wish)));
        return answer.statusCode() == 201
                ? new Known(
                        Json.read(answer.body().getBytes(StandardCharsets.UTF_8))
                                .path("code")
                                .asText(),
                        longUrl)
                : null;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(front.resolve(path)).timeout(PATIENCE);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** {@return the times of all requests, from when they were due} */
    Timer durations() {
        return durations;
    }

    /** {@return what happened so far} */
    Counts counts() {
        return new Counts(errors.sum(), made.sum(), refused.sum(), follows.sum(), followNanos.sum());
    }

    /** {@return the first errors, word by word} */
    List<String> firstErrors() {
        return List.copyOf(firstErrors);
    }

    /** Lets requests under way end, and ends. */
    @Override
    public void close() {
        stopping = true;
        threads.shutdown();
        try {
            if (!threads.awaitTermination(2 * PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        callbacks.shutdownNow();
        registry.close();
    }
}
