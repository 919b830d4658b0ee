// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance.scaling;

import java.util.ArrayList;
import java.util.List;

/**
 * The HorizontalPodAutoscaler once more, written to be read: pods one by one, a history that is never pruned, and
 * exact arithmetic: all quantities are whole thousandths, all seconds integers, and ratios are compared by multiplying. Shares nothing with the code under test but the reading of Kubernetes' source.
 */
final class HpaOracle {
    /** A pod as the metrics server sees it. */
    record Pod(boolean ready, long value) {} // value negative: no data

    /** One metric at one time: pods for "average", else one number; null = the metric cannot be read. */
    record Reading(List<Pod> pods, long number) {}

    /** One metric of the specification. */
    record Wanted(String kind, long target) {}

    /** One policy. */
    record Policy(boolean percent, int value, int seconds) {}

    /** One direction. */
    record Direction(int window, long tolerance, String select, List<Policy> policies) {}

    private record At(long second, int number) {}

    private final int min;
    private final int max;
    private final List<Wanted> wanted;
    private final Direction up;
    private final Direction down;
    private final List<At> recommendations = new ArrayList<>();
    private final List<At> added = new ArrayList<>();
    private final List<At> removed = new ArrayList<>();

    HpaOracle(int min, int max, List<Wanted> wanted, Direction up, Direction down) {
        this.min = min;
        this.max = max;
        this.wanted = wanted;
        this.up = up;
        this.down = down;
    }

    void begin(int current, long now) {
        recommendations.add(new At(now, current));
    }

    int reconcile(int current, List<Reading> readings, long now) {
        if (current > max) {
            return max;
        }
        if (current < min) {
            return min;
        }
        int invalid = 0;
        int replicas = 0;
        for (int i = 0; i < wanted.size(); i++) {
            Integer proposal = readings.get(i) == null ? null : compute(wanted.get(i), readings.get(i), current);
            if (proposal == null) {
                invalid++;
            } else {
                replicas = Math.max(replicas, proposal);
            }
        }
        if (invalid >= wanted.size() || (invalid > 0 && replicas < current)) {
            return current;
        }
        return rate(current, stabilize(current, replicas, now), now);
    }

    void acted(int from, int to, long now) {
        if (to > from) {
            added.add(new At(now, to - from));
        } else if (to < from) {
            removed.add(new At(now, from - to));
        }
    }

    private Integer compute(Wanted metric, Reading reading, int current) {
        if (metric.kind.equals("total")) {
            return within(reading.number, metric.target * current) ? current : ceil(reading.number, metric.target);
        }
        if (metric.kind.equals("value")) {
            int ready = 0;
            for (Pod pod : reading.pods) {
                ready += pod.ready && pod.value >= 0 ? 1 : 0;
            }
            return within(reading.number, metric.target) ? current : ceil(reading.number * ready, metric.target);
        }
        long sum = 0;
        int count = 0;
        int unready = 0;
        int missing = 0;
        for (Pod pod : reading.pods) {
            if (!pod.ready) {
                unready++;
            } else if (pod.value < 0) {
                missing++;
            } else {
                sum += pod.value;
                count++;
            }
        }
        if (count == 0) {
            return null;
        }
        int usage = Long.compare(sum, metric.target * count); // below, at, above the target
        boolean scaleUpWithUnready = unready > 0 && usage > 0;
        if (!scaleUpWithUnready && missing == 0) {
            return within(sum, metric.target * count) ? current : ceil(sum, metric.target);
        }
        if (usage != 0) { // missing ones are as busy as wanted, or idle
            sum += usage < 0 ? metric.target * missing : 0;
            count += missing;
        }
        count += scaleUpWithUnready ? unready : 0;
        int again = Long.compare(sum, metric.target * count);
        if (within(sum, metric.target * count) || usage * again < 0) {
            return current;
        }
        int replicas = ceil(sum, metric.target);
        if ((again < 0 && replicas > current) || (again > 0 && replicas < current)) {
            return current;
        }
        return replicas;
    }

    private static int ceil(long a, long b) {
        return Math.toIntExact(-Math.floorDiv(-a, b));
    }

    /** Whether the ratio a / b is within the tolerances around 1. */
    private boolean within(long a, long b) {
        return (1_000 - down.tolerance) * b <= 1_000 * a && 1_000 * a <= (1_000 + up.tolerance) * b;
    }

    private int stabilize(int current, int desired, long now) {
        int upRecommendation = desired;
        int downRecommendation = desired;
        for (At past : recommendations) {
            if (past.second > now - up.window) {
                upRecommendation = Math.min(past.number, upRecommendation);
            }
            if (past.second > now - down.window) {
                downRecommendation = Math.max(past.number, downRecommendation);
            }
        }
        recommendations.add(new At(now, desired));
        int recommendation = current;
        if (recommendation < upRecommendation) {
            recommendation = upRecommendation;
        }
        if (recommendation > downRecommendation) {
            recommendation = downRecommendation;
        }
        return recommendation;
    }

    private int rate(int current, int desired, long now) {
        if (desired > current) {
            long limit = Math.max(scaleUpLimit(current, now), current);
            return (int) Math.min(desired, Math.min(max, limit));
        }
        if (desired < current) {
            long limit = Math.min(scaleDownLimit(current, now), current);
            return (int) Math.max(desired, Math.max(min, limit));
        }
        return desired;
    }

    private long periodStart(int current, Policy policy, long now) {
        long start = current;
        for (At event : added) {
            start -= event.second > now - policy.seconds ? event.number : 0;
        }
        for (At event : removed) {
            start += event.second > now - policy.seconds ? event.number : 0;
        }
        return start;
    }

    private long scaleUpLimit(int current, long now) {
        if (up.select.equals("Disabled")) {
            return current;
        }
        List<Long> proposals = new ArrayList<>();
        for (Policy policy : up.policies) {
            long start = periodStart(current, policy, now);
            proposals.add(policy.percent ? ceil(start * (100L + policy.value), 100) : start + policy.value);
        }
        return proposals.stream()
                .mapToLong(p -> p)
                .reduce(up.select.equals("Min") ? Math::min : Math::max)
                .orElseThrow();
    }

    private long scaleDownLimit(int current, long now) {
        if (down.select.equals("Disabled")) {
            return current;
        }
        List<Long> proposals = new ArrayList<>();
        for (Policy policy : down.policies) {
            long start = periodStart(current, policy, now);
            proposals.add(policy.percent ? start * (100L - policy.value) / 100 : start - policy.value);
        }
        return proposals.stream()
                .mapToLong(p -> p)
                .reduce(down.select.equals("Min") ? Math::max : Math::min)
                .orElseThrow();
    }
}
