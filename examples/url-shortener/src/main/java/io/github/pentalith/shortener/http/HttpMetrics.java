// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Timer;
import java.util.Locale;

/** Durations of requests by route and class of status. */
public final class HttpMetrics implements RequestLog {
    private final Family<Timer> durations;

    /** Registers {@code http_request_duration}. */
    public HttpMetrics(MetricRegistry registry) {
        this.durations = registry.timer("http_request_duration", "Time to answer a request")
                .labels("route", "status");
    }

    @Override
    public void answered(Route route, int status, long nanos) {
        durations
                .with(route.name().toLowerCase(Locale.ROOT), status / 100 + "xx")
                .recordNanos(nanos);
    }
}
