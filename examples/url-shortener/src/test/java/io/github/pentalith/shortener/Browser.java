// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.pentalith.shortener.http.Json;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** A headless Chromium, driven over the W3C WebDriver protocol by Debian's chromedriver. */
final class Browser implements AutoCloseable {
    private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf"; // the protocol's name for an element

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Process driver;
    private final URI base;
    private String session = "";

    Browser(Path directory) throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        base = URI.create("http://127.0.0.1:" + port);
        driver = new ProcessBuilder("chromedriver", "--port=" + port)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("chromedriver.log").toFile())
                .start();
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> call("GET", "/status", null).path("ready").asBoolean());
        List<String> flags = List.of(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--user-data-dir=" + directory.resolve("profile"));
        Map<String, Object> chrome = Map.of(
                "browserName", "chrome",
                "goog:chromeOptions", Map.of("args", flags),
                "goog:loggingPrefs", Map.of("browser", "ALL"));
        session = "/session/"
                + call("POST", "/session", Map.of("capabilities", Map.of("alwaysMatch", chrome)))
                        .path("sessionId")
                        .asText();
    }

    private JsonNode call(String method, String path, Object body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(base.resolve(session + path))
                .timeout(Duration.ofSeconds(90))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(Json.write(body)))
                .build();
        JsonNode value =
                Json.read(http.send(request, BodyHandlers.ofByteArray()).body()).path("value");
        if (value.has("error")) {
            throw new IOException(path + ": " + value.path("error").asText() + ": "
                    + value.path("message").asText());
        }
        return value;
    }

    void open(URI page) throws IOException, InterruptedException {
        call("POST", "/url", Map.of("url", page.toString()));
    }

    /** Types into what has the focus, as from a keyboard. */
    void type(String keys) throws IOException, InterruptedException {
        String element = call("GET", "/element/active", null).path(ELEMENT).asText();
        call("POST", "/element/" + element + "/value", Map.of("text", keys));
    }

    /** Runs a function's body in the page and returns what it returns. */
    JsonNode run(String script) throws IOException, InterruptedException {
        return call("POST", "/execute/sync", Map.of("script", script, "args", List.of()));
    }

    String text(String selector) throws IOException, InterruptedException {
        return run("return document.querySelector('" + selector + "')?.textContent ?? ''")
                .asText();
    }

    /** The name and the role that assistive technology is told of an element. */
    String nameAndRole(String selector) throws IOException, InterruptedException {
        String element = call("POST", "/element", Map.of("using", "css selector", "value", selector))
                .path(ELEMENT)
                .asText();
        return call("GET", "/element/" + element + "/computedlabel", null).asText() + " ("
                + call("GET", "/element/" + element + "/computedrole", null).asText() + ")";
    }

    /** Closes the tabs that the page has opened, and goes back to it. */
    void closeOtherTabs() throws IOException, InterruptedException {
        String page = call("GET", "/window", null).asText();
        for (JsonNode tab : call("GET", "/window/handles", null)) {
            if (!tab.asText().equals(page)) {
                call("POST", "/window", Map.of("handle", tab.asText()));
                call("DELETE", "/window", null);
            }
        }
        call("POST", "/window", Map.of("handle", page));
    }

    /** What the page wrote to its console, and what its policy or the network denied it. */
    JsonNode console() throws IOException, InterruptedException {
        return call("POST", "/se/log", Map.of("type", "browser"));
    }

    void devtools(String command, Map<String, Object> parameters) throws IOException, InterruptedException {
        call("POST", "/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
    }

    /** Shows the page on a screen of that size, in the light or the dark scheme. */
    void screen(int width, int height, double scale, String scheme) throws IOException, InterruptedException {
        devtools(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", scale, "mobile", width < 600));
        devtools(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    void screenshot(Path file) throws IOException, InterruptedException {
        Files.createDirectories(file.getParent());
        Files.write(
                file,
                Base64.getDecoder().decode(call("GET", "/screenshot", null).asText()));
    }

    @Override
    public void close() throws IOException {
        try {
            call("DELETE", "", null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            driver.descendants().forEach(ProcessHandle::destroyForcibly);
            driver.destroy();
        }
    }
}
