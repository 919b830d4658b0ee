// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.health;

import java.time.Duration;

/** Skeleton. */
public final class HealthCheck {
    private HealthCheck() {}

    /** Who asks. */
    public enum Group {
        /** Restart me if this fails. */
        LIVENESS,
        /** Send me no traffic while this fails. */
        READINESS,
        /** Do not ask the others before this succeeds. */
        STARTUP
    }

    /** Looks. */
    @FunctionalInterface
    public interface Probe {
        /**
         * Looks.
         *
         * @return what was found
         * @throws Exception counts as down
         */
        Health check() throws Exception;
    }

    /**
     * Liveness.
     *
     * @param name its name
     * @param probe what looks
     * @return a check
     */
    public static HealthCheck liveness(String name, Probe probe) {
        throw new UnsupportedOperationException();
    }

    /**
     * Readiness.
     *
     * @param name its name
     * @param probe what looks
     * @return a check
     */
    public static HealthCheck readiness(String name, Probe probe) {
        throw new UnsupportedOperationException();
    }

    /**
     * Startup.
     *
     * @param name its name
     * @param probe what looks
     * @return a check
     */
    public static HealthCheck startup(String name, Probe probe) {
        throw new UnsupportedOperationException();
    }

    /**
     * Timeout.
     *
     * @param timeout how long
     * @return the check
     */
    public HealthCheck timeout(Duration timeout) {
        throw new UnsupportedOperationException();
    }

    /**
     * Cache.
     *
     * @param age how long
     * @return the check
     */
    public HealthCheck cacheFor(Duration age) {
        throw new UnsupportedOperationException();
    }

    /**
     * Failures in a row before the check goes down.
     *
     * @param failures how many
     * @return the check
     */
    public HealthCheck failureThreshold(int failures) {
        throw new UnsupportedOperationException();
    }

    /**
     * Successes in a row before the check goes up again.
     *
     * @param successes how many
     * @return the check
     */
    public HealthCheck successThreshold(int successes) {
        throw new UnsupportedOperationException();
    }

    /**
     * Whether the group goes down with this check.
     *
     * @param critical false: the group is only degraded
     * @return the check
     */
    public HealthCheck critical(boolean critical) {
        throw new UnsupportedOperationException();
    }
}
