// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.HistogramSnapshot;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Timer;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Durations of requests by route and class of status. */
public final class HttpMetrics implements RequestLog {
    private static final int CLASSES = 6; // 1xx to 5xx, by their first digit
    private static final List<Route> OF_CLIENTS = List.of(Route.FOLLOW, Route.LINKS, Route.LINK);

    private final Family<Timer> durations;
    private final Map<Route, AtomicReferenceArray<@Nullable Timer>> timers = new EnumMap<>(Route.class);

    /** Registers {@code http_request_duration}. */
    public HttpMetrics(MetricRegistry registry) {
        this.durations = registry.timer("http_request_duration", "Time to answer a request")
                .labels("route", "status");
        for (Route route : Route.values()) {
            timers.put(route, new AtomicReferenceArray<>(CLASSES));
        }
    }

    /**
     * What those who make, look at and follow links got since the start.
     *
     * @param durations of all answers, in nanoseconds
     * @param errors answers with a status of 500 and above
     */
    public record Clients(HistogramSnapshot durations, long errors) {}

    @Override
    public void answered(Request request, Reply reply, long nanos) {
        timer(request.route(), reply.status() / 100).recordNanos(nanos);
    }

    private Timer timer(Route route, int statusClass) {
        AtomicReferenceArray<@Nullable Timer> ofRoute = of(route);
        Timer timer = ofRoute.get(statusClass);
        if (timer == null) { // a second thread finds the same one
            timer = durations.with(route.name().toLowerCase(Locale.ROOT), statusClass + "xx");
            ofRoute.set(statusClass, timer);
        }
        return timer;
    }

    private AtomicReferenceArray<@Nullable Timer> of(Route route) {
        return Objects.requireNonNull(timers.get(route), "all routes were put in");
    }

    /** {@return what clients got, or null before the first request} */
    public @Nullable Clients clients() {
        HistogramSnapshot all = null;
        long errors = 0;
        for (Route route : OF_CLIENTS) {
            for (int statusClass = 1; statusClass < CLASSES; statusClass++) {
                Timer timer = of(route).get(statusClass);
                if (timer != null) {
                    HistogramSnapshot one = timer.snapshot();
                    all = all == null ? one : all.plus(one);
                    errors += statusClass == 5 ? one.count() : 0;
                }
            }
        }
        return all == null ? null : new Clients(all, errors);
    }
}
