// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance.scaling;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The HorizontalPodAutoscaler once more, written for slowness: pods one by one, exact decimal arithmetic, a history that is
 * never pruned, seconds as integers. Shares nothing with the code under test but the reading of Kubernetes' source.
 */
final class HpaOracle {
    /** A pod as the metrics server sees it. */
    record Pod(boolean ready, BigDecimal value) {} // value null: no data

    /** One metric at one time: pods for "average", else one number; null = the metric cannot be read. */
    record Reading(List<Pod> pods, BigDecimal number) {}

    /** One metric of the specification. */
    record Wanted(String kind, BigDecimal target) {}

    /** One policy. */
    record Policy(boolean percent, int value, int seconds) {}

    /** One direction. */
    record Direction(int window, BigDecimal tolerance, String select, List<Policy> policies) {}

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
            BigDecimal ratio = divide(reading.number, metric.target.multiply(BigDecimal.valueOf(current)));
            return within(ratio) ? current : ceil(reading.number, metric.target);
        }
        int ready = (int)
                reading.pods.stream().filter(p -> p.ready && p.value != null).count();
        if (metric.kind.equals("value")) {
            BigDecimal ratio = divide(reading.number, metric.target);
            return within(ratio) ? current : ceil(reading.number.multiply(BigDecimal.valueOf(ready)), metric.target);
        }
        Map<Integer, BigDecimal> metrics = new HashMap<>();
        List<Integer> unready = new ArrayList<>();
        List<Integer> missing = new ArrayList<>();
        for (int i = 0; i < reading.pods.size(); i++) {
            Pod pod = reading.pods.get(i);
            if (!pod.ready) {
                unready.add(i);
            } else if (pod.value == null) {
                missing.add(i);
            } else {
                metrics.put(i, pod.value);
            }
        }
        if (metrics.isEmpty()) {
            return null;
        }
        BigDecimal one = BigDecimal.ONE;
        BigDecimal usage = mean(metrics, metric.target);
        boolean scaleUpWithUnready = !unready.isEmpty() && usage.compareTo(one) > 0;
        if (!scaleUpWithUnready && missing.isEmpty()) {
            return within(usage) ? current : ceil(sum(metrics), metric.target);
        }
        if (!missing.isEmpty()) {
            if (usage.compareTo(one) < 0) {
                missing.forEach(pod -> metrics.put(pod, metric.target));
            } else if (usage.compareTo(one) > 0) {
                missing.forEach(pod -> metrics.put(pod, BigDecimal.ZERO));
            }
        }
        if (scaleUpWithUnready) {
            unready.forEach(pod -> metrics.put(pod, BigDecimal.ZERO));
        }
        BigDecimal again = mean(metrics, metric.target);
        if (within(again)
                || (usage.compareTo(one) < 0 && again.compareTo(one) > 0)
                || (usage.compareTo(one) > 0 && again.compareTo(one) < 0)) {
            return current;
        }
        int replicas = ceil(sum(metrics), metric.target);
        if ((again.compareTo(one) < 0 && replicas > current) || (again.compareTo(one) > 0 && replicas < current)) {
            return current;
        }
        return replicas;
    }

    private static BigDecimal sum(Map<Integer, BigDecimal> metrics) {
        return metrics.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static BigDecimal mean(Map<Integer, BigDecimal> metrics, BigDecimal target) {
        return divide(sum(metrics), target.multiply(BigDecimal.valueOf(metrics.size())));
    }

    private static BigDecimal divide(BigDecimal a, BigDecimal b) {
        return a.divide(b, MathContext.DECIMAL128);
    }

    private static int ceil(BigDecimal a, BigDecimal b) {
        return a.divide(b, 0, RoundingMode.CEILING).intValueExact();
    }

    private boolean within(BigDecimal ratio) {
        return BigDecimal.ONE.subtract(down.tolerance).compareTo(ratio) <= 0
                && ratio.compareTo(BigDecimal.ONE.add(up.tolerance)) <= 0;
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
            proposals.add(
                    policy.percent
                            ? BigDecimal.valueOf(start * (100L + policy.value))
                                    .divide(BigDecimal.valueOf(100), 0, RoundingMode.CEILING)
                                    .longValueExact()
                            : start + policy.value);
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
            proposals.add(
                    policy.percent
                            ? BigDecimal.valueOf(start * (100L - policy.value))
                                    .divide(BigDecimal.valueOf(100), 0, RoundingMode.DOWN)
                                    .longValueExact()
                            : start - policy.value);
        }
        return proposals.stream()
                .mapToLong(p -> p)
                .reduce(down.select.equals("Min") ? Math::max : Math::min)
                .orElseThrow();
    }
}
