// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.plan;

import com.google.errorprone.annotations.FormatMethod;
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
        name = "url-shortener",
        description = "Calculates what a shortener of that load needs. Starts nothing.",
        showDefaultValues = true,
        sortOptions = false)
public final class PlanCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--plan", required = true, description = "Asks for the plan.", showDefaultValue = Visibility.NEVER)
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    private boolean plan;

    @Option(names = "--urls-per-day", paramLabel = "N", defaultValue = "100000000", description = "New links per day.")
    private double urlsPerDay;

    @Option(
            names = "--reads-per-write",
            paramLabel = "N",
            defaultValue = "100",
            description = "Followed links per new link.")
    private double readsPerWrite;

    @Option(
            names = "--peak-factor",
            paramLabel = "N",
            defaultValue = "3",
            description = "Rate of the peak over the mean.")
    private double peakFactor;

    @Option(
            names = "--bytes-per-url",
            paramLabel = "N",
            defaultValue = "500",
            description = "Bytes of a link in a database.")
    private double bytesPerUrl;

    @Option(names = "--years", paramLabel = "N", defaultValue = "10", description = "How long links are kept.")
    private double years;

    @Option(
            names = "--hot-share",
            paramLabel = "S",
            defaultValue = "0.2",
            description = "Share of a day's reads that the cache holds.")
    private double hotShare;

    @Option(
            names = "--hit-ratio",
            paramLabel = "S",
            defaultValue = "0.8",
            description = "Share of reads that the cache answers.")
    private double hitRatio;

    @Option(
            names = "--headroom",
            paramLabel = "S",
            defaultValue = "0.3",
            description = "Share of each server left free at the peak.")
    private double headroom;

    @Option(names = "--fronts", paramLabel = "N", defaultValue = "2", description = "Load balancers; any is enough.")
    private int fronts;

    @Option(
            names = "--front-availability",
            paramLabel = "S",
            defaultValue = "0.999",
            description = "Of one load balancer.")
    private double frontAvailability;

    @Option(
            names = "--node-millis",
            paramLabel = "MS",
            defaultValue = "5",
            description = "How long a node is busy with a request.")
    private double nodeMillis;

    @Option(
            names = "--node-workers",
            paramLabel = "N",
            defaultValue = "64",
            description = "Requests a node works on at a time.")
    private int nodeWorkers;

    @Option(names = "--node-availability", paramLabel = "S", defaultValue = "0.999", description = "Of one node.")
    private double nodeAvailability;

    @Option(
            names = "--spare-nodes",
            paramLabel = "N",
            defaultValue = "2",
            description = "Nodes that may fail at the peak.")
    private int spareNodes;

    @Option(
            names = "--cache-millis",
            paramLabel = "MS",
            defaultValue = "0.02",
            description = "How long a cache server is busy with a read.")
    private double cacheMillis;

    @Option(
            names = "--cache-workers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Reads it works on at a time.")
    private int cacheWorkers;

    @Option(
            names = "--cache-bytes",
            paramLabel = "N",
            defaultValue = "64000000000",
            description = "Bytes that a cache server holds.")
    private double cacheBytes;

    @Option(
            names = "--shard-millis",
            paramLabel = "MS",
            defaultValue = "2",
            description = "How long a database is busy with a request.")
    private double shardMillis;

    @Option(
            names = "--shard-workers",
            paramLabel = "N",
            defaultValue = "8",
            description = "Requests it works on at a time.")
    private int shardWorkers;

    @Option(
            names = "--shard-bytes",
            paramLabel = "N",
            defaultValue = "2000000000000",
            description = "Bytes that a database holds.")
    private double shardBytes;

    @Option(
            names = "--shard-availability",
            paramLabel = "S",
            defaultValue = "0.999",
            description = "Of one copy of a database.")
    private double shardAvailability;

    @Option(
            names = "--copies",
            paramLabel = "N",
            defaultValue = "3",
            description = "Databases that hold the same; any is enough.")
    private int copies;

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
        } catch (ArithmeticException e) {
            throw new ParameterException(spec.commandLine(), "the number of servers is out of range", e);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private Plan plan() {
        return new Plan(
                new Load(urlsPerDay, readsPerWrite, peakFactor, bytesPerUrl, years, hotShare, hitRatio),
                frontAvailability,
                fronts,
                new Server("node", millis(nodeMillis), nodeWorkers, Double.POSITIVE_INFINITY, nodeAvailability),
                spareNodes,
                new Server("cache", millis(cacheMillis), cacheWorkers, cacheBytes, 1),
                new Server("shard", millis(shardMillis), shardWorkers, shardBytes, shardAvailability),
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
        lines.add(text(
                "%-22s %,14d  %,d for the bytes, %,d for the rate",
                "cache", plan.caches(), plan.cachesBySize(), plan.cachesByRate()));
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
        if (Double.isInfinite(nines)) {
            return "100 %";
        }
        int digits = (int) Math.max(0, Math.min(13, Math.floor(nines + 1e-9) - 1)) + 1;
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

    @FormatMethod
    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values).stripTrailing();
    }
}
