// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.bind;

import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.Gauge;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.Timer;
import io.github.pentalith.metrics.Unit;
import io.github.pentalith.metrics.health.Health;
import io.github.pentalith.metrics.health.HealthCheck;
import io.github.pentalith.resilience.Bulkhead;
import io.github.pentalith.resilience.CircuitBreaker;
import io.github.pentalith.resilience.KeyedRateLimiter;
import io.github.pentalith.resilience.Pipeline;
import io.github.pentalith.resilience.RateLimiter;
import io.github.pentalith.resilience.RejectedCallException;

/**
 * Shows lib-resilience in a registry, under {@code pentalith_pipeline_*}, {@code pentalith_breaker_*},
 * {@code pentalith_bulkhead_*} and {@code pentalith_rate_limiter_*}; the guide lists the names. A modular application
 * requires {@code io.github.pentalith.resilience} itself.
 *
 * <p>Thread-safe. Counts and states are read from one {@code stats()} record per component and scrape; durations come
 * from an observer, at the cost of a look-up by name and two atomic additions per call.
 *
 * <pre>{@code
 * Pipeline pipeline = Pipeline.builder("orders-db").observer(ResilienceMetrics.observer(registry)) ... .build();
 * ResilienceMetrics.bind(registry, pipeline);
 * ResilienceMetrics.bind(registry, breaker);
 * }</pre>
 */
public final class ResilienceMetrics {
    private ResilienceMetrics() {}

    /**
     * Makes an observer that records how long calls take, and why calls were not made. One serves all pipelines.
     *
     * @param registry where it is shown
     * @return an observer for {@link Pipeline.Builder#observer}
     */
    public static Pipeline.Observer observer(MetricRegistry registry) {
        MetricRegistry named = Binding.in(registry);
        Family<Timer> durations = named.timer(
                        "pipeline_call_duration", "Duration of calls, retries and waits included.")
                .labels("pipeline", "outcome");
        Family<Counter> rejections = named.counter("pipeline_rejections", "Calls that were not made, by reason.")
                .labels("pipeline", "reason");
        return new Pipeline.Observer() {
            @Override
            public void onSuccess(String name, int attempts, long nanos) {
                durations.with(name, "success").recordNanos(nanos);
            }

            @Override
            public void onFailure(String name, int attempts, long nanos, Throwable error) {
                durations.with(name, "failure").recordNanos(nanos);
            }

            @Override
            public void onRejected(String name, RejectedCallException.Reason reason) {
                rejections.with(name, Binding.word(reason)).inc();
            }
        };
    }

    /**
     * Shows the outcomes of a pipeline's calls.
     *
     * @param registry where it is shown
     * @param pipeline what is shown, under its name; two of one name would share their series
     * @return what takes it away again
     */
    public static Registration bind(MetricRegistry registry, Pipeline pipeline) {
        Binding binding = new Binding(registry, "pipeline", pipeline.name());
        String help = "Calls by outcome.";
        Counter successes = binding.counter("pipeline_calls", help, "outcome", "success");
        Counter failures = binding.counter("pipeline_calls", help, "outcome", "failure");
        Counter timeouts = binding.counter("pipeline_calls", help, "outcome", "timeout");
        Counter rejected = binding.counter("pipeline_calls", help, "outcome", "rejected");
        Counter cancelled = binding.counter("pipeline_calls", help, "outcome", "cancelled");
        Counter retries = binding.counter("pipeline_retries", "Attempts after the first.");
        Counter denied = binding.counter("pipeline_retries_denied", "Retries that the budget did not allow.");
        return binding.updatedBy(() -> {
            Pipeline.Stats stats = pipeline.stats();
            successes.observe(stats.successes());
            failures.observe(stats.failures());
            timeouts.observe(stats.timeouts());
            rejected.observe(stats.rejections());
            cancelled.observe(stats.cancellations());
            retries.observe(stats.retries());
            denied.observe(stats.retriesDenied());
        });
    }

    /**
     * Shows the state of a circuit breaker and what it saw.
     *
     * @param registry where it is shown
     * @param breaker what is shown, under its name; two of one name would share their series
     * @return what takes it away again
     */
    public static Registration bind(MetricRegistry registry, CircuitBreaker breaker) {
        Binding binding = new Binding(registry, "breaker", breaker.name());
        var state = binding.states(
                "breaker_state", "State of the breaker: 1 for the current one.", CircuitBreaker.State.values());
        String help = "Calls by outcome.";
        Counter successes = binding.counter("breaker_calls", help, "outcome", "success");
        Counter failures = binding.counter("breaker_calls", help, "outcome", "failure");
        Counter released = binding.counter("breaker_calls", help, "outcome", "released");
        Counter rejected = binding.counter("breaker_calls", help, "outcome", "rejected");
        Counter slow = binding.counter("breaker_slow_calls", "Calls that were slower than the limit.");
        Counter stale = binding.counter("breaker_stale_verdicts", "Verdicts that came after a change of state.");
        Counter opened = binding.counter("breaker_openings", "How often the breaker opened.");
        Gauge failing = binding.gauge("breaker_failures", "Share of failures in the window.", Unit.RATIO);
        Gauge slowShare = binding.gauge("breaker_slow", "Share of slow calls in the window.", Unit.RATIO);
        return binding.updatedBy(() -> {
            CircuitBreaker.Stats stats = breaker.stats();
            state.set(stats.state());
            successes.observe(stats.successes());
            failures.observe(stats.failures());
            released.observe(stats.released());
            rejected.observe(stats.rejected());
            slow.observe(stats.slow());
            stale.observe(stats.stale());
            opened.observe(stats.opened());
            failing.set(stats.failureRate());
            slowShare.set(stats.slowRate());
        });
    }

    /**
     * Shows how full a bulkhead is.
     *
     * @param registry where it is shown
     * @param bulkhead what is shown, under its name; two of one name would share their series
     * @return what takes it away again
     */
    public static Registration bind(MetricRegistry registry, Bulkhead bulkhead) {
        Binding binding = new Binding(registry, "bulkhead", bulkhead.name());
        Gauge limit = binding.gauge("bulkhead_limit", "Calls that may be in flight.", Unit.NONE);
        Gauge inFlight = binding.gauge("bulkhead_in_flight", "Calls in flight.", Unit.NONE);
        Gauge waiting = binding.gauge("bulkhead_waiting", "Callers that wait for a place.", Unit.NONE);
        Counter admitted = binding.counter("bulkhead_calls", "Calls by outcome.", "outcome", "admitted");
        Counter rejected = binding.counter("bulkhead_calls", "Calls by outcome.", "outcome", "rejected");
        return binding.updatedBy(() -> {
            Bulkhead.Stats stats = bulkhead.stats();
            limit.set(stats.limit());
            inFlight.set(stats.inFlight());
            waiting.set(stats.waiting());
            admitted.observe(stats.admitted());
            rejected.observe(stats.rejected());
        });
    }

    /**
     * Shows what a rate limiter granted and refused.
     *
     * @param registry where it is shown
     * @param limiter what is shown, under its name; two of one name would share their series
     * @return what takes it away again
     */
    public static Registration bind(MetricRegistry registry, RateLimiter limiter) {
        Binding binding = new Binding(registry, "limiter", limiter.name());
        Counter granted = binding.counter("rate_limiter_permits", PERMITS, "outcome", "granted");
        Counter rejected = binding.counter("rate_limiter_permits", PERMITS, "outcome", "rejected");
        return binding.updatedBy(() -> {
            RateLimiter.Stats stats = limiter.stats();
            granted.observe(stats.granted());
            rejected.observe(stats.rejected());
        });
    }

    private static final String PERMITS = "Requests for permits by outcome.";

    /**
     * Shows what a rate limiter with keys granted and refused, over all keys.
     *
     * @param registry where it is shown
     * @param limiter what is shown, under its name; two of one name would share their series
     * @return what takes it away again
     */
    public static Registration bind(MetricRegistry registry, KeyedRateLimiter<?> limiter) {
        Binding binding = new Binding(registry, "limiter", limiter.name());
        Counter granted = binding.counter("rate_limiter_permits", PERMITS, "outcome", "granted");
        Counter rejected = binding.counter("rate_limiter_permits", PERMITS, "outcome", "rejected");
        Counter evicted = binding.counter("rate_limiter_evictions", "Keys forgotten for lack of room.");
        Gauge keys = binding.gauge("rate_limiter_keys", "Keys that are remembered.", Unit.NONE);
        return binding.updatedBy(() -> {
            KeyedRateLimiter.Stats stats = limiter.stats();
            granted.observe(stats.granted());
            rejected.observe(stats.rejected());
            evicted.observe(stats.evicted());
            keys.set((double) stats.keys());
        });
    }

    /**
     * Makes a check of a breaker: degraded while it refuses calls. It is a readiness check that is not critical, as
     * otherwise one broken dependency takes every instance out of service; {@code critical(true)} asks for that.
     *
     * @param breaker what is looked at
     * @return a check to register
     */
    public static HealthCheck health(CircuitBreaker breaker) {
        return HealthCheck.readiness("breaker:" + breaker.name(), () -> {
                    CircuitBreaker.Stats stats = breaker.stats();
                    return switch (stats.state()) {
                        case OPEN, FORCED_OPEN ->
                            Health.down("the breaker is open").with("failureRate", stats.failureRate());
                        case HALF_OPEN -> Health.degraded("the breaker lets probes through");
                        case CLOSED, DISABLED -> Health.up();
                    };
                })
                .critical(false);
    }
}
