// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.github.pentalith.testkit.RequiresTool;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard in a real browser, on a real service; {@code -Dscreenshot.update=true} renews the picture in docs. */
@RequiresTool("chromium")
@RequiresTool(value = "chromedriver", debianPackage = "chromium-driver")
class DashboardIT {
    private static final Path MODULE = Path.of(System.getProperty("module.basedir", "."));
    private static final boolean UPDATE = Boolean.getBoolean("screenshot.update");
    private static final String TAB = "\uE004";
    private static final String ENTER = "\uE007";

    @TempDir
    private Path directory;

    private final Map<String, String> links = new HashMap<>();
    private final Queue<String> visits = new ConcurrentLinkedQueue<>();
    private HttpServer target;
    private Shortener shortener;
    private Browser browser;

    @BeforeEach
    void start() throws Exception {
        target = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        target.createContext("/", exchange -> {
            visits.add(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        target.start();
        shortener = Shortener.start(
                Settings.defaults().port(0).rateLimit(100_000).admin(new Settings.Admin(0, "127.0.0.1", null)));
        browser = new Browser(directory);
        browser.screen(1240, 1340, UPDATE ? 2 : 1, "light");
        browser.open(shortener.frontUrl().resolve("/"));
    }

    @AfterEach
    void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (shortener != null) {
            shortener.close();
        }
        target.stop(0);
    }

    @Test
    void dashboard_underLoadWhileANodeDies_showsIt() throws Exception {
        until(() -> browser.text("#link").equals("live"));
        until(() -> allNodesAre("good"));
        makeAndFollowByKeyboard();

        Client client = new Client(shortener.frontUrl());
        for (int i = 0; i < 300; i++) {
            String url = "https://example.org/" + i;
            links.put(client.make(url), url);
        }
        until(() -> sum(browser.run("return [...document.querySelectorAll('#shards span:last-child')]"
                        + ".map(e => Number(e.textContent.replaceAll(',', '')))"))
                == links.size() + 1);
        try (Load load = new Load(client, links, 4)) {
            chartsMove();
            assistiveTechnologyIsToldNames();
            if (UPDATE) {
                until(() ->
                        browser.run("return (drawn.series.rate || []).length").asInt() >= 75);
            }

            shortener.killNode(1);

            until(() -> browser.run("return document.querySelector('[data-node=n1]').className")
                    .asText()
                    .equals("down"));
            until(() -> browser.text("[data-node=n1] .health").equals("down")); // at first it may be ejected
            assertThat(redness("[data-node=n1] .health .pill")).isGreaterThan(60);
            assertThat(redness("[data-node=n0] .health .pill")).isNegative();
            until(() -> browser.text("[data-node=n1] .full").equals("0 %"));
            until(() -> browser.text("#events").contains("n1 unhealthy: probe: "));
            assertThat(load.wrong()).isEmpty();
            pictures();
        }
        for (var line : browser.console()) { // what the content security policy denies would be here
            assertThat(line.path("level").asText()).as(line.toString()).isNotEqualTo("SEVERE");
        }
    }

    @Test
    void dashboard_wrongInputAndNoFront_saysSo() throws Exception {
        until(() -> browser.text("#link").equals("live"));
        type(TAB, "javascript:alert(1)" + ENTER);
        until(() -> browser.text("#problem").contains("http"));
        assertThat(browser.text("#made")).isEmpty();

        shortener.close();

        until(() -> browser.text("#link").equals("no answer from the front"));
    }

    @Test
    void dashboard_whileAShardIsAdded_showsHowFarItIs() throws Exception {
        until(() -> browser.text("#link").equals("live"));
        assertThat(browser.run("return document.querySelector('#moving').hidden")
                        .asBoolean())
                .isTrue();
        Client client = new Client(shortener.frontUrl());
        for (int i = 0; i < 200; i++) {
            client.make("https://example.org/" + i);
        }
        boolean isSeen = false;
        for (int shards = 5; shards < 10 && !isSeen; shards++) { // one is over before all is looked at? Then another
            isSeen = isShownWhileAShardIsAdded(shards);
        }
        assertThat(isSeen).isTrue();
    }

    private boolean isShownWhileAShardIsAdded(int shards) throws Exception {
        Client.Answer begun = new Client(shortener.adminUrl()).send("POST", "/admin/v1/shards", "{}");
        assertThat(begun.status()).isEqualTo(202);
        Callable<Boolean> isOver = () -> browser.run("return document.querySelector('#moving').hidden"
                        + " && document.querySelectorAll('#shards li').length == " + shards)
                .asBoolean();
        until(() -> browser.run("return !document.querySelector('#moving').hidden"
                                + " && document.querySelector('#moved').value > 0.04")
                        .asBoolean()
                || isOver.call());
        String text = browser.text("#moving-text");
        String moved = browser.nameAndRole("#moved");
        double width = browser.run("return document.querySelector('#moved').getBoundingClientRect().width")
                .asDouble();
        browser.screenshot(MODULE.resolve("target/pictures/resharding.png"));
        boolean isSeen =
                !browser.run("return document.querySelector('#moving').hidden").asBoolean();
        if (isSeen) {
            String what = "s" + (shards - 1) + " is being added: ";
            assertThat(text).matches(what + "[a-z ]+, [0-9.]+ %");
            assertThat(moved).startsWith(what);
            assertThat(width).isGreaterThan(100);
        }
        until(isOver);
        return isSeen;
    }

    private void makeAndFollowByKeyboard() throws Exception {
        URI longUrl = URI.create("http://127.0.0.1:" + target.getAddress().getPort() + "/landed");
        type(TAB, longUrl + TAB, "by-keyboard" + TAB, ENTER);
        until(() -> browser.text("#made a").equals(shortener.url() + "/by-keyboard"));
        assertThat(browser.text("#made .long")).isEqualTo("→ " + longUrl);
        until(() ->
                browser.run("return document.activeElement.tagName").asText().equals("A"));

        type(ENTER);

        until(() -> visits.contains("/landed"));
        browser.closeOtherTabs();
        until(() -> {
            browser.run("clicks('by-keyboard', document.querySelector('.clicks'))");
            return browser.text("#made .clicks").equals("1 click");
        });
    }

    private void type(String... keys) throws Exception {
        for (String some : keys) {
            browser.type(some);
        }
    }

    private void chartsMove() throws Exception {
        List<String> before = lines();
        until(() -> {
            List<String> now = lines();
            return now.size() == 7 && now.stream().noneMatch(before::contains);
        });
        until(() -> browser.run("return drawn.series.rate.at(-1)").asDouble() > 10);
        for (String tile : List.of("#t-p50", "#t-p95", "#t-p99")) {
            assertThat(browser.text(tile)).matches("[0-9.,]+ms");
        }
        assertThat(browser.text("#t-errors")).isEqualTo("0 %");
        until(() -> Math.abs(sum(browser.run("return drawn.nodes.map(n => n.share)")) - 1) < 0.01);
        until(() -> browser.run("return drawn.series.memory.at(-1)").asDouble() > 10); // links are in memory by now
    }

    /** The lines of all charts; there are seven while there are no errors. */
    private List<String> lines() throws Exception {
        List<String> lines = new ArrayList<>();
        browser.run("return [...document.querySelectorAll('path.line')].map(p => p.getAttribute('d'))")
                .forEach(line -> lines.add(line.asText()));
        return lines;
    }

    private void assistiveTechnologyIsToldNames() throws Exception {
        assertThat(browser.nameAndRole("#url")).isEqualTo("Long URL (textbox)");
        assertThat(browser.nameAndRole("#alias")).startsWith("Alias");
        assertThat(browser.nameAndRole("#go")).isEqualTo("Shorten (button)");
        assertThat(browser.nameAndRole("#c-rate")).matches("requests [0-9.,]+, errors 0 \\(ima?ge?\\)");
        assertThat(browser.nameAndRole("#c-time")).contains("P99 ", "P95 ", "P50 ");
        assertThat(browser.nameAndRole("table.nodes")).isEqualTo("Nodes (table)");
    }

    private void pictures() throws Exception {
        Path pictures = MODULE.resolve("target/pictures");
        browser.screenshot(UPDATE ? MODULE.resolve("../../docs/images/dashboard.png") : pictures.resolve("light.png"));
        browser.screen(1240, 1340, 1, "dark");
        browser.screenshot(pictures.resolve("dark.png"));
        assertThat(browser.run("return getComputedStyle(document.body).backgroundColor")
                        .asText())
                .isEqualTo("rgb(18, 20, 19)");
        browser.screen(390, 1900, 1, "light");
        until(() -> browser.run("return innerWidth").asInt() == 390);
        assertThat(browser.run("return document.documentElement.scrollWidth").asInt())
                .as("nothing sticks out on a phone")
                .isLessThanOrEqualTo(390);
        browser.screenshot(pictures.resolve("phone.png"));
    }

    private boolean allNodesAre(String kind) throws Exception {
        return browser.run("return document.querySelectorAll('#nodes .health .pill." + kind + "').length")
                        .asInt()
                == 3;
    }

    /** How much more red than green a text is. */
    private int redness(String selector) throws Exception {
        String[] rgb = browser.run("return getComputedStyle(document.querySelector('" + selector + "')).color")
                .asText()
                .replaceAll("[^0-9,]", "")
                .split(",", 3);
        return Integer.parseInt(rgb[0]) - Integer.parseInt(rgb[1]);
    }

    private static double sum(Iterable<com.fasterxml.jackson.databind.JsonNode> numbers) {
        double sum = 0;
        for (var number : numbers) {
            sum += number.asDouble();
        }
        return sum;
    }

    private static void until(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(200))
                .until(condition);
    }
}
