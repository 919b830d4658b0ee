// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance.scaling;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decides how many servers there should be, as the Kubernetes HorizontalPodAutoscaler (autoscaling/v2) does. A pure
 * function: no clock, no I/O, no state but the one that is handed in and out. {@link ScalingController} runs it.
 *
 * <pre>{@code
 * ScalingSpec spec = ScalingSpec.of(2, 20, ScalingSpec.Metric.average("cpu", 0.6));          // keep the mean at 60 %: target tracking
 * ScalingDecision decision = HorizontalScaler.decide(spec, state, List.of(MetricSample.of("cpu", List.of(0.9, 0.8))), now);
 * // decision.desired() = 3; decision.why() says why
 * }</pre>
 *
 * <p><b>In this order.</b> (1) A fleet outside its bounds goes back to them. (2) Each metric proposes
 * {@code ceil(servers x value / target)}, or no change if value / target is within the tolerance around 1. Servers without
 * data count as exactly at the target when that leads down and as idle when it leads up; servers that are starting count
 * as idle when it leads up and not at all when it leads down; if that turns the direction round, nothing changes. (3) The
 * greatest proposal counts; while a metric is missing altogether there is no way down, and without any there is no change.
 * (4) <b>Stabilisation</b>: up to no more than the least proposal of its window, down to no less than the greatest of its
 * window. (5) <b>Rates</b>: within each period no more change than allowed, by the widest (or the narrowest) of the
 * policies.
 *
 * <p>Time and memory: proportional to the proposals and actions remembered, which is what the longest window holds.
 * Thread-safe, as everything is immutable. Wrong arguments throw; nothing else can fail.
 *
 * <p>Source: Kubernetes 1.33, {@code pkg/controller/podautoscaler} (horizontal.go, replica_calculator.go); "missing" follows
 * its pods metrics. One difference: a quotient within 1e-9 of a whole number is that number, as metrics here are doubles.
 */
public final class HorizontalScaler {
    private static final double ROUNDING = 1e-9;

    private HorizontalScaler() {}

    /**
     * Decides. The same arguments give the same decision, and so does the decision's own next state at the same instant.
     *
     * @param spec what is wanted
     * @param state what is there and what was proposed and done before
     * @param samples the metrics' values; one that the specification names and that is not here is missing
     * @param now not before the newest time in the state
     * @return the decision; {@link ScalingState#scaled} must be called on its next state when it has been carried out
     */
    public static ScalingDecision decide(
            ScalingSpec spec, ScalingState state, List<MetricSample> samples, Instant now) {
        int current = state.servers();
        if (current > spec.max() || current < spec.min()) {
            int desired = Math.max(spec.min(), Math.min(spec.max(), current));
            return new ScalingDecision(
                    current,
                    desired,
                    desired,
                    ScalingDecision.Limit.BOUNDS,
                    current + " servers are outside " + spec.min() + " to " + spec.max(),
                    state);
        }
        int proposed = -1;
        int missing = 0;
        ScalingSpec.Metric decisive = null;
        for (ScalingSpec.Metric metric : spec.metrics()) {
            MetricSample sample = find(samples, metric.name());
            int proposal = sample == null ? -1 : propose(spec, metric, sample, current);
            if (sample == null || proposal < 0) {
                missing++;
            } else if (proposal > proposed) {
                proposed = proposal;
                decisive = metric;
            }
        }
        if (decisive == null || (missing > 0 && proposed < current)) {
            String text = decisive == null
                    ? "no metric has a value"
                    : missing + " of " + spec.metrics().size() + " metrics without value";
            return new ScalingDecision(current, current, current, ScalingDecision.Limit.MISSING_METRICS, text, state);
        }
        int stable = stabilize(spec, state, proposed, now);
        int allowed = limit(spec, state, stable, now);
        ScalingDecision.Limit limit = allowed != stable
                ? (allowed == spec.max() || allowed == spec.min()
                        ? ScalingDecision.Limit.BOUNDS
                        : ScalingDecision.Limit.RATE)
                : stable != proposed ? ScalingDecision.Limit.STABILIZATION : ScalingDecision.Limit.NONE;
        String why = describe(decisive, requireNonNull(find(samples, decisive.name())), current);
        return new ScalingDecision(current, proposed, allowed, limit, why, state.proposed(proposed, now, spec));
    }

    private static @Nullable MetricSample find(List<MetricSample> samples, String metric) {
        for (MetricSample sample : samples) {
            if (sample.metric().equals(metric)) {
                return sample;
            }
        }
        return null;
    }

    private static String describe(ScalingSpec.Metric metric, MetricSample sample, int current) {
        double value = switch (metric.kind()) {
            case AVERAGE -> sample.total() / sample.reporting();
            case TOTAL -> sample.total() / current;
            case VALUE -> sample.total();
        };
        return String.format(
                Locale.ROOT,
                "%s is %.4g, target %.4g%s",
                metric.name(),
                value,
                metric.target(),
                sample.missing() + sample.starting() == 0
                        ? ""
                        : " (" + sample.missing() + " without data, " + sample.starting() + " starting)");
    }

    // Proposals

    /** What one metric wants, or -1 if it says nothing. */
    private static int propose(ScalingSpec spec, ScalingSpec.Metric metric, MetricSample sample, int current) {
        return switch (metric.kind()) {
            case AVERAGE -> sample.reporting() == 0 ? -1 : average(spec, metric.target(), sample, current);
            case TOTAL -> {
                double servers = sample.total() / metric.target();
                yield steady(spec, servers / current) ? current : ceil(servers);
            }
            case VALUE -> {
                double ratio = sample.total() / metric.target();
                yield steady(spec, ratio) ? current : ceil(ratio * sample.reporting());
            }
        };
    }

    private static int average(ScalingSpec spec, double target, MetricSample sample, int current) {
        double ratio = sample.total() / (sample.reporting() * target);
        boolean up = ratio > 1 + ROUNDING;
        boolean down = ratio < 1 - ROUNDING;
        boolean startingCount = sample.starting() > 0 && up;
        if (sample.missing() == 0 && !startingCount) {
            return steady(spec, ratio) ? current : ceil(ratio * sample.reporting());
        }
        double total = sample.total();
        int counted = sample.reporting();
        if (down || up) {
            counted += sample.missing();
            total += down ? sample.missing() * target : 0;
        }
        counted += startingCount ? sample.starting() : 0;
        double careful = total / (counted * target);
        boolean turned = (down && careful > 1 + ROUNDING) || (up && careful < 1 - ROUNDING);
        if (turned || steady(spec, careful)) {
            return current;
        }
        int proposal = ceil(careful * counted);
        boolean against = careful < 1 ? proposal > current : proposal < current;
        return against ? current : proposal;
    }

    private static boolean steady(ScalingSpec spec, double ratio) {
        return ratio >= 1 - spec.down().tolerance() - ROUNDING
                && ratio <= 1 + spec.up().tolerance() + ROUNDING;
    }

    private static int ceil(double servers) {
        return (int) Math.min(Integer.MAX_VALUE, Math.ceil(servers - ROUNDING * Math.max(1, servers)));
    }

    // Stabilisation and rates

    private static int stabilize(ScalingSpec spec, ScalingState state, int proposed, Instant now) {
        int least = proposed;
        int greatest = proposed;
        for (ScalingState.Proposal past : state.proposals()) {
            if (past.at().isAfter(now.minus(spec.up().window()))) {
                least = Math.min(least, past.servers());
            }
            if (past.at().isAfter(now.minus(spec.down().window()))) {
                greatest = Math.max(greatest, past.servers());
            }
        }
        return Math.min(Math.max(state.servers(), least), greatest);
    }

    private static int limit(ScalingSpec spec, ScalingState state, int desired, Instant now) {
        int current = state.servers();
        if (desired > current) {
            long most = Math.max(current, furthest(spec.up(), 1, state, now));
            return (int) Math.min(desired, Math.min(most, spec.max()));
        }
        if (desired < current) {
            long fewest = Math.min(current, furthest(spec.down(), -1, state, now));
            return (int) Math.max(desired, Math.max(fewest, spec.min()));
        }
        return current;
    }

    /** How many servers the rates let the fleet come to; {@code sign} 1 = up, -1 = down. */
    private static long furthest(ScalingSpec.Behavior behavior, int sign, ScalingState state, Instant now) {
        if (behavior.select() == ScalingSpec.Select.DISABLED) {
            return state.servers();
        }
        boolean widest = behavior.select() == ScalingSpec.Select.MAX;
        long chosen = 0;
        boolean first = true;
        for (ScalingSpec.Rate rate : behavior.rates()) {
            long before = state.servers(); // at the beginning of the period
            for (ScalingState.Action action : state.actions()) {
                before -= action.at().isAfter(now.minus(rate.period())) ? action.change() : 0;
            }
            long reached = rate.from(before, sign);
            boolean further = sign > 0 ? reached > chosen : reached < chosen;
            if (first || further == widest) {
                chosen = reached;
            }
            first = false;
        }
        return first ? sign > 0 ? Integer.MAX_VALUE : 0 : chosen;
    }
}
