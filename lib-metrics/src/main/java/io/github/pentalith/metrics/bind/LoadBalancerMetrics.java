// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.bind;

import io.github.pentalith.loadbalance.LoadBalancer;
import io.github.pentalith.loadbalance.NoEndpointException;
import io.github.pentalith.loadbalance.Outcome;
import io.github.pentalith.loadbalance.scaling.ScalingController;
import io.github.pentalith.metrics.Counter;
import io.github.pentalith.metrics.Family;
import io.github.pentalith.metrics.Gauge;
import io.github.pentalith.metrics.MetricRegistry;
import io.github.pentalith.metrics.Registration;
import io.github.pentalith.metrics.Timer;
import io.github.pentalith.metrics.Unit;
import io.github.pentalith.metrics.health.Health;
import io.github.pentalith.metrics.health.HealthCheck;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Shows lib-loadbalance in a registry, under {@code pentalith_loadbalance_*} and {@code pentalith_scaler_*}; the guide lists the names. A modular
 * application requires {@code io.github.pentalith.loadbalance} itself.
 *
 * <p>Thread-safe. Counts and states are read from one {@link LoadBalancer#stats()} per scrape, and the series of
 * endpoints that are gone are removed; durations come from an observer, at the cost of a look-up by name and two
 * atomic additions per call.
 *
 * <pre>{@code
 * LoadBalancer<Endpoint> nodes = LoadBalancer.builder("nodes", source)
 *         .observer(LoadBalancerMetrics.observer(registry)).build();
 * LoadBalancerMetrics.bind(registry, nodes);
 * }</pre>
 */
public final class LoadBalancerMetrics {
    private LoadBalancerMetrics() {}

    /**
     * Makes an observer that records how long calls take by outcome, and why there was no endpoint. One serves all
     * balancers.
     *
     * @param registry where it is shown
     * @return an observer for the {@code observer} of {@link LoadBalancer#builder}
     */
    public static LoadBalancer.Observer observer(MetricRegistry registry) {
        MetricRegistry named = Binding.in(registry);
        Family<Timer> durations = named.timer("loadbalance_call_duration", "How long endpoints were held, by outcome.")
                .labels("balancer", "outcome");
        Family<Counter> refusals = named.counter("loadbalance_refusals", "Picks without an endpoint, by reason.")
                .labels("balancer", "reason");
        Map<Outcome, String> outcomes = new EnumMap<>(Outcome.class); // toLowerCase would allocate in every call
        for (Outcome outcome : Outcome.values()) {
            outcomes.put(outcome, Binding.word(outcome));
        }
        return new LoadBalancer.Observer() {
            @Override
            public void onComplete(String balancer, String endpoint, Outcome outcome, long nanos) {
                durations
                        .with(balancer, outcomes.getOrDefault(outcome, Family.OVERFLOW))
                        .recordNanos(nanos);
            }

            @Override
            public void onRefused(String balancer, NoEndpointException.Reason reason) {
                refusals.with(balancer, Binding.word(reason)).inc();
            }
        };
    }

    /**
     * Shows a balancer's picks, outcomes and endpoints.
     *
     * @param registry where it is shown
     * @param balancer what is shown, under its name; two of one name would share their series
     * @return what takes it away again
     */
    public static Registration bind(MetricRegistry registry, LoadBalancer<?> balancer) {
        Binding binding = new Binding(registry, "balancer", balancer.name());
        Gauge epoch = binding.gauge("loadbalance_epoch", "Version of the set of endpoints in use.", Unit.NONE);
        Gauge eligible = binding.gauge("loadbalance_eligible", "Endpoints that can be chosen.", Unit.NONE);
        Gauge panic = binding.gauge("loadbalance_panic", "1 while health is disregarded.", Unit.NONE);
        Gauge inFlight = binding.gauge("loadbalance_in_flight", "Calls in flight.", Unit.NONE);
        Counter acquired = binding.counter("loadbalance_picks", "Picks by result.", "result", "acquired");
        Counter refused = binding.counter("loadbalance_picks", "Picks by result.", "result", "refused");
        Counter reclaimed = binding.counter("loadbalance_reclaimed", "Leases taken back as abandoned.");
        String help = "Ended calls by outcome.";
        Counter success = binding.counter("loadbalance_calls", help, "outcome", "success");
        Counter serverError = binding.counter("loadbalance_calls", help, "outcome", "server_error");
        Counter localError = binding.counter("loadbalance_calls", help, "outcome", "local_error");
        Counter timeout = binding.counter("loadbalance_calls", help, "outcome", "timeout");
        Counter overloaded = binding.counter("loadbalance_calls", help, "outcome", "overloaded");
        Counter cancelled = binding.counter("loadbalance_calls", help, "outcome", "cancelled");
        Endpoints endpoints = new Endpoints(registry, balancer.name());
        binding.onClose(() -> endpoints.keep(Set.of()));
        return binding.updatedBy(() -> {
            LoadBalancer.Stats stats = balancer.stats();
            epoch.set((double) stats.epoch());
            eligible.set(stats.eligible());
            panic.set(stats.panic() ? 1 : 0);
            inFlight.set((double) stats.inFlight());
            acquired.observe(stats.acquired());
            refused.observe(stats.refused());
            reclaimed.observe(stats.reclaimed());
            success.observe(stats.succeeded());
            serverError.observe(stats.serverErrors());
            localError.observe(stats.localErrors());
            timeout.observe(stats.timeouts());
            overloaded.observe(stats.overloaded());
            cancelled.observe(stats.cancelled());
            endpoints.show(stats);
        });
    }

    /**
     * Shows how many servers a controller keeps, and what it does about it.
     *
     * @param registry where it is shown
     * @param controller what is shown, under its name; two of one name would share their series
     * @return what takes it away again
     */
    public static Registration bind(MetricRegistry registry, ScalingController controller) {
        Binding binding = new Binding(registry, "scaler", controller.name());
        Gauge servers = binding.gauge("scaler_servers", "Servers there are.", Unit.NONE);
        Gauge desired = binding.gauge("scaler_desired", "Servers there should be.", Unit.NONE);
        Gauge inFlight = binding.gauge("scaler_in_flight", "1 while servers are started or stopped.", Unit.NONE);
        Gauge cooling = binding.gauge("scaler_cooling_down", "1 while the last action has to settle.", Unit.NONE);
        Counter evaluations = binding.counter("scaler_evaluations", "Decisions, those to change nothing included.");
        String help = "Finished actions by direction.";
        Counter up = binding.counter("scaler_actions", help, "direction", "up");
        Counter down = binding.counter("scaler_actions", help, "direction", "down");
        Counter failures = binding.counter("scaler_failures", "Counts, metrics or actions that failed.");
        return binding.updatedBy(() -> {
            ScalingController.Stats stats = controller.stats();
            servers.set(stats.servers());
            desired.set(stats.desired());
            inFlight.set(stats.inFlight() ? 1 : 0);
            cooling.set(stats.coolingDown() ? 1 : 0);
            evaluations.observe(stats.evaluations());
            up.observe(stats.scaledUp());
            down.observe(stats.scaledDown());
            failures.observe(stats.failures());
        });
    }

    /** Series by endpoint, which come and go. Used by one scrape at a time. */
    private static final class Endpoints {
        private final String balancer;
        private final Family<Gauge> ready;
        private final Family<Gauge> weight;
        private final Family<Gauge> inFlight;
        private final Family<Counter> picks;
        private final Family<Counter> failures;
        private Set<String> shown = Set.of();

        Endpoints(MetricRegistry registry, String balancer) {
            MetricRegistry named = Binding.in(registry);
            this.balancer = balancer;
            this.ready = named.gauge("loadbalance_endpoint_ready", "1 if the endpoint is in order.")
                    .labels("balancer", "endpoint");
            this.weight = named.gauge("loadbalance_endpoint_weight", "Weight of the endpoint; 0 is drained.")
                    .labels("balancer", "endpoint");
            this.inFlight = named.gauge("loadbalance_endpoint_in_flight", "Calls in flight by endpoint.")
                    .labels("balancer", "endpoint");
            this.picks = named.counter("loadbalance_endpoint_picks", "Picks by endpoint.")
                    .labels("balancer", "endpoint");
            this.failures = named.counter("loadbalance_endpoint_failures", "Failed calls by endpoint.")
                    .labels("balancer", "endpoint");
        }

        void show(LoadBalancer.Stats stats) {
            Set<String> now = new HashSet<>();
            for (LoadBalancer.EndpointStats endpoint : stats.endpoints()) {
                String id = endpoint.id();
                now.add(id);
                ready.with(balancer, id).set(endpoint.state() == LoadBalancer.State.READY ? 1 : 0);
                weight.with(balancer, id).set(endpoint.weight());
                inFlight.with(balancer, id).set(endpoint.inFlight());
                picks.with(balancer, id).observe(endpoint.acquired());
                failures.with(balancer, id).observe(endpoint.failed());
            }
            keep(now);
        }

        void keep(Set<String> now) {
            for (String id : shown) {
                if (!now.contains(id)) {
                    ready.remove(balancer, id);
                    weight.remove(balancer, id);
                    inFlight.remove(balancer, id);
                    picks.remove(balancer, id);
                    failures.remove(balancer, id);
                }
            }
            shown = now;
        }
    }

    /**
     * Makes a check of a balancer: down if no endpoint can be chosen, degraded in panic. It is a readiness check that
     * is not critical, as otherwise one broken dependency takes every instance out of service; {@code critical(true)}
     * asks for that.
     *
     * @param balancer what is looked at
     * @return a check to register
     */
    public static HealthCheck health(LoadBalancer<?> balancer) {
        return HealthCheck.readiness("balancer:" + balancer.name(), () -> {
                    LoadBalancer.Stats stats = balancer.stats();
                    if (stats.eligible() == 0) {
                        return Health.down("no endpoint can be chosen");
                    }
                    Health health = stats.panic() ? Health.degraded("health is disregarded") : Health.up();
                    return health.with("eligible", stats.eligible())
                            .with("endpoints", stats.endpoints().size());
                })
                .critical(false);
    }
}
