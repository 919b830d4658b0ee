// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.shortener.front;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.bind.ResilienceMetrics;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.resilience.RejectedCallException;

/** Counts requests by the number of nodes that they were sent to, beside what is measured of every pipeline. */
final class Attempts implements Pipeline.Observer {
    private final Pipeline.Observer durations;
    private final Family<Counter> requests;

    /** Registers {@code attempts}. */
    Attempts(MetricRegistry metrics) {
        durations = ResilienceMetrics.observer(metrics);
        requests = metrics.counter("attempts", "Requests by the attempts that they took")
                .labels("pipeline", "attempts");
    }

    private void count(String pipeline, int attempts) {
        requests.with(pipeline, Integer.toString(attempts)).inc();
    }

    @Override
    public void onSuccess(String pipeline, int attempts, long nanos) {
        count(pipeline, attempts);
        durations.onSuccess(pipeline, attempts, nanos);
    }

    @Override
    public void onFailure(String pipeline, int attempts, long nanos, Throwable error) {
        count(pipeline, attempts);
        durations.onFailure(pipeline, attempts, nanos, error);
    }

    @Override
    public void onRejected(String pipeline, RejectedCallException.Reason reason) {
        durations.onRejected(pipeline, reason);
    }

    @Override
    public void onRetry(String pipeline, int attempt, long delayNanos) {
        durations.onRetry(pipeline, attempt, delayNanos);
    }
}
