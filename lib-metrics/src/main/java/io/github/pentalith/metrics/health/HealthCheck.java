// SPDX-License-Identifier: Apache-2.0
package io.github.pentalith.metrics.health;

import java.time.Duration;
import java.util.Objects;

/**
 * A question about this process, and how to ask it. Immutable; the settings are withers.
 *
 * <p>The probe runs on a thread of the {@link HealthRegistry}'s executor, never twice at once. What it throws, and no
 * answer within the timeout, count as down.
 *
 * <pre>{@code
 * health.register(HealthCheck.readiness("database", () -> {
 *     try (Connection c = pool.getConnection()) {
 *         return c.isValid(1) ? Health.up() : Health.down("not valid");
 *     }
 * }).timeout(Duration.ofSeconds(2)).failureThreshold(3));
 * }</pre>
 *
 * <p>Groups and thresholds are those of Kubernetes' probes.
 */
public final class HealthCheck {
    /** What follows from an answer. */
    public enum Group {
        /** The process is beyond help and must be restarted. Look at nothing outside of the process here. */
        LIVENESS,
        /** The process should get no traffic for now. */
        READINESS,
        /** The process has not started yet. */
        STARTUP
    }

    /** What looks. */
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

    final String name;
    final Group group;
    final Probe probe;
    final Duration timeout;
    final Duration cacheFor;
    final int failureThreshold;
    final int successThreshold;
    final boolean critical;

    private HealthCheck(
            String name,
            Group group,
            Probe probe,
            Duration timeout,
            Duration cacheFor,
            int failureThreshold,
            int successThreshold,
            boolean critical) {
        this.name = name;
        this.group = group;
        this.probe = probe;
        this.timeout = timeout;
        this.cacheFor = cacheFor;
        this.failureThreshold = failureThreshold;
        this.successThreshold = successThreshold;
        this.critical = critical;
    }

    private static HealthCheck of(String name, Group group, Probe probe) {
        if (name.isBlank()) {
            throw new IllegalArgumentException(
                    "name must not be blank: name=\"" + name + "\" (expected: what is asked)");
        }
        return new HealthCheck(
                name,
                group,
                Objects.requireNonNull(probe, "probe"),
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                1,
                1,
                true);
    }

    /**
     * Makes a check of whether the process must be restarted.
     *
     * @param name its name in reports, unique within a registry
     * @param probe what looks
     * @return the check
     */
    public static HealthCheck liveness(String name, Probe probe) {
        return of(name, Group.LIVENESS, probe);
    }

    /**
     * Makes a check of whether the process should get traffic.
     *
     * @param name its name in reports, unique within a registry
     * @param probe what looks
     * @return the check
     */
    public static HealthCheck readiness(String name, Probe probe) {
        return of(name, Group.READINESS, probe);
    }

    /**
     * Makes a check of whether the process has started.
     *
     * @param name its name in reports, unique within a registry
     * @param probe what looks
     * @return the check
     */
    public static HealthCheck startup(String name, Probe probe) {
        return of(name, Group.STARTUP, probe);
    }

    /** {@return the name in reports} */
    public String name() {
        return name;
    }

    /** {@return what follows from an answer} */
    public Group group() {
        return group;
    }

    /**
     * Sets how long a report waits for the answer; then it goes out without, and the check has failed. While the probe
     * hangs on, each further stretch of this length counts as another failure.
     *
     * @param timeout more than zero; 500 ms by default
     * @return the check with this setting
     * @throws IllegalArgumentException if {@code timeout} is not positive
     */
    public HealthCheck timeout(Duration timeout) {
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "timeout must be positive: timeout=" + timeout + " (expected: more than 0, at most 1 day)");
        }
        return new HealthCheck(name, group, probe, timeout, cacheFor, failureThreshold, successThreshold, critical);
    }

    /**
     * Sets for how long an answer is given again without asking.
     *
     * @param age zero to ask every time; 1 s by default
     * @return the check with this setting
     * @throws IllegalArgumentException if {@code age} is negative
     */
    public HealthCheck cacheFor(Duration age) {
        if (age.isNegative() || age.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("age must not be negative: age=" + age + " (expected: 0 to 1 day)");
        }
        return new HealthCheck(name, group, probe, timeout, age, failureThreshold, successThreshold, critical);
    }

    /**
     * Sets how many failures in a row it takes to go down. The very first answer counts at once.
     *
     * @param failures 1 or more; 1 by default
     * @return the check with this setting
     * @throws IllegalArgumentException if {@code failures} is less than 1
     */
    public HealthCheck failureThreshold(int failures) {
        return new HealthCheck(
                name, group, probe, timeout, cacheFor, positive("failures", failures), successThreshold, critical);
    }

    /**
     * Sets how many successes in a row it takes to come up again.
     *
     * @param successes 1 or more; 1 by default
     * @return the check with this setting
     * @throws IllegalArgumentException if {@code successes} is less than 1
     */
    public HealthCheck successThreshold(int successes) {
        return new HealthCheck(
                name, group, probe, timeout, cacheFor, failureThreshold, positive("successes", successes), critical);
    }

    /**
     * Sets whether its group goes down with this check.
     *
     * @param critical false: the group is only degraded; true by default
     * @return the check with this setting
     */
    public HealthCheck critical(boolean critical) {
        return new HealthCheck(name, group, probe, timeout, cacheFor, failureThreshold, successThreshold, critical);
    }

    private static int positive(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    what + " must be positive: " + what + "=" + value + " (expected: 1 or more)");
        }
        return value;
    }

    @Override
    public String toString() {
        return "HealthCheck[" + name + ", " + group + ", timeout=" + timeout + ", cacheFor=" + cacheFor
                + ", failureThreshold=" + failureThreshold + ", successThreshold=" + successThreshold + ", critical="
                + critical + "]";
    }
}
