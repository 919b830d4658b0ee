// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.http;

import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.export.Exposition;
import io.github.pentalith.metrics.health.HealthCheck;
import io.github.pentalith.metrics.health.HealthRegistry;
import io.github.pentalith.metrics.health.HealthReport;
import java.nio.charset.StandardCharsets;

/** What operators ask: health and metrics; the same on the front and on the nodes. */
public final class Operations implements Handler {
    private final MetricRegistry metrics;
    private final HealthRegistry health;

    /** The paths of these two. */
    public Operations(MetricRegistry metrics, HealthRegistry health) {
        this.metrics = metrics;
        this.health = health;
    }

    @Override
    public Reply handle(Request request) {
        return switch (request.route()) {
            case LIVE -> health(HealthCheck.Group.LIVENESS);
            case READY -> health(HealthCheck.Group.READINESS);
            case METRICS -> metrics(request);
            default -> Problems.notFound();
        };
    }

    private Reply health(HealthCheck.Group group) {
        HealthReport report = health.report(group);
        return Reply.of(report.httpStatus(), "application/json", report.toJson().getBytes(StandardCharsets.UTF_8));
    }

    private Reply metrics(Request request) {
        Exposition format = Exposition.negotiate(request.header("Accept"));
        return Reply.of(200, format.contentType(), format.text(metrics).getBytes(StandardCharsets.UTF_8));
    }
}
