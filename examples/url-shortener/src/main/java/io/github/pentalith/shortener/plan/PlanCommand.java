// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.plan;

import io.github.pentalith.metrics.slo.Availability;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --plan}: each input is a flag; prints tables and starts nothing. */
@Command(
        name = "url-shortener --plan",
        description = "Calculates what a shortener of that load needs. Starts nothing.",
        showDefaultValues = true,
        sortOptions = false)
public final class PlanCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--plan", required = true, description = "Asks for the plan.", showDefaultValue = Visibility.NEVER)
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean plan;

    @Option(names = "--urls-per-day", paramLabel = "N", description = "New links per day.")
    private double urlsPerDay = 100e6;

    @Option(names = "--reads-per-write", paramLabel = "N", description = "Followed links per new link.")
    private double readsPerWrite = 100;

    @Option(names = "--peak-factor", paramLabel = "N", description = "Rate of the peak over the mean.")
    private double peakFactor = 3;

    @Option(names = "--bytes-per-url", paramLabel = "N", description = "Bytes of a link in a database.")
    private double bytesPerUrl = 500;

    @Option(names = "--years", paramLabel = "N", description = "How long links are kept.")
    private double years = 10;

    @Option(names = "--hot-share", paramLabel = "S", description = "Share of a day's reads that the cache holds.")
    private double hotShare = 0.2;

    @Option(names = "--hit-ratio", paramLabel = "S", description = "Share of reads that the cache answers.")
    private double hitRatio = 0.8;

    @Option(names = "--headroom", paramLabel = "S", description = "Share of each server left free at the peak.")
    private double headroom = 0.3;

    @Option(names = "--fronts", paramLabel = "N", description = "Load balancers; any is enough.")
    private int fronts = 2;

    @Option(names = "--front-availability", paramLabel = "S", description = "Of one load balancer.")
    private double frontAvailability = 0.999;

    @Option(names = "--node-millis", paramLabel = "MS", description = "How long a node is busy with a request.")
    private double nodeMillis = 5;

    @Option(names = "--node-workers", paramLabel = "N", description = "Requests a node works on at a time.")
    private int nodeWorkers = 64;

    @Option(names = "--node-availability", paramLabel = "S", description = "Of one node.")
    private double nodeAvailability = 0.999;

    @Option(names = "--spare-nodes", paramLabel = "N", description = "Nodes that may fail at the peak.")
    private int spareNodes = 2;

    @Option(names = "--cache-millis", paramLabel = "MS", description = "How long a cache server is busy with a read.")
    private double cacheMillis = 0.02;

    @Option(names = "--cache-workers", paramLabel = "N", description = "Reads it works on at a time.")
    private int cacheWorkers = 1;

    @Option(names = "--cache-bytes", paramLabel = "N", description = "Bytes that a cache server holds.")
    private double cacheBytes = 64e9;

    @Option(names = "--shard-millis", paramLabel = "MS", description = "How long a database is busy with a request.")
    private double shardMillis = 2;

    @Option(names = "--shard-workers", paramLabel = "N", description = "Requests it works on at a time.")
    private int shardWorkers = 8;

    @Option(names = "--shard-bytes", paramLabel = "N", description = "Bytes that a database holds.")
    private double shardBytes = 2e12;

    @Option(names = "--shard-availability", paramLabel = "S", description = "Of one copy of a database.")
    private double shardAvailability = 0.999;

    @Option(names = "--copies", paramLabel = "N", description = "Databases that hold the same; any is enough.")
    private int copies = 3;

    @Option(names = "--help", usageHelp = true, description = "Shows this text.", showDefaultValue = Visibility.NEVER)
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean help;

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the field before it calls");
        }
        try {
            PrintWriter out = spec.commandLine().getOut();
            lines(plan()).forEach(out::println);
            out.flush();
            return 0;
        } catch (IllegalArgumentException | ArithmeticException e) {
            String reason = e.getMessage();
            throw new ParameterException(spec.commandLine(), reason == null ? "out of range" : reason, e);
        }
    }

    private Plan plan() {
        return new Plan(
                new Load(urlsPerDay, readsPerWrite, peakFactor, bytesPerUrl, years, hotShare, hitRatio),
                frontAvailability,
                fronts,
                new Fleet(millis(nodeMillis), nodeWorkers, Double.POSITIVE_INFINITY, nodeAvailability),
                spareNodes,
                new Fleet(millis(cacheMillis), cacheWorkers, cacheBytes, 1),
                new Fleet(millis(shardMillis), shardWorkers, shardBytes, shardAvailability),
                copies,
                headroom);
    }

    private static Duration millis(double millis) {
        return Duration.ofNanos(Math.round(millis * 1e6));
    }

    private static List<String> lines(Plan plan) {
        Load load = plan.load();
        double peak = load.peakFactor();
        List<String> lines = new ArrayList<>();
        lines.add(text("%-22s %14s %14s", "Load", "mean", "peak"));
        lines.add(rates("new links", load.writesPerSecond(), peak));
        lines.add(rates("followed links", load.readsPerSecond(), peak));
        lines.add(rates("reads past the cache", load.missesPerSecond(), peak));
        lines.add(text(
                "%-22s %14s %14s",
                "links as bytes",
                bytes(load.readsPerSecond() * load.bytesPerUrl()) + "/s",
                bytes(load.readsPerSecond() * load.bytesPerUrl() * peak) + "/s"));
        lines.add("");
        lines.add(text("%-22s %14s  %s", "Data", "", ""));
        lines.add(text("%-22s %,14.0f  in %s years", "links", load.links(), number(load.years())));
        lines.add(text("%-22s %14d  characters of Base62", "code", load.codeLength()));
        lines.add(text(
                "%-22s %14s  one copy; %s with %d",
                "stored", bytes(load.storedBytes()), bytes(load.storedBytes() * plan.copies()), plan.copies()));
        lines.add(text(
                "%-22s %14s  %s %% of a day's reads",
                "cache", bytes(load.cacheBytes()), number(100 * load.hotShare())));
        lines.add("");
        lines.add(text("%-22s %14s  %s", "Servers", "number", "because of"));
        lines.add(text("%-22s %,14d  given", "fronts", plan.frontCopies()));
        lines.add(text(
                "%-22s %,14d  %,d for the peak, %d to spare",
                "nodes", plan.nodes(), plan.nodesNeeded(), plan.spareNodes()));
        lines.add(text("%-22s %,14d  the greater of bytes and rate", "cache", plan.cacheServers()));
        lines.add(text(
                "%-22s %,14d  %,d for the bytes, %,d for the rate",
                "shards", plan.shards(), plan.shardsBySize(), plan.shardsByRate()));
        lines.add(text("%-22s %,14d  %d of each shard", "databases", plan.shards() * plan.copies(), plan.copies()));
        lines.add("");
        lines.add(text("%-22s %14s %14s  %s", "Availability", "share", "away per year", "works if"));
        lines.add(away("fronts", plan.frontAvailability(), "1 of " + plan.frontCopies() + " works"));
        lines.add(away("nodes", plan.nodeAvailability(), text("%,d of %,d work", plan.nodesNeeded(), plan.nodes())));
        lines.add(away("a shard", plan.shardAvailability(), "1 of " + plan.copies() + " works"));
        lines.add(away("all shards", plan.allShardsAvailability(), text("all %,d work", plan.shards())));
        lines.add(away("a given link", plan.linkAvailability(), "fronts, nodes and its shard work"));
        lines.add(away("every link", plan.wholeAvailability(), "fronts, nodes and all shards work"));
        return lines;
    }

    private static String rates(String name, double perSecond, double peakFactor) {
        return text("%-22s %,12.0f/s %,12.0f/s", name, perSecond, perSecond * peakFactor);
    }

    private static String away(String name, Availability availability, String condition) {
        return text(
                "%-22s %14s %14s  %s", name, share(availability), duration(availability.downtimePerYear()), condition);
    }

    /** Nines are what differs, so there are as many digits as show two that are no nine. */
    private static String share(Availability availability) {
        double nines = availability.nines();
        int digits = (int) Math.max(0, Math.min(13, Math.floor(nines) - 1)) + 1;
        return String.format(Locale.ROOT, "%." + digits + "f %%", 100 * availability.share());
    }

    private static String duration(Duration time) {
        double seconds = time.toNanos() / 1e9;
        return seconds >= 86_400
                ? text("%.1f d", seconds / 86_400)
                : seconds >= 3_600
                        ? text("%.1f h", seconds / 3_600)
                        : seconds >= 60 ? text("%.1f min", seconds / 60) : text("%.2f s", seconds);
    }

    private static String bytes(double bytes) {
        String[] units = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
        int unit = 0;
        double value = bytes;
        while (value >= 1_000 && unit < units.length - 1) {
            value /= 1_000;
            unit++;
        }
        return number(value) + " " + units[unit];
    }

    private static String number(double value) {
        String digits = text("%.2f", value);
        return digits.endsWith(".00")
                ? digits.substring(0, digits.length() - 3)
                : digits.endsWith("0") ? digits.substring(0, digits.length() - 1) : digits;
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values).stripTrailing();
    }
}
