// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.pentalith.shortener.http.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** A client of the HTTP API that follows nothing and hides nothing. */
final class Client {
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(60))
            .build();

    private final URI base;

    Client(URI base) {
        this.base = base;
    }

    /** An answer, and whether the machine stood still meanwhile or shortly before. */
    record Answer(int status, Map<String, String> headers, String body, boolean stalled) {
        JsonNode json() {
            try {
                return Json.read(body.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new AssertionError("not JSON: " + body, e);
            }
        }

        String text(String field) {
            return json().path(field).asText(null);
        }

        String header(String name) {
            return headers.get(name);
        }
    }

    /**
     * Sends a request; once more, and so on, if the answer is 503 because the machine stood still: then the service
     * keeps its word by saying so in time.
     */
    Answer send(String method, String path, String body, String... headers) throws IOException, InterruptedException {
        long begun = Stall.now();
        Answer answer = once(begun, method, path, body, headers);
        for (int again = 0; again < 5 && answer.status() == 503 && answer.stalled(); again++) {
            Thread.sleep(200L << again);
            answer = once(begun, method, path, body, headers);
            if (method.equals("DELETE") && answer.status() == 404) { // the first one did it
                answer = new Answer(204, Map.of(), "", true);
            }
        }
        return answer;
    }

    private Answer once(long begun, String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(Duration.ofSeconds(60))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        Map<String, String> received = new LinkedHashMap<>();
        response.headers()
                .map()
                .forEach((name, values) -> received.put(name.toLowerCase(java.util.Locale.ROOT), values.get(0)));
        return new Answer(response.statusCode(), received, response.body(), Stall.since(begun));
    }

    Answer get(String path) throws IOException, InterruptedException {
        return send("GET", path, null);
    }

    Answer post(String json, String... headers) throws IOException, InterruptedException {
        return send("POST", "/api/v1/urls", json.replace('\'', '"'), headers);
    }

    /** Makes a link and returns its code. */
    String make(String longUrl, String... headers) throws IOException, InterruptedException {
        Answer answer = post("{'longUrl':'" + longUrl + "'}", headers);
        boolean madeByTheFirst = answer.stalled() && answer.status() == 200;
        if (answer.status() != 201 && !madeByTheFirst) {
            throw new AssertionError("expected 201: " + answer);
        }
        return answer.text("code");
    }
}
