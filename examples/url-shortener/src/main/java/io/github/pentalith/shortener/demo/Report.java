// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.demo;

import com.google.errorprone.annotations.FormatMethod;
import io.github.pentalith.metrics.HistogramSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What came of a demonstration.
 *
 * @param phases by time
 * @param whole all of it
 * @param errors the first errors, word by word
 */
record Report(List<Phase> phases, Phase whole, List<String> errors) {
    private static final String ROW = "%-28s %9s %7s %8s %8s %8s %8s   %7s %7s %9s %8s";
    private static final int BAR = 40;

    /**
     * A time in which the same parts were well.
     *
     * @param name what was done at its begin
     * @param durations of all requests of clients
     * @param clients what clients noticed
     * @param servers what the servers say
     */
    record Phase(String name, HistogramSnapshot durations, Traffic.Counts clients, Figures servers) {}

    /** {@return whether all links that exist were followed} */
    boolean isGood() {
        return whole.clients.errors() == 0;
    }

    /** {@return one screen of text} */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(line(
                ROW, "", "requests", "errors", "P50", "P95", "P99", "max", "memory", "Redis", "database", "retries"));
        phases.forEach(phase -> lines.add(row(phase)));
        lines.add(row(whole));
        lines.add("");
        lines.add("Times in ms, from when a request was due to its answer. Memory, Redis, database: where links were"
                + " found.");
        Traffic.Counts clients = whole.clients;
        Figures servers = whole.servers;
        lines.add(line(
                "Links followed: %,d, of which %,.0f took a second attempt inside and %,.0f a third. New links: %,d"
                        + " made, %,d turned down.",
                clients.follows(), servers.twice(), servers.more(), clients.made(), clients.refused()));
        lines.add("");
        lines.add("Where the time of a followed link went, in ms:");
        Map<String, Double> parts = parts();
        double most =
                parts.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
        parts.forEach((name, millis) -> lines.add(line(
                "  %-22s %8.3f  %s", name, millis, "#".repeat(most > 0 ? (int) Math.round(BAR * millis / most) : 0))));
        lines.add("");
        errors.forEach(error -> lines.add("error: " + error));
        lines.add(isGood() ? "No client noticed." : line("FAILED: %,d followed links went wrong.", clients.errors()));
        return lines;
    }

    private static String row(Phase phase) {
        HistogramSnapshot durations = phase.durations;
        Figures servers = phase.servers;
        return line(
                ROW,
                phase.name,
                line("%,d", durations.count()),
                line("%,d", phase.clients.errors()),
                millis(durations.quantile(0.50)),
                millis(durations.quantile(0.95)),
                millis(durations.quantile(0.99)),
                millis(durations.max()),
                share(servers.memory(), servers.lookUps()),
                share(servers.redis(), servers.lookUps()),
                share(servers.database(), servers.lookUps()),
                line("%,.0f", servers.retries()));
    }

    /** Each server's time holds that of those it calls; a call to Redis beside a request may push a part below 0. */
    private Map<String, Double> parts() {
        Traffic.Counts clients = whole.clients;
        Figures servers = whole.servers;
        double each = Math.max(1, clients.follows()) / 1e3;
        Map<String, Double> parts = new LinkedHashMap<>();
        parts.put("client and network", (clients.followNanos() / 1e9 - servers.frontSeconds()) / each);
        parts.put("front, to the node", (servers.frontSeconds() - servers.nodeSeconds()) / each);
        parts.put("node itself", (servers.nodeSeconds() - servers.redisSeconds() - servers.databaseSeconds()) / each);
        parts.put("node waits for Redis", servers.redisSeconds() / each);
        parts.put("node waits for SQL", servers.databaseSeconds() / each);
        parts.replaceAll((name, millis) -> Math.max(0, millis));
        return parts;
    }

    private static String millis(double nanos) {
        return Double.isNaN(nanos) ? "-" : line("%.1f", nanos / 1e6);
    }

    private static String share(double part, double all) {
        return all == 0 ? "-" : line("%.1f %%", 100 * part / all);
    }

    @FormatMethod
    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values).stripTrailing();
    }
}
