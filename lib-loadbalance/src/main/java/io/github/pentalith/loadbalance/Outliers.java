// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.loadbalance;

import org.jspecify.annotations.Nullable;

/**
 * Ejects endpoints whose calls fail, and takes them back. Verdicts only leave a wish at the node; everything is decided by
 * the thread that rebuilds the table, one at a time, so the limit on how many are ejected holds at every moment.
 */
final class Outliers {
    private final OutlierDetection settings;
    private final long interval;
    private final long base;
    private final long max;
    private volatile boolean sweepDue;

    Outliers(OutlierDetection settings) {
        this.settings = settings;
        this.interval = Require.nanos(settings.interval);
        this.base = Require.nanos(settings.baseEjection);
        this.max = Require.nanos(settings.maxEjection);
    }

    long interval() {
        return interval;
    }

    void sweepAtNextRebuild() {
        sweepDue = true;
    }

    /** Notes a verdict; true if the endpoint should be ejected. */
    boolean verdict(Node<?> node, Outcome outcome) {
        switch (outcome) {
            case SUCCESS -> node.health.succeeded();
            case SERVER_ERROR, LOCAL_ERROR, TIMEOUT -> {
                if (node.health.failed() == settings.consecutiveFailures) {
                    node.health.wish = settings.consecutiveFailures + " failures in a row";
                    return true;
                }
            }
            default -> {
                return false; // says nothing
            }
        }
        return false;
    }

    /** Brings all ejections up to date. Returns when to look again, in nanoseconds from now, or -1. */
    long decide(Node<?>[] nodes, long now) {
        if (sweepDue) {
            sweepDue = false;
            sweep(nodes, now);
        }
        int serving = 0;
        int ejected = 0;
        for (Node<?> node : nodes) {
            NodeHealth health = node.health;
            if (health.ejected() && now - health.ejectedUntil >= 0) {
                health.readmit();
            }
            serving += node.endpoint().weight() > 0 ? 1 : 0;
            ejected += health.ejected() && node.endpoint().weight() > 0 ? 1 : 0;
        }
        int limit = (int) (settings.maxEjected * serving + 1e-9);
        for (; ejected > limit; ejected--) { // the fleet has shrunk
            NodeHealth first = firstToReturn(nodes);
            if (first != null) {
                first.readmit();
            }
        }
        long next = -1;
        for (Node<?> node : nodes) {
            NodeHealth health = node.health;
            String wish = health.wish;
            if (wish != null) {
                health.wish = null;
                if (!health.ejected() && node.endpoint().weight() > 0 && ejected < limit) {
                    ejected++;
                    health.eject(wish, now, duration(health.ejections + 1));
                } else if (!health.ejected()) {
                    health.forgive(); // so that the next row of failures asks again
                }
            }
            if (health.ejected()) {
                long wait = health.ejectedUntil - now;
                next = next < 0 ? wait : Math.min(next, wait);
            }
        }
        return next;
    }

    private long duration(int times) {
        return times > max / base ? max : base * times;
    }

    private static @Nullable NodeHealth firstToReturn(Node<?>[] nodes) {
        NodeHealth first = null;
        for (Node<?> node : nodes) {
            boolean counts = node.health.ejected() && node.endpoint().weight() > 0;
            if (counts && (first == null || node.health.ejectedUntil - first.ejectedUntil < 0)) {
                first = node.health;
            }
        }
        return first;
    }

    private void sweep(Node<?>[] nodes, long now) {
        int hosts = 0;
        double sum = 0;
        double squares = 0;
        for (Node<?> node : nodes) {
            node.health.endInterval();
            if (node.health.calls >= settings.minimumCalls) {
                double rate = node.health.successRate();
                hosts++;
                sum += rate;
                squares += rate * rate;
            }
        }
        double mean = hosts == 0 ? 0 : sum / hosts;
        double deviation = hosts == 0 ? 0 : Math.sqrt(Math.max(0, squares / hosts - mean * mean));
        double least = mean - settings.successRateFactor * deviation;
        for (Node<?> node : nodes) {
            NodeHealth health = node.health;
            if (health.ejected()) {
                continue;
            }
            double rate = health.successRate();
            boolean judged = health.calls >= settings.minimumCalls;
            if (judged && hosts >= OutlierDetection.MINIMUM_HOSTS && rate < least - 1e-9) {
                health.wish = String.format(java.util.Locale.ROOT, "success rate %.3f, fleet %.3f", rate, mean);
            } else if (judged && settings.failureShare < 1 && 1 - rate > settings.failureShare) {
                health.wish = String.format(java.util.Locale.ROOT, "share of failures %.3f", 1 - rate);
            }
            // An interval of which a part was spent in ejection says nothing about the endpoint.
            if (health.wish == null && health.ejections > 0 && now - health.ejectedUntil >= interval) {
                health.ejections--;
            }
        }
    }
}
