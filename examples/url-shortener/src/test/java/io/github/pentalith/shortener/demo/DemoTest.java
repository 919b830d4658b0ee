// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.github.pentalith.metrics.HistogramSnapshot;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DemoTest {
    @Test
    void zipf_manyDraws_fallAsTheLawSays() {
        Zipf zipf = new Zipf(100, 1);
        SplittableRandom random = new SplittableRandom(1);
        int[] drawn = new int[100];
        int draws = 200_000;
        for (int i = 0; i < draws; i++) {
            drawn[zipf.draw(random)]++;
        }
        double harmonic = 5.187_377_5; // 1 + 1/2 + ... + 1/100
        for (int rank : new int[] {0, 1, 9, 99}) {
            double expected = draws / harmonic / (rank + 1);
            assertThat((double) drawn[rank]).as("rank %d", rank).isEqualTo(expected, within(6 * Math.sqrt(expected)));
        }
    }

    /** Every third answer leads elsewhere, every fourth is an error: all of them must be seen. */
    @Test
    void traffic_onAFrontThatLies_countsEachWrongAnswer() throws Exception {
        HttpServer front = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        int[] answers = new int[2];
        front.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            int number = ++answers[0];
            boolean wrong = number % 3 == 0 || number % 4 == 0;
            answers[1] += wrong ? 1 : 0;
            exchange.getResponseHeaders().set("Location", number % 3 == 0 ? "http://else/" : "http://right/");
            exchange.sendResponseHeaders(number % 4 == 0 ? 503 : 302, -1);
            exchange.close();
        });
        front.start();
        Traffic traffic =
                new Traffic(URI.create("http://127.0.0.1:" + front.getAddress().getPort()), 2);
        try {
            traffic.start(List.of(new Traffic.Known("code", "http://right/")), 500, Integer.MAX_VALUE, 1);
            await().atMost(Duration.ofSeconds(30)).until(() -> traffic.counts().follows() > 100);
        } finally {
            traffic.close();
            front.stop(0);
        }
        Traffic.Counts counts = traffic.counts();
        assertThat(counts.follows()).isEqualTo(answers[0]);
        assertThat(counts.errors()).isEqualTo(answers[1]).isGreaterThan(40);
        assertThat(traffic.firstErrors()).isNotEmpty().allMatch(error -> error.startsWith("/code -> "));
    }

    @Test
    void report_withAnError_isNotGood() {
        assertThat(report(0, 0).isGood()).isTrue();
        assertThat(report(0, 0).lines()).last().isEqualTo("No client noticed.");
        assertThat(report(1, 0).isGood()).isFalse();
        assertThat(report(1, 0).lines()).last().asString().startsWith("FAILED: 1 followed");
        assertThat(report(0, 7).lines()).anyMatch(line -> line.contains("second attempt inside and 7 a third"));
    }

    private static Report report(long errors, double thirdAttempts) {
        HistogramSnapshot none =
                new Traffic(URI.create("http://127.0.0.1"), 1).durations().snapshot();
        Report.Phase whole = new Report.Phase(
                "whole run",
                none,
                new Traffic.Counts(errors, 0, 0, 1_000, 5_000_000_000L),
                new Figures(80, 15, 5, 3, 3, thirdAttempts, 4, 3, 1, 1));
        return new Report(List.of(whole), whole, List.of());
    }

    @Test
    void report_timeOfALink_isSplitByWhoSpentIt() {
        List<String> lines = report(0, 0).lines();

        assertThat(lines).anyMatch(line -> line.matches(" +client and network +1\\.000  #+"));
        assertThat(lines).anyMatch(line -> line.matches(" +node itself +1\\.000  #+"));
        assertThat(lines)
                .anyMatch(line -> line.contains("80.0 %") && line.contains("15.0 %") && line.contains("5.0 %"));
    }
}
